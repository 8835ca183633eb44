using System.Text;
using Dynamo.Core;
using Dynamo.Http;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Fuzz;

/// <summary>Targets of requests: path, query, and what an operation's parameters make of it.</summary>
public sealed class QueryTarget : FuzzTarget
{
    private static readonly string[] Parts =
    [
        "/", "buckets", "riak", "keys", "?", "&", "=", "%", "%2F", "%FF", "%zz", "%c3", "+", "..", "//", "r=", "w=", "pr=", "dw=", "pw=", "rw=", "timeout=",
        "returnbody=", "notfound_ok=", "basic_quorum=", "vtag=", "true", "false", "default", "quorum", "all", "one", "-1", "0", "1", "3", "2147483648",
        "99999999999999999999", "1e9", "3600000", "3600001", "\ud800", "é", "\0", "://", "http://h",
    ];

    public override string Name => "query";

    public override IReadOnlyList<string> Expected => ["operation: read", "operation: refused", "anything: read", "list: read"];

    public override long? MostAllocated(int inputBytes) => 20_000 + (1_000L * inputBytes);

    public override byte[] Make(Prng random, out string kind)
    {
        string[] kinds = ["operation", "anything", "list"];
        kind = kinds[random.Below(3)];
        var text = (kind == "operation" ? "/buckets/b/keys/k?" : kind == "list" ? "/buckets?buckets=true&timeout=" : "") + Words(random, Parts, 9);
        return Encoding.UTF8.GetBytes(text);
    }

    public override string Try(ReadOnlyMemory<byte> input)
    {
        var target = RequestTarget.Parse(Encoding.UTF8.GetString(input.Span));
        foreach (var segment in target.Segments)
        {
            if (!Percent.TryDecode(segment, false, out var bytes)) continue;
            if (!Percent.TryDecode(Percent.Encode(bytes), false, out var again) || !again.AsSpan().SequenceEqual(bytes))
                throw new FuzzException($"{segment} written anew means something else.");
            if (Percent.TryText(bytes, out var text)) _ = Key.CheckBucket(text);
            Key.TryCreate("b", bytes, out _, out _);
        }

        const int n = 3;
        if (OperationQuery.Read(target, n, out var query) is { Length: > 0 } sentence) return Refused(sentence);
        foreach (var size in (QuorumSize[])[query.Get.R, query.Put.W])
            if (!size.IsDefault && size.Resolve(n) is < 1 or > n) throw new FuzzException($"{size} of {n} was let pass.");
        return "read";
    }
}

/// <summary>Conditional headers against what is there.</summary>
public sealed class PreconditionsTarget : FuzzTarget
{
    private static readonly string[] Parts =
        ["\"tag\"", "tag", "W/", "*", ",", " ", "\"", "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday", "2026-01-01", "\0", "é", "\"\"", "99999999999", "-"];

    public override string Name => "preconditions";

    public override IReadOnlyList<string> Expected => ["Proceed", "NotModified", "Failed"];

    public override byte[] Make(Prng random, out string kind)
    {
        kind = "headers";
        return Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 4).Select(_ => random.Chance(0.5) ? "" : Words(random, Parts, 4))));
    }

    public override string Try(ReadOnlyMemory<byte> input)
    {
        var lines = Encoding.UTF8.GetString(input.Span).Split('\n');
        var headers = new HeaderDictionary();
        string[] names = ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"];
        foreach (var (name, value) in names.Zip(lines)) headers[name] = value;
        var conditions = new Preconditions(headers);
        var modified = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        if (conditions.AllowWrite("tag", modified) && !conditions.ConcernWrites && conditions.HasIfMatch) throw new FuzzException("If-Match was forgotten.");
        return conditions.OnRead("tag", modified).ToString();
    }
}

/// <summary>JSON bodies: properties of buckets, and changes of the membership.</summary>
public sealed class JsonTarget : FuzzTarget
{
    private static readonly string[] Parts =
    [
        "{", "}", "[", "]", ":", ",", "\"props\"", "\"n_val\"", "\"r\"", "\"w\"", "\"allow_mult\"", "\"node\"", "\"weight\"", "\"zone\"", "\"force\"", "\"by\"",
        "1", "-5", "1e400", "0.5", "99999999999999999999", "\"all\"", "\"quorum\"", "true", "false", "null", "\"\\ud800\"", "\"\\u0000\"", " ", "\"node1\"", "//", "\ufeff",
    ];

    private static readonly string[] Good =
    [
        """{"props":{"n_val":3,"r":"quorum","w":2,"allow_mult":true}}""", """{"props":{"last_write_wins":false,"pr":0,"dw":"one"}}""",
        """{"node":"node4","weight":2,"zone":"b","by":"me"}""", """{"node":"node2","force":true}""", """{"old":"node1","new":"node9"}""",
    ];

    public override string Name => "json";

    public override IReadOnlyList<string> Expected => ["valid: read", "mutated: read", "mutated: refused", "words: refused", "cut: refused", "deep: refused"];

    public override byte[] Make(Prng random, out string kind)
    {
        kind = "words";
        if (random.Chance(0.01))
        {
            kind = "deep";
            return Encoding.UTF8.GetBytes("{\"props\":" + string.Concat(Enumerable.Repeat(random.Chance(0.5) ? "[" : "{\"a\":", 1 + random.Below(2000))));
        }

        return random.Chance(0.4)
            ? Encoding.UTF8.GetBytes((random.Chance(0.5) ? "{\"props\":{\"n_val\":" : "{") + Words(random, Parts, 8) + "}}")
            : Damage(random, Encoding.UTF8.GetBytes(Good[random.Below(Good.Length)]), Encoding.UTF8.GetBytes(Good[random.Below(Good.Length)]), out kind);
    }

    public override string Try(ReadOnlyMemory<byte> input)
    {
        var sentence = PropertiesEndpoint.Apply(input, BucketProperties.Standard, out var changed);
        if (sentence.Length == 0 && changed.Check() is { Length: > 0 }) _ = "refused by the check that follows";
        foreach (var kind in (string[])["join", "leave", "remove", "replace", "weight"])
        {
            var known = MembershipBody.Known(kind);
            if (MembershipBody.Read(input, known, out var body) is { Length: > 0 } wrong) Refused(wrong);
            else
            {
                _ = (body.Text("node"), body.Weight);
                sentence = "";
            }
        }

        return sentence.Length == 0 ? "read" : Refused(sentence);
    }
}
