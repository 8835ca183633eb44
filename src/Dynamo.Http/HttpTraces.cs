using System.Diagnostics;
using Dynamo.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Http;

/// <summary>The server's activity of each HTTP request, below the one that its <c>traceparent</c> header names.</summary>
/// <remarks>
/// Kestrel stands here without the host that would make them. Names and tags are those of OpenTelemetry's conventions; the path is
/// told as its pattern, since the path itself holds the key.
/// </remarks>
internal static class HttpTraces
{
    private static readonly ActivitySource Source = new(NodeMeter.Name, Build.Version);

    /// <summary>Begins the activity and makes it the current one; null when nobody listens.</summary>
    public static Activity? Begin(HttpContext http)
    {
        if (!Source.HasListeners()) return null;
        DistributedContextPropagator.Current.ExtractTraceIdAndState(http.Request.Headers, Header, out var parent, out var state);
        ActivityContext.TryParse(parent, state, isRemote: true, out var context);
        var activity = Source.StartActivity(http.Request.Method, ActivityKind.Server, context);
        activity?.SetTag("http.request.method", http.Request.Method).SetTag("url.scheme", http.Request.Scheme);
        return activity;
    }

    /// <summary>The route is known now.</summary>
    public static void Name(Route route, string[] segments)
    {
        if (Activity.Current is not { Kind: ActivityKind.Server } activity || activity.Source != Source) return;
        var pattern = "/" + string.Join('/', segments.Select((segment, at) =>
            at > 0 && at == route.BucketAt ? "{bucket}" : at > 0 && at == route.KeyAt ? "{key}" : segment));
        activity.DisplayName = $"{activity.OperationName} {pattern}";
        activity.SetTag("http.route", pattern);
    }

    /// <summary>The request has been answered.</summary>
    public static void End(Activity? activity, HttpContext http)
    {
        if (activity is null) return;
        activity.SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Response.StatusCode >= 500) activity.SetStatus(ActivityStatusCode.Error);
        activity.Dispose();
    }

    private static void Header(object? carrier, string name, out string? value, out IEnumerable<string>? values)
    {
        values = null;
        value = ((IHeaderDictionary)carrier!)[name];
    }
}
