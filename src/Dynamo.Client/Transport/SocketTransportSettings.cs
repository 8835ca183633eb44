using Akka.Configuration;

namespace Dynamo.Client;

/// <summary>What <see cref="SocketTransport"/> reads of its section, which is that of Akka's own transport.</summary>
internal sealed record SocketTransportSettings
{
    private const int LeastPending = 1024 * 1024;

    /// <summary>The host to listen on; "" for all addresses.</summary>
    public required string Host { get; init; }

    /// <summary>The port to listen on, 0..65535; 0 takes any free one.</summary>
    public required int Port { get; init; }

    /// <summary>The host that others reach the system at.</summary>
    public required string PublicHost { get; init; }

    /// <summary>The port that others reach the system at; null for the one listened on.</summary>
    public required int? PublicPort { get; init; }

    /// <summary>Whether names stand for addresses of IPv6.</summary>
    public required bool UsesIpv6 { get; init; }

    /// <summary>How long a connection may take to be made.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>The longest frame, in bytes, its length not counted.</summary>
    public required int MostFrameBytes { get; init; }

    /// <summary>Bytes that may wait for the other end before whoever writes is told to wait; at least a MiB.</summary>
    public required int MostPending { get; init; }

    /// <summary>The kernel's buffer for what leaves, in bytes; null for its own choice.</summary>
    public required int? SendBuffer { get; init; }

    /// <summary>The kernel's buffer for what comes, in bytes; null for its own choice.</summary>
    public required int? ReceiveBuffer { get; init; }

    /// <summary>Connections that may wait to be taken.</summary>
    public required int Backlog { get; init; }

    /// <summary>Whether small frames leave at once.</summary>
    public required bool NoDelay { get; init; }

    /// <summary>Whether the kernel looks now and then whether the other end is there.</summary>
    public required bool KeepAlive { get; init; }

    /// <summary>Whether there are lanes, see <see cref="Lanes"/>; not with <c>applied-adapters</c>, which they would go past.</summary>
    public required bool HasLanes { get; init; }

    /// <summary>Reads a section.</summary>
    /// <exception cref="ConfigurationException">It asks for what this transport does not have, or for what makes no sense.</exception>
    public static SocketTransportSettings Read(Config config)
    {
        if (config.GetBoolean("enable-ssl"))
            throw new ConfigurationException($"Dynamo.Client.SocketTransport has no TLS: with enable-ssl, set transport-class = \"{ClientProtocol.AkkaTransport}\".");
        if (config.GetString("byte-order", "little-endian") is not "little-endian" and { } order)
            throw new ConfigurationException($"Dynamo.Client.SocketTransport writes lengths little-endian, and not {order}.");
        var host = config.GetString("hostname", "") ?? "";
        var publicHost = config.GetString("public-hostname", "") ?? "";
        var publicPort = config.GetInt("public-port");
        var frame = config.GetByteSize("maximum-frame-size", null) ?? 128_000;
        if (frame is < 32_000 or > 1 << 30)
            throw new ConfigurationException($"maximum-frame-size must be 32000 bytes to 1 GiB, and is {frame}.");
        return new SocketTransportSettings
        {
            Host = host,
            Port = config.GetInt("port"),
            PublicHost = publicHost.Length == 0 ? host : publicHost,
            PublicPort = publicPort > 0 ? publicPort : null,
            UsesIpv6 = config.GetBoolean("dns-use-ipv6"),
            ConnectTimeout = config.GetTimeSpan("connection-timeout", TimeSpan.FromSeconds(15)),
            MostFrameBytes = (int)frame,
            MostPending = (int)Math.Clamp(Size("write-buffer-high-water-mark") ?? 0, LeastPending, int.MaxValue),
            SendBuffer = (int?)Size("send-buffer-size"),
            ReceiveBuffer = (int?)Size("receive-buffer-size"),
            Backlog = config.GetInt("backlog", 4096),
            NoDelay = config.GetBoolean("tcp-nodelay", true),
            HasLanes = config.GetBoolean("lanes", true) && config.GetStringList("applied-adapters", []) is not { Count: > 0 },
            KeepAlive = config.GetBoolean("tcp-keepalive", true),
        };

        long? Size(string name) => config.GetByteSize(name, null) is > 0 and var size ? size : null;
    }
}
