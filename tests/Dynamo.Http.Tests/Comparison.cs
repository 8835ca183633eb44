using System.Text.Json;

namespace Dynamo.Http.Tests;

/// <summary>A part of a multipart body: its vtag, and the headers that do not differ between servers.</summary>
internal sealed record Part(string Tag, string Headers);

/// <summary>Compares our answer with a captured one.</summary>
internal static class Comparison
{
    // Dates and names differ; that they are there must not.
    private static readonly string[] SamePresence = ["X-Riak-Vclock", "ETag", "Last-Modified", "Location"];
    private static readonly string[] SameValue = ["X-Riak-Deleted", "X-Riak-Meta-Owner", "X-Riak-Meta-N", "Allow"];

    /// <summary>What differs without leave, each in a few words.</summary>
    public static IEnumerable<string> Of(Capture capture, RawAnswer ours, Func<string, string> translate)
    {
        var theirs = capture.Answer;
        foreach (var name in SamePresence)
            if ((ours.Header(name) is null) != (theirs.Header(name) is null)
                && !(name == "X-Riak-Vclock" && ours.Status is 201 or 204)) yield return $"{name} is {ours.Header(name) ?? "absent"}";
        foreach (var name in SameValue)
            if (ours.Header(name) != theirs.Header(name)) yield return $"{name} is {ours.Header(name)}, not {theirs.Header(name)}";
        if (theirs.Header("Link") is { } link && link.Contains("rel=\"up\"") && ours.Header("Link")?.Contains("rel=\"up\"") != true)
            yield return "Link does not lead up";
        if (theirs.Status is 204 or 304 && ours.Body.Length > 0) yield return "there is a body";

        var type = theirs.Header("Content-Type") ?? "";
        if (theirs.Status is 204 or 304 || (type == "text/html" && (capture.Target, theirs.Status) != ("/ping", 200))) yield break;
        var ourType = ours.Header("Content-Type") ?? "";
        if (theirs.Header("Content-Length") == "0" && theirs.Status == 201) yield break;
        if (theirs.Header("Content-Type") is not null && Kind(ourType) != Kind(type))
            yield return $"Content-Type is {ourType}, not {type}";
        if (capture.Method != "HEAD" && !SameBody(capture, ours, Kind(type), translate))
            yield return $"the body is not {theirs.Body.TrimEnd()}";
    }

    /// <summary>The parts of a multipart answer by their bodies; empty for any other.</summary>
    public static SortedDictionary<string, Part> Parts(RawAnswer answer)
    {
        var parts = new SortedDictionary<string, Part>(StringComparer.Ordinal);
        var type = answer.Header("Content-Type") ?? "";
        var at = type.IndexOf("boundary=", StringComparison.Ordinal);
        if (at < 0) return parts;
        foreach (var text in answer.Body.Replace("\r\n", "\n").Split("\n--" + type[(at + 9)..]).Skip(1).SkipLast(1))
        {
            var end = text.IndexOf("\n\n", StringComparison.Ordinal);
            var headers = text[1..end].Split('\n').ToLookup(static l => l[..l.IndexOf(':')], static l => l[(l.IndexOf(':') + 2)..]);
            var same = headers.Where(static h => h.Key is not ("Etag" or "Last-Modified" or "Link")).Select(static h => $"{h.Key}: {h.First()}");
            parts.Add(text[(end + 2)..], new Part(headers["Etag"].Single(), string.Join('\n', same)));
        }

        return parts;
    }

    private static bool SameBody(Capture capture, RawAnswer ours, string kind, Func<string, string> translate)
    {
        var theirs = capture.Answer;
        if (capture.Target is "/stats" or "/") return true;
        if (kind == "multipart/mixed")
            return Parts(theirs).Select(static p => (p.Key, p.Value.Headers))
                .SequenceEqual(Parts(ours).Select(static p => (p.Key, p.Value.Headers)));
        if (theirs.Body.StartsWith("Siblings:\n", StringComparison.Ordinal))
            return ours.Body.StartsWith("Siblings:\n", StringComparison.Ordinal)
                && ours.Body.Count(static c => c == '\n') == theirs.Body.Count(static c => c == '\n');
        if (kind == "application/json" && theirs.Body != "{}" && !theirs.Body.Contains("{\"a\":1}")) return SameJson(theirs.Body, ours.Body);
        return ours.Body.TrimEnd('\n') == translate(theirs.Body).TrimEnd('\n');
    }

    // Names in any order and in any chunks; of the properties, those that both have.
    private static bool SameJson(string theirs, string ours)
    {
        var (their, our) = (Read(theirs), Read(ours));
        return their.Names.SetEquals(our.Names)
            && our.Props.Count > 0 == their.Props.Count > 0
            && our.Props.All(p => p.Key == "allow_mult" || their.Props.GetValueOrDefault(p.Key) == p.Value);
    }

    private static (HashSet<string> Names, Dictionary<string, string> Props) Read(string body)
    {
        var names = new HashSet<string>();
        var props = new Dictionary<string, string>();
        foreach (var line in body.Replace("}{", "}\n{").Split('\n').Where(static l => l.StartsWith('{')))
        {
            using var document = JsonDocument.Parse(line);
            foreach (var property in document.RootElement.EnumerateObject())
                if (property.Name is "keys" or "buckets") names.UnionWith(property.Value.EnumerateArray().Select(static k => k.GetString()!));
                else if (property.Name == "props")
                    foreach (var prop in property.Value.EnumerateObject()) props[prop.Name] = prop.Value.GetRawText();
        }

        return (names, props);
    }

    private static string Kind(string contentType) => contentType.Split("; boundary")[0];
}
