using System.Globalization;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>GET, HEAD and POST of a counter, as in Riak 1.4: the value as a text, and what to add as a text.</summary>
/// <remarks>
/// Deleting one is deleting the key. What is said of increments that end as failures holds here too: a 503 that says that the
/// write may still take effect leaves open whether it counts, and sending it again may count twice.
/// </remarks>
internal static class CounterEndpoint
{
    // The lowest long has 20 characters; blanks around the number are forgiven.
    private const int MaxBodyBytes = 64;

    public static async Task Get(Exchange x)
    {
        if (Refuse(x, out var query) is { } refused)
        {
            await refused;
            return;
        }

        var outcome = await x.Node.Execute(new GetRequest(x.Key, query.Get));
        await (outcome is not Found found ? Answer.Failure(x, outcome)
            : Counter.ValueOf(found.Siblings) is { } value ? Show(x, value)
            : Answer.NotFound(x));
    }

    public static async Task Add(Exchange x)
    {
        if (Refuse(x, out var query) is { } refused)
        {
            await refused;
            return;
        }

        if (await BodyReader.Read(x.Request, MaxBodyBytes, x.Aborted) is not { } body || !TryRead(body, out var delta))
        {
            await Answer.Text(
                x, 400, "The body must be a whole number of 64 bits to add to the counter, such as 1 or -5.");
            return;
        }

        var shows = x.Target.Query("returnvalue") == "true";
        var outcome = await x.Node.Execute(new IncrementRequest(x.Key, delta, query.Put with { ReturnBody = shows }));
        // The coordinator may know properties that have not come here yet.
        await (outcome is BadRequest { Reason: IncrementRequest.NeedsSiblings } ? Answer.Text(x, 409, outcome.Sentence)
            : outcome is not Stored stored ? Answer.Failure(x, outcome)
            : shows ? Show(x, Counter.ValueOf(stored.Siblings) ?? 0)
            : Answer.Empty(x, 204));
    }

    // In a bucket that shows the latest version alone a counter would be one entry of several, so it is refused there.
    private static Task? Refuse(Exchange x, out OperationQuery query)
    {
        var bucket = x.Node.Properties(x.Bucket);
        var wrong = OperationQuery.Read(x.Target, bucket.NVal, out query);
        if (wrong.Length > 0) return Answer.Text(x, 400, wrong);
        return bucket.IsLastWriteWins ? Answer.Text(x, 409, IncrementRequest.NeedsSiblings) : null;
    }

    private static bool TryRead(byte[] body, out long delta) => long.TryParse(
        Encoding.Latin1.GetString(body).AsSpan().Trim(" \t\r\n"), NumberStyles.AllowLeadingSign,
        CultureInfo.InvariantCulture, out delta);

    private static Task Show(Exchange x, Int128 value) => Answer.Bytes(
        x.Http, 200, "text/plain", Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
}
