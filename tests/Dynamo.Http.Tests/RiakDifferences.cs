namespace Dynamo.Http.Tests;

/// <summary>One captured exchange that is answered differently here, on purpose.</summary>
/// <param name="File">The capture file.</param>
/// <param name="Title">The exchange's title, or its beginning.</param>
/// <param name="Status">Our status; headers and body are not compared.</param>
/// <param name="Why">The reason.</param>
internal sealed record RiakDifference(string File, string Title, int Status, string Why);

/// <summary>Every deliberate difference from Riak 3.2.3 that its captured exchanges show.</summary>
/// <remarks>
/// General ones, applied by the comparison: a 204 or 201 bears X-Riak-Vclock; statuses have their standard
/// phrases; errors are text/plain with one sentence where Riak has an HTML page; no Server header; allow_mult is true by default.
/// </remarks>
internal static class RiakDifferences
{
    private const string Garbage = "a context that is garbage is the client's mistake, not a fault of the server";
    private const string Range = "the same refusal; the sentence names the parameter and its range";
    private const string NoLinks = "links and secondary indexes are not part of this dialect: such headers are ignored";
    private const string Method = "a method that is not possible here is 405 with Allow, known or not";
    private const string Hidden = "a live sibling hides a tombstone";

    public static readonly RiakDifference[] All =
    [
        new("04_http_putget", "PUT with meta, index, link", 200, NoLinks),
        new("04_http_putget", "GET with meta", 200, NoLinks),
        new("04_http_putget", "PUT w larger than n", 400, Range),
        new("04_http_putget", "GET r larger than n", 400, Range),
        new("04_http_putget", "GET r=0", 400, "no read is satisfied by nobody"),
        new("04_http_putget", "GET timeout=1", 503, "the sentence goes on with how many replicas answered"),
        new("05_http_conditional", "PUT X-Riak-If-Not-Modified with stale", 400, "contexts are opaque; If-Match does this"),
        new("05_http_conditional", "PUT X-Riak-If-Not-Modified with current", 400, "contexts are opaque; If-Match does this"),
        new("06_http_siblings", "PUT returnbody adding a sibling, multipart", 300, "what a PUT answers does not follow Accept"),
        new("07_http_delete", "GET 5 s after delete", 404, "tombstones are reaped when it is safe, not after three seconds"),
        new("07_http_delete", "GET siblings with tombstone", 200, Hidden),
        new("07_http_delete", "GET siblings with tombstone multipart", 406, Hidden + ", and one value is not multipart"),
        new("07_http_delete", "GET vtag=50MA2pPa9EMekT9r0S8vr9", 404, Hidden),
        new("08_http_lists", "buckets without parameter", 400, "a missing parameter is no fault of the server"),
        new("08_http_lists", "2i $key", 404, "there are no secondary indexes"),
        new("08_http_lists", "2i $bucket", 404, "there are no secondary indexes"),
        new("09_http_props", "put props invalid value", 400, "one sentence as text, not JSON"),
        new("09_http_props", "put props invalid allow_mult", 400, "one sentence as text, not JSON"),
        new("13_http_errors", "PUT bad vclock, not base64", 400, Garbage),
        new("13_http_errors", "PUT bad vclock, base64 of rubbish", 400, Garbage),
        new("13_http_errors", "DELETE bad vclock", 400, Garbage),
        new("13_http_errors", "PUT bad Link header", 204, NoLinks),
        new("13_http_errors", "PUT bad index field", 204, NoLinks),
        new("13_http_errors", "PUT unknown index type", 204, NoLinks),
        new("13_http_errors", "PATCH", 405, Method),
        new("13_http_errors", "unsupported method FOO", 405, Method),
        new("13_http_errors", "PUT pr unattainable", 400, Range),
        new("13_http_errors", "empty bucket PUT", 400, "the sentence says that the bucket is empty"),
    ];

    /// <summary>The difference that an exchange shows; null when there must be none.</summary>
    public static RiakDifference? Of(Capture capture) => All
        .Where(d => d.File == capture.File && capture.Title.StartsWith(d.Title, StringComparison.Ordinal))
        .MaxBy(static d => d.Title.Length);

    /// <summary>Whether it is about bucket types themselves, which a later issue brings.</summary>
    public static bool IsForLater(Capture capture) =>
        capture.Target.StartsWith("/types/", StringComparison.Ordinal)
        && !capture.Target.StartsWith("/types/kv/buckets/demo/keys/", StringComparison.Ordinal);
}
