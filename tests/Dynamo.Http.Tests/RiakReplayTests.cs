using System.Text;
using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>
/// Replays what was captured from a real Riak 3.2.3, exchange by exchange. Status, the headers that matter and the
/// body must be Riak's, but for the lines of <see cref="RiakDifferences"/>.
/// </summary>
public sealed class RiakReplayTests
{
    private readonly FakeNode _node = new();
    private readonly Dictionary<string, string> _ours = [];

    [Theory]
    [InlineData("01_http_ping", 3)]
    [InlineData("02_http_stats", 4)]
    [InlineData("03_http_resources", 3)]
    [InlineData("04_http_putget", 30)]
    [InlineData("05_http_conditional", 12)]
    [InlineData("06_http_siblings", 24)]
    [InlineData("07_http_delete", 13)]
    [InlineData("08_http_lists", 13)]
    [InlineData("09_http_props", 12)]
    [InlineData("13_http_errors", 18)]
    public async Task Riaks_exchanges_are_answered_as_by_Riak(string file, int exchanges)
    {
        await using var server = await DynamoHttp.StartAsync(_node, new HttpOptions());
        var captures = Capture.Read(file).Where(static c => !RiakDifferences.IsForLater(c)).ToList();
        Assert.Equal(exchanges, captures.Count);
        Prepare(file);

        var problems = new List<string>();
        foreach (var capture in captures)
        {
            var kept = _node.Stored("typed-demo", "s");
            Before(capture.Title);
            var answer = await Ask(server.Port, capture);
            Learn(capture.Answer, answer);
            problems.AddRange(Differences(capture, answer));
            // Riak refused this write, so that the exchanges after it do not know of it.
            if (capture.Title == "PUT returnbody adding a sibling, multipart") _node.Restore("typed-demo", "s", kept!);
        }

        Assert.True(problems.Count == 0, string.Join("\n\n", problems));
        var titles = RiakDifferences.All.Where(d => d.File == file);
        Assert.Empty(titles.Where(d => !captures.Exists(c => RiakDifferences.Of(c) == d)).Select(static d => d.Title));
    }

    private IEnumerable<string> Differences(Capture capture, RawAnswer answer)
    {
        var difference = RiakDifferences.Of(capture);
        var expected = difference?.Status ?? capture.Answer.Status;
        var found = answer.Status == expected ? [] : new List<string> { $"status {answer.Status}, not {expected}" };
        if (difference is null) found.AddRange(Comparison.Of(capture, answer, Ours));
        if (found.Count > 0) yield return $"{capture.File}: {capture.Title}: {string.Join("; ", found)}\n{answer.Wire}";
    }

    // What a file takes for granted. Riak's default buckets have allow_mult=false, which "demo" has here by hand.
    private void Prepare(string file)
    {
        _node.SetProperties("demo", BucketProperties.Standard with { AllowMult = false });
        switch (file)
        {
            case "05_http_conditional":
                Seed("demo", "a", "v3", "7lrsocDjns88WQrVnozfjR", "a85hYGBgzGDKBVI8R4M2cisx9K0DslkymBKZ81gZokpLnvBlAQA=");
                break;
            case "07_http_delete":
                Seed("typed-demo", "d", "d", "", "a85hYGBgzGDKBVI8R4M2civ+OTwLyGbOYEpkzGNlSCotecKXBQA=");
                Seed("demo", "q", "q", "", "");
                const string stale = "a85hYGBgzGDKBVI8R4M2cisxHgqHCCUy5rEypJeWPOHLAgA=";
                Seed("typed-demo", "d2", "d2", "", stale);
                _node.Seed("typed-demo", "d2", Text("d3"), Convert.FromBase64String(_ours[stale]));
                _ours["R1MPuT6pj1oSdKReQrp2L"] = Vtag.Of(_node.Stored("typed-demo", "d2")!.Siblings);
                break;
            case "08_http_lists":
                foreach (var key in (string[])["brandnew", "56KSYNBIaJIdtzzeXSHlOo5bV9H", "meta", "oldkey", "q",
                    "Y5IZTOK7vDZUCArdtd72cbnHqxF", "postkey", "a", "empty", "a/b c"]) Seed("demo", key, "v", "", "");
                foreach (var bucket in (string[])["fx", "exch", "fxmult", "exchmult", "demomult"]) Seed(bucket, "k", "v", "", "");
                break;
            case "13_http_errors":
                Seed("demo", "a", "n", "2wsLp6K3eiLCyfcECg9tjI", "");
                break;
        }
    }

    // What happened between two exchanges without being captured.
    private void Before(string title)
    {
        _node.Instead = title == "GET timeout=1"
            ? static _ => Task.FromResult<Outcome>(new TimedOut(QuorumKind.R, 2, 1))
            : null;
        const string resolved = "a85hYGBgzGDKBVI8R4M2cisxfPYCslkzmBJZ81gZEkpLnvBlAQA=";
        if (title == "PUT with a stale vclock (sibling arises)")
            _node.Seed("typed-demo", "s", Text("newer"), Convert.FromBase64String(_ours[resolved]));
    }

    private void Seed(string bucket, string key, string text, string theirTag, string theirContext)
    {
        var context = _node.Seed(bucket, key, Text(text));
        if (theirTag.Length > 0) _ours[theirTag] = Vtag.Of(_node.Stored(bucket, key)!.Siblings);
        if (theirContext.Length > 0) _ours[theirContext] = Convert.ToBase64String(context);
    }

    private static Value Text(string text) => new() { ContentType = "text/plain", Body = Encoding.UTF8.GetBytes(text) };

    private Task<RawAnswer> Ask(int port, Capture capture)
    {
        var chunked = capture.Headers.Exists(static h => h.Name == "Transfer-Encoding");
        var version = capture.Title.StartsWith("HTTP/1.0", StringComparison.Ordinal) ? "1.0" : "1.1";
        var request = new StringBuilder($"{capture.Method} {Ours(capture.Target)} HTTP/{version}\r\nConnection: close\r\n");
        foreach (var (name, value) in capture.Headers) request.Append($"{name}: {Ours(value)}\r\n");
        request.Append("\r\n");
        request.Append(chunked ? $"{capture.Body.Length:x}\r\n{capture.Body}\r\n0\r\n\r\n" : capture.Body);
        return RawHttp.Send(port, request.ToString());
    }

    // Their bucket demo of type kv is our bucket typed-demo; contexts and tags are the ones learnt from our answers.
    private string Ours(string text)
    {
        text = text.Replace("/types/kv/buckets/demo", "/buckets/typed-demo");
        foreach (var (theirs, ours) in _ours) text = text.Replace(theirs, ours);
        return text;
    }

    private void Learn(RawAnswer theirs, RawAnswer ours)
    {
        foreach (var header in (string[])["X-Riak-Vclock", "ETag"])
            if (theirs.Header(header) is { } their && ours.Header(header) is { } our)
                _ours.TryAdd(their.Trim('"'), our.Trim('"'));
        var ourParts = Comparison.Parts(ours);
        foreach (var (body, part) in Comparison.Parts(theirs))
            if (ourParts.TryGetValue(body, out var our)) _ours.TryAdd(part.Tag, our.Tag);
    }
}
