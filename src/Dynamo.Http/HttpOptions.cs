using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynamo.Http;

/// <summary>Where and how a node speaks HTTP.</summary>
public sealed record HttpOptions
{
    /// <summary>The largest <see cref="MaxValueBytes"/>: 16 MiB.</summary>
    public const int LargestMaxValueBytes = 16 << 20;

    /// <summary>The address to listen on: an IP address or a host name; 127.0.0.1 by default.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port, 0..65535; 0, the default, takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>The largest value taken, in bytes, 1..16 MiB; 1 MiB by default.</summary>
    public int MaxValueBytes { get; init; } = 1 << 20;

    /// <summary>What every request but /ping and the console's own files must bear as <c>Authorization: Bearer</c>; null by default: nothing.</summary>
    public string? BearerToken { get; init; }

    /// <summary>
    /// A PKCS #12 file with a certificate and its private key: then HTTPS is spoken, and nothing else; null, the default, speaks HTTP.
    /// </summary>
    public string? Certificate { get; init; }

    /// <summary>The file's password; "" by default.</summary>
    public string CertificatePassword { get; init; } = "";

    /// <summary>Requests served at once, 1..1,000,000; 1,024 by default. More are answered 503; /ping always passes.</summary>
    public int MaxConcurrentRequests { get; init; } = 1024;

    /// <summary>Where faults of the server itself are logged; nowhere by default.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>The clock behind the last-minute numbers of /stats.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What to warn an operator of at the start: one sentence, "" when there is nothing.</summary>
    /// <remarks>Beyond this machine a token and TLS are both needed: without TLS whoever is on the way reads the token.</remarks>
    public string Warning => IsLoopback(Host) ? "" : (BearerToken, Certificate) switch
    {
        (null, null) => $"HTTP listens on {Host} without a bearer token and without TLS: whoever reaches the port can read and write everything.",
        (null, _) => $"HTTP listens on {Host} without a bearer token: whoever reaches the port can read and write everything.",
        (_, null) => $"HTTP listens on {Host} without TLS: whoever is on the way can read the bearer token and everything else.",
        _ => "",
    };

    /// <summary>Everything that is wrong with the options, in one sentence; "" when they can be used.</summary>
    public string Check()
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(Host)) errors.Add("the host is empty");
        if (Port is < 0 or > 65535) errors.Add($"the port is {Port} and must be 0 to 65535");
        if (MaxValueBytes is < 1 or > LargestMaxValueBytes)
            errors.Add($"the largest value is {MaxValueBytes} bytes and must be 1 to {LargestMaxValueBytes}");
        if (MaxConcurrentRequests is < 1 or > 1_000_000)
            errors.Add($"the limit of concurrent requests is {MaxConcurrentRequests} and must be 1 to 1000000");
        if (BearerToken is not null && string.IsNullOrWhiteSpace(BearerToken)) errors.Add("the bearer token is empty");
        if (Certificate is not null && string.IsNullOrWhiteSpace(Certificate)) errors.Add("the certificate's file is empty");
        return errors.Count == 0 ? "" : $"The HTTP settings cannot be used: {string.Join("; ", errors)}.";
    }

    internal static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

/// <summary>The HTTP server could not start; the message is one sentence that names the port.</summary>
public sealed class HttpStartException : Exception
{
    public HttpStartException(string message)
        : base(message)
    {
    }

    public HttpStartException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
