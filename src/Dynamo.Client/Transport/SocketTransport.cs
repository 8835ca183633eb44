using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;

namespace Dynamo.Client;

/// <summary>TCP for Akka.Remote that wakes one thread for a frame that comes and none for one that goes; without TLS.</summary>
/// <remarks>
/// On the wire it is Akka's own transport (DotNetty's): frames with four bytes of length before them, so systems with either talk to each other.
/// Akka's hands every frame from the thread that polls sockets to one of the pool, from there to an event loop and then to an
/// actor's; and every frame that leaves to an event loop as well. Here a frame leaves on the thread that writes it, and where
/// <c>akka.remote.use-dispatcher</c> names a dispatcher of <see cref="RequestThreads"/>, as <see cref="ClientProtocol.Hocon"/> does, the thread that has
/// read one carries out what it asks for. It takes the place of Akka's, and reads the settings of that:
/// <code>
/// akka.remote.dot-netty.tcp.transport-class = "Dynamo.Client.SocketTransport, Dynamo.Client"
/// </code>
/// These are hostname, port, public-hostname, public-port, dns-use-ipv6, connection-timeout, maximum-frame-size, send- and receive-buffer-size,
/// write-buffer-high-water-mark, backlog, tcp-nodelay and tcp-keepalive, and one of its own, lanes (on), see <see cref="Lanes"/>. With enable-ssl it refuses to start.
/// </remarks>
public sealed class SocketTransport : Transport
{
    private readonly SocketTransportSettings _settings;
    private readonly ConcurrentDictionary<SocketAssociation, byte> _open = new();
    private readonly ConcurrentDictionary<Socket, byte> _lanes = new();
    private readonly Doorman _doorman;
    private readonly TaskCompletionSource<IAssociationEventListener> _listener = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _dispatcher;
    private RequestThreads? _threads;
    private Address? _local;
    private Socket? _server;
    private volatile bool _isShut;

    /// <summary>A transport of an actor system; Akka.Remote makes it.</summary>
    /// <param name="system">The system.</param>
    /// <param name="config">The section that names it.</param>
    /// <exception cref="ConfigurationException">A setting cannot be used.</exception>
    public SocketTransport(ActorSystem system, Config config)
    {
        System = system;
        Config = config;
        _dispatcher = system.Settings.Config.GetString("akka.remote.use-dispatcher", "");
        _settings = SocketTransportSettings.Read(config);
        _doorman = new Doorman(this, _settings.ConnectTimeout, _settings.MostFrameBytes, Welcome);
        MaximumPayloadBytes = _settings.MostFrameBytes;
        SchemeIdentifier = "tcp";
    }

    /// <inheritdoc/>
    public override bool IsResponsibleFor(Address remote) => true;

    /// <inheritdoc/>
    public override async Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        try
        {
            var at = new IPEndPoint(await Resolve(_settings.Host).ConfigureAwait(false), _settings.Port);
            var server = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _server = server;
            if (at.Address.Equals(IPAddress.IPv6Any)) server.DualMode = true;
            server.Bind(at);
            server.Listen(_settings.Backlog);
            var bound = (IPEndPoint)server.LocalEndPoint!;
            var address = AddressOf(_settings.PublicHost, bound, _settings.PublicPort);
            _local = address;
            _ = Accept(server);
            return (address, _listener);
        }
        catch (Exception)
        {
            await Shutdown().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        if (_isShut) throw new InvalidAssociationException("The transport has been shut down.");
        try
        {
            var socket = await Connect(remoteAddress).ConfigureAwait(false);
            return Open(socket, AddressOf(_settings.Host, (IPEndPoint)socket.LocalEndPoint!, port: null), remoteAddress, []);
        }
        catch (Exception fault)
        {
            throw new InvalidAssociationException(
                fault is OperationCanceledException
                    ? $"{remoteAddress} has not taken the connection within {_settings.ConnectTimeout.TotalSeconds:0.#} s."
                    : $"{fault.Message} {remoteAddress}",
                fault);
        }
    }

