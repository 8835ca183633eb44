using System.Text.Json;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>Lists of buckets and of a bucket's keys, whole or streamed page by page.</summary>
/// <remarks>
/// A failure before the first page is a status; in a stream that has begun it is a last object, <c>{"error":"…"}</c>.
/// </remarks>
internal static class ListEndpoints
{
    /// <summary>The most that a list in one piece may have, in bytes of names; more must be streamed.</summary>
    private const int MaxWholeBytes = 64 << 20;

    public static Task Buckets(Exchange x) => x.Target.Query("buckets") switch
    {
        "true" or "stream" => List(x, null, "buckets", x.Target.Query("buckets")!, null),
        _ => Answer.Text(x, 400, "Ask for the buckets with buckets=true or buckets=stream."),
    };

    public static Task Keys(Exchange x) => x.Target.Query("keys") switch
    {
        "true" or "stream" => List(x, x.Bucket, "keys", x.Target.Query("keys")!, null),
        _ => Answer.Json(x, static json =>
        {
            json.WriteStartObject();
            json.WriteEndObject();
        }),
    };

    /// <summary>GET /riak/bucket: properties unless props=false, and keys when asked for.</summary>
    public static Task OldBucket(Exchange x)
    {
        var props = x.Target.Query("props") == "false" ? null : x.Node.Properties(x.Bucket);
        return x.Target.Query("keys") switch
        {
            "true" or "stream" => List(x, x.Bucket, "keys", x.Target.Query("keys")!, props),
            _ => Answer.Json(x, json =>
            {
                json.WriteStartObject();
                if (props is not null) PropertiesEndpoint.Write(json, x.Bucket, props);
                json.WriteEndObject();
            }),
        };
    }

    private static async Task List(Exchange x, string? bucket, string label, string mode, BucketProperties? props)
    {
        if (OperationQuery.Timeout(x.Target, out var timeout) is { Length: > 0 } wrong)
        {
            await Answer.Text(x, 400, wrong);
            return;
        }

        // Listing is dear, and whoever sends HEAD does not want the names.
        if (x.IsMethod("HEAD"))
        {
            x.Response.ContentType = "application/json";
            return;
        }

        var pages = x.Node.List(new ListRequest(bucket, timeout), x.Aborted);
        await (mode == "stream" ? Stream(x, pages, label, props) : Whole(x, pages, label, props));
    }

    private static async Task Whole(Exchange x, IAsyncEnumerable<Outcome> pages, string label, BucketProperties? props)
    {
        var names = new List<ReadOnlyMemory<byte>>();
        var bytes = 0L;
        await foreach (var page in pages.WithCancellation(x.Aborted))
        {
            if (page is not Listing listing)
            {
                await Answer.Failure(x, page);
                return;
            }

            names.AddRange(listing.Names);
            foreach (var name in listing.Names) bytes += name.Length;
            if (bytes > MaxWholeBytes)
            {
                await Answer.Text(x, 503, $"The list has more than {MaxWholeBytes} bytes; ask for {label}=stream.");
                return;
            }

            if (listing.Last) break;
        }

        await Answer.Json(x, json => Write(json, x.Bucket, label, names, props));
    }

    private static async Task Stream(Exchange x, IAsyncEnumerable<Outcome> pages, string label, BucketProperties? props)
    {
        var begun = false;
        await foreach (var page in pages.WithCancellation(x.Aborted))
        {
            if (!begun && page is not Listing)
            {
                await Answer.Failure(x, page);
                return;
            }

            if (!begun) x.Response.ContentType = "application/json";
            if (!begun && props is not null) await Chunk(x, json => Write(json, x.Bucket, null, [], props));
            begun = true;
            if (page is not Listing listing)
            {
                await Chunk(x, json => WriteError(json, page.Sentence));
                return;
            }

            var isHeard = await Chunk(x, json => Write(json, x.Bucket, label, listing.Names, null));
            if (listing.Last || !isHeard) return;
        }
    }

    // One write is one chunk, and a client reads one object from each. False when the client has gone.
    private static async Task<bool> Chunk(Exchange x, Action<Utf8JsonWriter> write)
    {
        var written = await x.Response.BodyWriter.WriteAsync(Answer.JsonBytes(write), x.Aborted);
        return !written.IsCompleted;
    }

    private static void Write(
        Utf8JsonWriter json, string bucket, string? label, IEnumerable<ReadOnlyMemory<byte>> names, BucketProperties? props)
    {
        json.WriteStartObject();
        if (props is not null) PropertiesEndpoint.Write(json, bucket, props);
        if (label is not null)
        {
            json.WriteStartArray(label);
            foreach (var name in names) json.WriteStringValue(Percent.Readable(name.Span));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter json, string sentence)
    {
        json.WriteStartObject();
        json.WriteString("error", sentence);
        json.WriteEndObject();
    }
}
