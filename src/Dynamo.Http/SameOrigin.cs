using System.Net;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Http;

/// <summary>Keeps pages of other sites, opened in a browser on a machine that reaches the node, from using it.</summary>
/// <remarks>
/// A browser lets any page send a POST anywhere, and says in Origin who it is. A program sends no Origin, and nothing changes
/// for it. Against DNS rebinding, where a foreign name is made to lead to 127.0.0.1 and so becomes its own origin: a node
/// that is reached over loopback and asks for no token answers browsers only under addresses and names of this machine. Every browser
/// sends Accept-Language, and no script can keep it from that; a program that sends neither it nor Origin may use any name.
/// </remarks>
internal static class SameOrigin
{
    /// <summary>Why a request is refused, one sentence; "" when it is not.</summary>
    /// <param name="request">The request.</param>
    /// <param name="options">What the server was told about itself.</param>
    public static string Check(HttpRequest request, HttpOptions options)
    {
        if (IsForeignName(request, options))
            return "This node is reached over loopback without a token and so answers a browser only under an IP address or localhost; "
                + "a proxy in front of it can send that as the Host header, or a bearer token be set.";
        if (request.Method is "GET" or "HEAD") return "";
        var origin = request.Headers.Origin;
        return origin.Count == 0 || (origin is [{ } one] && IsSame(one, request.Host.Value ?? ""))
            ? ""
            : "A page of another site may not change anything here: the Origin header names another host than the Host header.";
    }

    // The scheme is left out, because a proxy that ends TLS in front of the node changes it and nothing else.
    private static bool IsSame(string origin, string host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && from.Scheme is "http" or "https"
        && host.Length > 0
        && Uri.TryCreate($"{from.Scheme}://{host}", UriKind.Absolute, out var here)
        && from.Port == here.Port
        && from.IdnHost.Equals(here.IdnHost, StringComparison.OrdinalIgnoreCase);

    private static bool IsForeignName(HttpRequest request, HttpOptions options)
    {
        if (options.BearerToken is not null || !request.Host.HasValue) return false;
        if (request.Headers.AcceptLanguage.Count + request.Headers.Origin.Count == 0) return false;
        if (request.HttpContext.Connection.LocalIpAddress is not { } reached || !IPAddress.IsLoopback(reached)) return false;
        var name = request.Host.Host;
        return !IPAddress.TryParse(name.Trim('[', ']'), out _)
            && !name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            && !name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            && !name.Equals(options.Host, StringComparison.OrdinalIgnoreCase)
            && !name.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase);
    }
}
