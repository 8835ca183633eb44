using System.Text;
using Dynamo.Core;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Http;

/// <summary>PUT, POST and DELETE of a key, and POST to a bucket, where the server makes the key.</summary>
internal static class WriteEndpoints
{
    public static Task Put(Exchange x) => Store(x, created: false);

    public static Task Create(Exchange x)
    {
        x.NamedKey = Key.Of(x.Bucket, Vtag.Random());
        return Store(x, created: true);
    }

    public static async Task Delete(Exchange x)
    {
        if (!TryReadQuery(x, out var query, out var context, out var refused))
        {
            await refused;
            return;
        }

        var (allowed, seen) = await CheckConditions(x, query, context);
        if (!allowed) return;
        var outcome = await x.Node.Execute(new DeleteRequest(x.Key, seen, query.Put, query.Get));
        if (outcome is Stored stored)
        {
            Answer.SetContext(x, stored.Context);
            await Answer.Empty(x, 204);
            return;
        }

        await Answer.Failure(x, outcome);
    }

    private static async Task Store(Exchange x, bool created)
    {
        if (!TryReadQuery(x, out var query, out var context, out var refused))
        {
            await refused;
            return;
        }

        var wrong = ValueHeaders.Read(x.Request, out var head);
        if (wrong.Length > 0)
        {
            await Answer.Text(x, 400, wrong);
            return;
        }

        var limit = x.Options.MaxValueBytes;
        if (await BodyReader.Read(x.Request, limit, x.Aborted) is not { } body)
        {
            await Answer.Text(x, 413, $"The value has more than {limit} bytes, the limit.");
            return;
        }

        // The read that conditions need comes last, so that as little time as possible lies between it and the write.
        var (allowed, seen) = await CheckConditions(x, query, context);
        if (!allowed) return;
        var value = new Value
        {
            Body = body, ContentType = head.ContentType, ContentEncoding = head.ContentEncoding, Metadata = head.Metadata,
        };
        var outcome = await x.Node.Execute(new PutRequest(x.Key, seen, value, query.Put));
        await (outcome is Stored stored ? Acknowledge(x, stored, created) : Answer.Failure(x, outcome));
    }

    private static Task Acknowledge(Exchange x, Stored stored, bool created)
    {
        if (created) x.Response.Headers.Location = x.KeyPath(x.Key);
        switch (stored.Siblings)
        {
            case []:
                Answer.SetContext(x, stored.Context);
                if (!created) return Answer.Empty(x, 204);
                x.Response.ContentLength = 0;
                return Answer.Empty(x, 201);
            case [var single]:
                return ObjectAnswer.Single(x, single, stored.Context, created ? 201 : 200);
            default:
                return ObjectAnswer.Siblings(
                    x, stored.Siblings, stored.Context,
                    SiblingsBody.Multipart(stored.Siblings, x.BucketPath(x.Bucket)));
        }
    }

    private static bool TryReadQuery(
        Exchange x, out OperationQuery query, out ReadOnlyMemory<byte> context, out Task refused)
    {
        context = default;
        refused = Task.CompletedTask;
        var wrong = OperationQuery.Read(x.Target, x.Node.Properties(x.Bucket).NVal, out query);
        if (wrong.Length == 0 && x.Request.Headers.ContainsKey("X-Riak-If-Not-Modified"))
            wrong = "X-Riak-If-Not-Modified is not understood here; If-Match with the ETag does the same.";
        if (wrong.Length == 0) wrong = ReadContext(x.Request, out context);
        if (wrong.Length > 0) refused = Answer.Text(x, 400, wrong);
        return wrong.Length == 0;
    }

    private static string ReadContext(HttpRequest request, out ReadOnlyMemory<byte> context)
    {
        var text = request.Headers["X-Riak-Vclock"].ToString();
        var bytes = new byte[text.Length / 4 * 3 + 3];
        var good = Convert.TryFromBase64String(text, bytes, out var length);
        context = bytes.AsMemory(0, length);
        return good ? "" : "X-Riak-Vclock is not base64: it must be given back as it was received.";
    }

    // Answers and returns false when a condition fails. A writer that named the state it replaces (If-Match), or that
    // there is none (If-None-Match met nothing but a tombstone), writes with the context of the state just read;
    // any other condition says nothing about which versions the writer has seen.
    private static async Task<(bool Allowed, ReadOnlyMemory<byte> Context)> CheckConditions(
        Exchange x, OperationQuery query, ReadOnlyMemory<byte> context)
    {
        var conditions = new Preconditions(x.Request.Headers);
        if (!conditions.ConcernWrites) return (true, context);
        var outcome = await x.Node.Execute(new GetRequest(x.Key, query.Get));
        var (etag, modified, seen) = outcome switch
        {
            Found found => (Vtag.Of(found.Siblings), found.Siblings.Max(ValueHeaders.Modified), found.Context),
            NotFound nothing => (null, default, nothing.Context),
            _ => (null, default(DateTimeOffset), default(ReadOnlyMemory<byte>)),
        };
        if (outcome is not (Found or NotFound))
        {
            await Answer.Failure(x, outcome);
            return (false, default);
        }

        if (!conditions.AllowWrite(etag, modified))
        {
            await Answer.Text(x, 412, "The value is not in the state that the conditions ask for; nothing was stored.");
            return (false, default);
        }

        var named = conditions.HasIfMatch || (conditions.HasIfNoneMatch && etag is null);
        return (true, context.IsEmpty && named ? seen : context);
    }
}
