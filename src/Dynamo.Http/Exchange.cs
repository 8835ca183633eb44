using Dynamo.Core;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Http;

/// <summary>One request on its way to an answer, with what it names already decoded and checked.</summary>
internal sealed class Exchange(HttpContext http, INodePort node, HttpOptions options, RequestTarget target)
{
    public HttpContext Http { get; } = http;

    public HttpRequest Request => Http.Request;

    public HttpResponse Response => Http.Response;

    public INodePort Node { get; } = node;

    public HttpOptions Options { get; } = options;

    public RequestTarget Target { get; } = target;

    /// <summary>The bucket that the path names; empty when it names none.</summary>
    public string Bucket { get; set; } = "";

    /// <summary>The key that the path names; null when it names none.</summary>
    public Key? NamedKey { get; set; }

    /// <summary>The key, where the route has one.</summary>
    public Key Key => NamedKey!;

    /// <summary>Whether the client has gone.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>Whether the path is of the old form, /riak/bucket/key.</summary>
    public bool IsOldForm => Target.Segments is ["riak", ..];

    public bool IsMethod(string method) => string.Equals(Request.Method, method, StringComparison.Ordinal);

    /// <summary>The path of a bucket in the form that the request has.</summary>
    public string BucketPath(string bucket) =>
        (IsOldForm ? "/riak/" : "/buckets/") + Percent.Encode(System.Text.Encoding.UTF8.GetBytes(bucket));

    /// <summary>The path of a key in the form that the request has.</summary>
    public string KeyPath(Key key) => BucketPath(key.Bucket) + (IsOldForm ? "/" : "/keys/") + Percent.Encode(key.Name);
}