    /// <inheritdoc/>
    public override Task<bool> Shutdown()
    {
        _isShut = true;
        _server?.Dispose();
        Lanes.Of(System).Close();
        foreach (var (lane, _) in _lanes) lane.Dispose();
        var closing = _open.Keys.Select(static association => association.Close()).ToArray();
        return Task.WhenAll(closing).ContinueWith(
            static all => all.IsCompletedSuccessfully, default, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Tells those that listen what has come, from the thread that has read it.</summary>
    internal void Deliver(Action tell)
    {
        _threads ??= RequestThreads.Of(System, _dispatcher);
        if (_threads is null) tell();
        else _threads.Lend(tell);
    }

    internal void Forget(SocketAssociation association) => _open.TryRemove(association, out _);

    /// <summary>Closes a lane's connection with the transport; false when that has been shut down, and then it is closed.</summary>
    internal bool Keep(Socket lane)
    {
        _lanes.TryAdd(lane, 0);
        if (_isShut) Forget(lane);
        return !_isShut;
    }

    internal void Forget(Socket lane)
    {
        _lanes.TryRemove(lane, out _);
        lane.Dispose();
    }

    /// <summary>The address that others know this system by, from <see cref="Listen"/> on.</summary>
    internal Address OwnAddress => _local!.WithProtocol($"akka.{SchemeIdentifier}");

    /// <summary>Bytes that may wait for another system before whoever writes must look for another way.</summary>
    internal int MostPending => _settings.MostPending;

    /// <summary>Connects to another system.</summary>
    internal async Task<Socket> Connect(Address remote)
    {
        ObjectDisposedException.ThrowIf(_isShut, this);
        var ip = await Resolve(remote.Host).ConfigureAwait(false);
        if (ip.Equals(IPAddress.Any)) ip = IPAddress.Loopback;
        if (ip.Equals(IPAddress.IPv6Any)) ip = IPAddress.IPv6Loopback;
        var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = _settings.NoDelay };
        try
        {
            using var limit = new CancellationTokenSource(_settings.ConnectTimeout);
            await socket.ConnectAsync(new IPEndPoint(ip, remote.Port ?? 0), limit.Token).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task Accept(Socket server)
    {
        // Nobody can be told of a connection before.
        await _listener.Task.ConfigureAwait(false);
        if (_settings.HasLanes) Lanes.Of(System).Open(this);
        while (!_isShut)
        {
            Socket socket;
            try
            {
                socket = await server.AcceptAsync().ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // It was gone before it was taken, or there are no handles left: the next may be luckier, a little later.
                await Task.Delay(TimeSpan.FromMilliseconds(10)).ConfigureAwait(false);
                continue;
            }

            if (_settings.HasLanes) _doorman.Admit(socket);
            else Welcome(socket, []);
        }
    }

    // A connection that Akka.Remote is to have, and what was read of it already.
    private void Welcome(Socket socket, byte[] first)
    {
        try
        {
            var remote = AddressOf("", (IPEndPoint)socket.RemoteEndPoint!, port: null);
            _listener.Task.Result.Notify(new InboundAssociation(Open(socket, _local!, remote, first)));
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
        }
    }

    private SocketAssociation Open(Socket socket, Address local, Address remote, byte[] first)
    {
        socket.NoDelay = _settings.NoDelay;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, _settings.KeepAlive);
        if (_settings.SendBuffer is { } send) socket.SendBufferSize = send;
        if (_settings.ReceiveBuffer is { } receive) socket.ReceiveBufferSize = receive;
        var association = new SocketAssociation(
            this, socket, local, remote, _settings.MostFrameBytes, _settings.MostPending, first);
        _open.TryAdd(association, 0);
        association.Begin();
        if (_isShut) _ = association.Close();
        return association;
    }

    private async Task<IPAddress> Resolve(string host)
    {
        if (host.Length == 0) return IPAddress.Any;
        if (IPAddress.TryParse(host, out var ip)) return ip;
        var family = _settings.UsesIpv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        var addresses = await Dns.GetHostAddressesAsync(host, family).ConfigureAwait(false);
        return addresses.Length > 0 ? addresses[^1] : throw new SocketException((int)SocketError.HostNotFound);
    }

    // As Akka's transport names itself: an address of IPv6 in brackets.
    private Address AddressOf(string host, IPEndPoint at, int? port)
    {
        var name = host.Length == 0 ? TextOf(at.Address) : IPAddress.TryParse(host, out var ip) ? TextOf(ip) : host;
        return new Address(SchemeIdentifier, System.Name, name, port ?? at.Port);
    }

    private static string TextOf(IPAddress ip) => ip.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{ip}]" : ip.ToString();
}
