using System.Net;
using System.Net.Sockets;

namespace Dynamo.Chaos.Beds;

/// <summary>Where the nodes of a run live: their addresses, their network and how a process gets there.</summary>
internal abstract class Bed : IDisposable
{
    /// <summary>What it is, in a few words.</summary>
    public abstract string Description { get; }

    /// <summary>The network that can be broken; null where it cannot.</summary>
    public virtual PacketSwitch? Switch => null;

    /// <summary>The address of a node.</summary>
    public abstract string Host(int node);

    /// <summary>The port of a node's HTTP.</summary>
    public abstract int HttpPort(int node);

    /// <summary>The port that the other nodes talk to.</summary>
    public abstract int RemotePort(int node);

    /// <summary>A connection to the nodes, as clients have it.</summary>
    public virtual SocketsHttpHandler HttpHandler() => new();

    /// <summary>The command that starts a program at a node's place, or at the clients' for null.</summary>
    public abstract string[] Command(int? node, params string[] command);

    /// <summary>A node's URL.</summary>
    public string Url(int node) => $"http://{Host(node)}:{HttpPort(node)}";

    /// <summary>A node's name.</summary>
    public static string NameOf(int node) => $"node{node + 1}";

    public virtual void Dispose()
    {
    }
}

/// <summary>All on 127.0.0.1: without the rights for namespaces the network cannot be broken.</summary>
internal sealed class LoopbackBed(int nodes) : Bed
{
    private readonly int[] _ports = FreePorts(2 * nodes);

    public override string Description => "on 127.0.0.1";

    public override string Host(int node) => "127.0.0.1";

    public override int HttpPort(int node) => _ports[node];

    public override int RemotePort(int node) => _ports[nodes + node];

    public override string[] Command(int? node, params string[] command) => command;

    /// <summary>Ports of 127.0.0.1 on which nothing listens at this moment.</summary>
    public static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(static l => ((IPEndPoint)l.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Stop();
        return ports;
    }
}

/// <summary>Each node in a network namespace of its own, and the clients in one more, joined by a <see cref="PacketSwitch"/>.</summary>
internal sealed class NamespaceBed : Bed
{
    private const string Device = "dyn0", Network = "10.77.0";
    private readonly string[] _names;
    private readonly PacketSwitch _switch;

    private NamespaceBed(string[] names, PacketSwitch between) => (_names, _switch) = (names, between);

    public override string Description => "in network namespaces of their own";

    public override PacketSwitch Switch => _switch;

    private string Clients => _names[^1];

    /// <summary>The address of the clients.</summary>
    public string ClientHost => $"{Network}.{_names.Length}";

    /// <summary>Makes the namespaces; null with a sentence where that is not allowed or not possible.</summary>
    /// <param name="prefix">What their names begin with; whoever else uses the machine has another.</param>
    /// <param name="nodes">How many nodes there may be.</param>
    /// <param name="seed">What losses of packets are drawn from.</param>
    /// <param name="reason">The sentence; "" when all went well.</param>
    public static NamespaceBed? TryMake(string prefix, int nodes, ulong seed, out string reason)
    {
        reason = "";
        string[] names = [.. Enumerable.Range(1, nodes).Select(i => $"{prefix}{i}"), $"{prefix}c"];
        if (!OperatingSystem.IsLinux()) return Refuse("Only Linux has them.", out reason);
        if (!File.Exists("/dev/net/tun")) return Refuse("/dev/net/tun is missing.", out reason);
        var files = new List<int>();
        try
        {
            for (var i = 0; i < names.Length; i++)
            {
                var name = names[i];
                Shell.Run("ip", "netns", "add", name);
                files.Add(NamespaceThread.Run(name, static () => Kernel.OpenTun(Device)));
                Shell.Run("ip", "-n", name, "link", "set", "lo", "up");
                Shell.Run("ip", "-n", name, "addr", "add", $"{Network}.{i + 1}/24", "dev", Device);
                Shell.Run("ip", "-n", name, "link", "set", Device, "up");
            }

            return new NamespaceBed(names, new PacketSwitch([.. files], seed));
        }
        catch (ChaosException fault)
        {
            foreach (var file in files) Kernel.Close(file);
            foreach (var name in names) Shell.Try("ip", "netns", "del", name);
            return Refuse(fault.Message, out reason);
        }
    }

    public override string Host(int node) => $"{Network}.{node + 1}";

    public override int HttpPort(int node) => 8098;

    public override int RemotePort(int node) => 9001;

    public override SocketsHttpHandler HttpHandler() => NamespaceThread.HttpHandler(Clients);

    /// <summary>A socket at the clients' place, not connected yet.</summary>
    public Socket ClientSocket() => NamespaceThread.TcpSocket(Clients);

    public override string[] Command(int? node, params string[] command) =>
        ["ip", "netns", "exec", node is { } number ? _names[number] : Clients, .. command];

    public override void Dispose()
    {
        _switch.Dispose();
        foreach (var name in _names) Shell.Try("ip", "netns", "del", name);
        base.Dispose();
    }

    private static NamespaceBed? Refuse(string sentence, out string reason)
    {
        reason = sentence;
        return null;
    }
}
