using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>GET /admin/inspect/{bucket}/{key}: what a get of the key shows, all in one JSON document, for the console.</summary>
/// <remarks>
/// It is a get like any other, with the same parameters. Values come as base64, since they are bytes; of those above 64 KiB only
/// the length is told unless <c>whole=true</c> asks for them. A deleted key still has its context.
/// </remarks>
internal static class InspectEndpoint
{
    private const int MaxShownBytes = 64 * 1024;

    public static async Task Get(Exchange x)
    {
        var properties = x.Node.Properties(x.Bucket);
        var wrong = OperationQuery.Read(x.Target, properties.NVal, out var query);
        if (wrong.Length > 0)
        {
            await Answer.Text(x, 400, wrong);
            return;
        }

        var outcome = await x.Node.Execute(new GetRequest(x.Key, query.Get));
        if (outcome is not (Found or NotFound))
        {
            await Answer.Failure(x, outcome);
            return;
        }

        var siblings = outcome is Found found ? found.Siblings : [];
        var (context, deleted) = outcome switch
        {
            Found f => (f.Context, false),
            NotFound nothing => (nothing.Context, nothing.DeletedAt is not null),
            _ => default,
        };
        var limit = x.Target.Query("whole") == "true" ? int.MaxValue : MaxShownBytes;
        await Answer.Json(x, json =>
        {
            json.WriteStartObject();
            json.WriteString("bucket", x.Bucket);
            json.WriteString("key", Percent.Readable(x.Key.Name));
            json.WriteString("path", x.KeyPath(x.Key));
            json.WriteBoolean("deleted", deleted);
            json.WriteString("context", context.IsEmpty ? null : Convert.ToBase64String(context.Span));
            // As text: a sum can be beyond what scripts keep exactly.
            json.WriteString("counter", Counter.ValueOf(siblings)?.ToString());
            json.WriteBoolean("last_write_wins", properties.IsLastWriteWins);
            json.WriteStartArray("siblings");
            foreach (var sibling in siblings) RecordJson.Write(json, sibling, limit);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}
