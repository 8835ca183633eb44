using System.Collections.Immutable;
using Dynamo.Core;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Http;

/// <summary>Shows live versions: one as itself, several as 300.</summary>
internal static class ObjectAnswer
{
    /// <summary>One version.</summary>
    public static async Task Single(Exchange x, Sibling sibling, ReadOnlyMemory<byte> context, int status = 200)
    {
        var value = sibling.Value!;
        x.Response.StatusCode = status;
        Head(x, context, Vtag.Of(sibling.Dot), ValueHeaders.Modified(sibling));
        x.Response.Headers.Append("Link", $"<{x.BucketPath(x.Bucket)}>; rel=\"up\"");
        foreach (var (name, text) in ValueHeaders.Of(value)) x.Response.Headers[name] = text;
        Sandbox(x);
        x.Response.ContentType = ValueHeaders.ContentType(value);
        x.Response.ContentLength = value.Body.Length;
        await x.Response.Body.WriteAsync(value.Body, x.Aborted);
    }

    /// <summary>Several versions.</summary>
    public static async Task Siblings(
        Exchange x, ImmutableArray<Sibling> siblings, ReadOnlyMemory<byte> context, SiblingsBody body)
    {
        x.Response.StatusCode = StatusCodes.Status300MultipleChoices;
        Head(x, context, Vtag.Of(siblings), siblings.Max(ValueHeaders.Modified));
        x.Response.Headers.Vary = "Accept";
        Sandbox(x);
        x.Response.ContentType = body.ContentType;
        x.Response.ContentLength = body.Length;
        await body.WriteTo(x.Response.Body, x.Aborted);
    }

    private static void Head(Exchange x, ReadOnlyMemory<byte> context, string etag, DateTimeOffset modified)
    {
        Answer.SetContext(x, context);
        x.Response.Headers.ETag = $"\"{etag}\"";
        x.Response.Headers.LastModified = modified.ToString("r");
    }

    // A stored page that a browser opens must not run as if it were the node's own console.
    private static void Sandbox(Exchange x)
    {
        if (!x.Request.Headers.Accept.ToString().Contains("html", StringComparison.OrdinalIgnoreCase)) return;
        x.Response.Headers.ContentSecurityPolicy = "sandbox";
        x.Response.Headers.XContentTypeOptions = "nosniff";
    }
}
