using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Dynamo.Http;

/// <summary>The running HTTP side of a node: Riak's dialect, administration and metrics. Disposing it stops it.</summary>
/// <remarks>
/// It is Kestrel without a host around it: no configuration files, no environment variables, no console logging and
/// no handling of signals, all of which belong to the program that starts nodes.
/// </remarks>
public sealed class DynamoHttp : IAsyncDisposable
{
    /// <summary>How long requests under way may take when the server stops.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    // HTTPS asks a host for counters of its own, which only Kestrel's own registration can make; nothing of this host is ever started.
    private static readonly Lazy<IServiceProvider> HttpsServices = new(static () =>
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        return builder.Build().Services;
    });

    private readonly KestrelServer _server;
    private readonly Dispatcher _dispatcher;
    private readonly CertificateFile? _certificate;
    private int _disposed;

    private DynamoHttp(KestrelServer server, Dispatcher dispatcher, CertificateFile? certificate)
    {
        _server = server;
        _dispatcher = dispatcher;
        _certificate = certificate;
    }

    /// <summary>
    /// Where it listens, such as <c>http://127.0.0.1:8098</c>, or https with a certificate; a wildcard address appears as 127.0.0.1.
    /// </summary>
    public string Url { get; private set; } = "";

    /// <summary>The port it listens on, the real one when any free port was asked for.</summary>
    public int Port { get; private set; }

    /// <summary>Starts listening for a node.</summary>
    /// <param name="node">The node to speak for; it is not disposed with the server.</param>
    /// <param name="options">Where and how.</param>
    /// <param name="cancel">Gives up starting.</param>
    /// <exception cref="HttpStartException">The options are wrong or the port cannot be had: one sentence.</exception>
    public static async Task<DynamoHttp> StartAsync(INodePort node, HttpOptions options, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Check() is { Length: > 0 } wrong) throw new HttpStartException(wrong);
        var address = await Resolve(options);
        var certificate = Certificate(options);
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        if (certificate is not null) kestrel.ApplicationServices = HttpsServices.Value;
        Limit(kestrel.Limits);
        kestrel.RequestHeaderEncodingSelector = static _ => Encoding.UTF8;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.UTF8;
        kestrel.Listen(address, options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (certificate is not null) listen.UseHttps(Https(certificate));
            listen.Use(PatientConnection.Wrap);
        });

        var transport = new SocketTransportFactory(
            // No request waits on a thread here, so they are begun where their bytes were read: one hop through the thread pool less,
            // which is most of what it costs to refuse one.
            Options.Create(new SocketTransportOptions { UnsafePreferInlineScheduling = true }), NullLoggerFactory.Instance);
        var server = new KestrelServer(Options.Create(kestrel), transport, NullLoggerFactory.Instance);
        var started = new DynamoHttp(server, new Dispatcher(node, options), certificate);
        try
        {
            await server.StartAsync(new Application(started._dispatcher), cancel);
        }
        catch (Exception fault)
        {
            await started.DisposeAsync();
            if (fault is OperationCanceledException) throw;
            throw new HttpStartException(WhyNot(options, fault), fault);
        }

        var bound = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
        started.Port = bound.Port;
        started.Url = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
            ? $"{bound.Scheme}://127.0.0.1:{bound.Port}"
            : $"{bound.Scheme}://{bound.Authority}";
        return started;
    }

    /// <summary>
    /// Answers everything new with 503, on connections that then close, and completes when the requests under way are answered or the limit is
    /// reached. Disposing follows.
    /// </summary>
    /// <param name="limit">Ends the waiting.</param>
    public Task Drain(CancellationToken limit) => _dispatcher.Drain(limit);

    /// <summary>Stops listening, lets requests under way end for up to five seconds, then cuts them off.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
        await _dispatcher.DisposeAsync();
        using var deadline = new CancellationTokenSource(DrainTime);
        await _server.StopAsync(deadline.Token);
        _server.Dispose();
        _certificate?.Dispose();
    }

    private static CertificateFile? Certificate(HttpOptions options)
    {
        if (options.Certificate is not { } file) return null;
        return CertificateFile.Read(file, options.CertificatePassword, options.Time.GetUtcNow(), out var error)
            ?? throw new HttpStartException($"Cannot serve HTTPS on port {options.Port}: the certificate {file} {error}.");
    }

    // The system chooses the versions of TLS; every one that is older than 1.2 is refused whatever it chooses.
    private static HttpsConnectionAdapterOptions Https(CertificateFile certificate) => new()
    {
        ServerCertificate = certificate.Certificate,
        ServerCertificateChain = certificate.Signers,
        SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
    };

    // The request line holds a key of 4 KiB with every byte written as %XX, the headers a context of 64 KiB in base64.
    // A body's size is limited while it is read: Kestrel's own limit would close the connection before a client
    // that is still sending could read its 413.
    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestLineSize = 32 * 1024;
        limits.MaxRequestHeadersTotalSize = 128 * 1024;
        limits.MaxRequestHeaderCount = 200;
        limits.MaxRequestBodySize = null;
    }

    private static async Task<IPAddress> Resolve(HttpOptions options)
    {
        if (options.Host == "*") return IPAddress.Any;
        if (options.Host == "localhost") return IPAddress.Loopback;
        if (IPAddress.TryParse(options.Host.Trim('[', ']'), out var address)) return address;
        try
        {
            var found = await Dns.GetHostAddressesAsync(options.Host);
            if (found.Length > 0) return found[0];
        }
        catch (Exception fault) when (fault is SocketException or ArgumentException)
        {
            throw new HttpStartException(
                $"Cannot listen on port {options.Port}: the host {options.Host} has no address.", fault);
        }

        throw new HttpStartException($"Cannot listen on port {options.Port}: the host {options.Host} has no address.");
    }

    private static string WhyNot(HttpOptions options, Exception fault)
    {
        for (var at = fault; at is not null; at = at.InnerException)
        {
            if (at is AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
                return $"Port {options.Port} on {options.Host} is in use by another process.";
            if (at is SocketException { SocketErrorCode: SocketError.AccessDenied })
                return $"Port {options.Port} on {options.Host} may not be used by this user.";
            if (at is SocketException { SocketErrorCode: SocketError.AddressNotAvailable })
                return $"Cannot listen on port {options.Port}: {options.Host} is not an address of this machine.";
        }

        return $"Cannot listen on port {options.Port} of {options.Host}: {fault.Message}";
    }

    private sealed class Application(Dispatcher dispatcher) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public async Task ProcessRequestAsync(HttpContext context)
        {
            var activity = HttpTraces.Begin(context);
            await dispatcher.Handle(context);
            HttpTraces.End(activity, context);
        }

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
