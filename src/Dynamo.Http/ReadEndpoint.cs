using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>GET and HEAD of a key.</summary>
internal static class ReadEndpoint
{
    public static async Task Get(Exchange x)
    {
        var wrong = OperationQuery.Read(x.Target, x.Node.Properties(x.Bucket).NVal, out var query);
        if (wrong.Length > 0)
        {
            await Answer.Text(x, 400, wrong);
            return;
        }

        var outcome = await x.Node.Execute(new GetRequest(x.Key, query.Get));
        await (outcome is Found found ? Show(x, found, query.Vtag) : Answer.Failure(x, outcome));
    }

    private static Task Show(Exchange x, Found found, string? vtag)
    {
        var siblings = found.Siblings;
        if (!string.IsNullOrEmpty(vtag))
        {
            siblings = siblings.RemoveAll(sibling => Vtag.Of(sibling.Dot) != vtag);
            if (siblings.IsEmpty) return Answer.NotFound(x);
        }

        var single = siblings.Length == 1;
        var best = single
            ? Accepted.Best(x.Request.Headers.Accept, ValueHeaders.ContentType(siblings[0].Value!))
            : Accepted.Best(x.Request.Headers.Accept, "text/plain", "multipart/mixed");
        if (best is null)
            return Answer.Text(x, 406, single
                ? $"The value is {ValueHeaders.ContentType(siblings[0].Value!)}, which the Accept header excludes."
                : "There are siblings, shown as text/plain or multipart/mixed, which the Accept header excludes.");

        var etag = Vtag.Of(siblings);
        switch (new Preconditions(x.Request.Headers).OnRead(etag, siblings.Max(ValueHeaders.Modified)))
        {
            case Verdict.Failed:
                return Answer.Text(x, 412, "The value is not in the state that the conditions ask for.");
            case Verdict.NotModified:
                x.Response.Headers.ETag = $"\"{etag}\"";
                return Answer.Empty(x, 304);
            default:
                return single
                    ? ObjectAnswer.Single(x, siblings[0], found.Context)
                    : ObjectAnswer.Siblings(x, siblings, found.Context, best == "text/plain"
                        ? SiblingsBody.List(siblings)
                        : SiblingsBody.Multipart(siblings, x.BucketPath(x.Bucket)));
        }
    }
}
