using Dynamo.Core;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Http;

/// <summary>The headers that carry a value's content type, encoding and metadata, in both directions.</summary>
internal static class ValueHeaders
{
    private const string MetaPrefix = "X-Riak-Meta-";

    /// <summary>The value that a request stores; "" when it can be, else one sentence.</summary>
    public static string Read(HttpRequest request, out Value value)
    {
        var metadata = Value.NoMetadata;
        foreach (var (name, text) in request.Headers)
            if (name.Length > MetaPrefix.Length && name.StartsWith(MetaPrefix, StringComparison.OrdinalIgnoreCase))
                metadata = metadata.SetItem(name[MetaPrefix.Length..], string.Join(", ", text.ToArray()));
        var encoding = request.Headers.ContentEncoding.ToString();
        value = new Value
        {
            ContentType = request.ContentType ?? "",
            ContentEncoding = encoding.Equals("identity", StringComparison.OrdinalIgnoreCase) ? "" : encoding,
            Metadata = metadata,
        };
        return value.ContentType.Length == 0 ? "Missing Content-Type request header" : value.Check();
    }

    /// <summary>A value's content type as a header can carry it.</summary>
    public static string ContentType(Value value) =>
        value.ContentType.Length == 0 ? Value.DefaultContentType : Text(value.ContentType);

    /// <summary>A value's other headers, by name. Values can come from elsewhere than HTTP, so nothing is trusted.</summary>
    public static IEnumerable<(string Name, string Text)> Of(Value value)
    {
        if (value.ContentEncoding.Length > 0) yield return ("Content-Encoding", Text(value.ContentEncoding));
        foreach (var (name, text) in value.Metadata)
            if (IsToken(name)) yield return (MetaPrefix + name, Text(text));
    }

    /// <summary>When a version was written, to the second, as HTTP dates go.</summary>
    public static DateTimeOffset Modified(Sibling sibling)
    {
        const long latest = 253_402_300_799; // 9999-12-31T23:59:59Z
        return DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(sibling.Timestamp / 1_000_000, 0, latest));
    }

    // A line break would begin another header.
    private static string Text(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c)) : text;

    private static bool IsToken(string name)
    {
        foreach (var c in name)
            if (!char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c)) return false;
        return name.Length > 0;
    }
}
