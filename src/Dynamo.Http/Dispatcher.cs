using System.Security.Cryptography;
using System.Text;
using Dynamo.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Dynamo.Http;

/// <summary>Takes each request through limits, the token, its route and its names; nothing it meets escapes.</summary>
internal sealed class Dispatcher : IAsyncDisposable
{
    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(10);
    private readonly INodePort _node;
    private readonly HttpOptions _options;
    private readonly Routes _routes;
    private readonly MinuteWindow _window;
    private readonly byte[]? _tokenHash;
    private volatile string _stopping = "";
    private int _inFlight;

    public Dispatcher(INodePort node, HttpOptions options)
    {
        _node = node;
        _options = options;
        _window = new MinuteWindow(node, options.Time);
        _routes = new Routes(_window);
        if (options.BearerToken is { } token) _tokenHash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
    }

    public async Task Handle(HttpContext http)
    {
        try
        {
            var raw = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
            var target = RequestTarget.Parse(raw);
            if (_stopping.Length > 0) http.Response.Headers.Connection = "close";
            if (_stopping.Length > 0 && target.Segments is not (["ping"] or ["health", "live"] or ["metrics"]))
            {
                http.Response.Headers.RetryAfter = "1";
                await Answer.Text(http, 503, _stopping);
            }
            else if (target.Segments is ["ping"] or ["health", _])
                await Run(http, target);
            else if (SameOrigin.Check(http.Request, _options) is { Length: > 0 } foreign)
                await Answer.Text(http, 403, foreign);
            else if (!IsConsole(http.Request, target) && !IsAuthorized(http.Request))
                await Unauthorized(http);
            else
                await RunLimited(http, target);
        }
        catch (BadHttpRequestException fault)
        {
            await Refuse(http, fault.StatusCode, BodySentence(fault.StatusCode));
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to answer.
        }
        catch (Exception fault)
        {
            _options.Log.LogError(fault, "{Method} {Path} failed.", http.Request.Method, http.Request.Path);
            await Refuse(http, 500, "The node failed to answer because of a fault of its own, which its log describes.");
        }
    }

    /// <summary>
    /// Takes no more requests, and waits until those under way are answered, or until <paramref name="limit"/> says that it is enough.
    /// </summary>
    public async Task Drain(CancellationToken limit)
    {
        _stopping = $"{_node.Self} is stopping; other nodes take requests.";
        while (Volatile.Read(ref _inFlight) > 0 && !limit.IsCancellationRequested)
            await Task.Delay(DrainLook, CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _window.DisposeAsync();

    private async Task RunLimited(HttpContext http, RequestTarget target)
    {
        try
        {
            if (Interlocked.Increment(ref _inFlight) > _options.MaxConcurrentRequests)
            {
                await Answer.Overloaded(http, $"The node is serving {_options.MaxConcurrentRequests} requests, its limit.");
                return;
            }

            await Run(http, target);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private Task Run(HttpContext http, RequestTarget target)
    {
        if (_routes.Find(target.Segments) is not { } route)
            return Answer.Text(http, 404, "There is nothing at this path.");
        if (!route.Allows(http.Request.Method))
        {
            http.Response.Headers.Allow = route.Allow;
            return Answer.Text(http, 405, $"{Printable(http.Request.Method)} is not possible here; {route.Allow} are.");
        }

        HttpTraces.Name(route, target.Segments);
        // Before anything is read of what it brings.
        if (route.IsAboutKey && _node.Refusal() is { } overloaded) return Answer.Overloaded(http, overloaded.Sentence);
        var exchange = new Exchange(http, _node, _options, target);
        var wrong = Name(exchange, route);
        return wrong.Length > 0 ? Answer.Text(http, 400, wrong) : route.Run(exchange);
    }

    // Decodes the bucket and the key of the path; "" when they are good, else one sentence.
    private static string Name(Exchange exchange, Route route)
    {
        if (route.BucketAt == 0) return "";
        if (!Percent.TryDecode(exchange.Target.Segments[route.BucketAt], false, out var bucket))
            return "The bucket has a % that is not followed by two hexadecimal digits.";
        if (!Percent.TryText(bucket, out var text)) return "The bucket is not valid UTF-8 text.";
        exchange.Bucket = text;
        if (route.KeyAt == 0) return Key.CheckBucket(text);
        if (!Percent.TryDecode(exchange.Target.Segments[route.KeyAt], false, out var name))
            return "The key has a % that is not followed by two hexadecimal digits.";
        if (!Key.TryCreate(text, name, out var key, out var error)) return error;
        exchange.NamedKey = key;
        return "";
    }

    // The console holds no data: it asks its reader for the token, and sends it with everything that it asks for then.
    private static bool IsConsole(HttpRequest request, RequestTarget target) => target.Segments switch
    {
        [] => RootPage.IsForPeople(request),
        ["console", _] => true,
        _ => false,
    };

    // Hashes are compared, so that neither the length nor a common beginning shows in the time it takes.
    private bool IsAuthorized(HttpRequest request)
    {
        if (_tokenHash is null) return true;
        var given = request.Headers.Authorization.ToString();
        const string scheme = "Bearer ";
        if (!given.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) return false;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(given[scheme.Length..].Trim()));
        return CryptographicOperations.FixedTimeEquals(hash, _tokenHash);
    }

    private static Task Unauthorized(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = "Bearer";
        return Answer.Text(http, 401, "This node asks for a bearer token in the Authorization header.");
    }

    private static async Task Refuse(HttpContext http, int status, string sentence)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        try
        {
            http.Response.Clear();
            await Answer.Text(http, status, sentence);
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or InvalidOperationException)
        {
            http.Abort();
        }
    }

    private static string BodySentence(int status) => status switch
    {
        408 => "The body came too slowly.",
        413 => "The body is too large.",
        _ => BodyReader.CutShort,
    };

    private static string Printable(string method) => method.Length <= 32 ? method : "This method";
}
