using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Actors.Tests;

/// <summary>
/// Nodes in this process, each an actor system of its own, with Akka.Remote over loopback between them.
/// </summary>
internal sealed class LoopbackCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // A node of a test ends as a killed process does: at once, and without a word to the others.
    private static readonly Config DieAtOnce =
        ConfigurationFactory.ParseString("akka.coordinated-shutdown.run-by-actor-system-terminate = off");

    private readonly Lock _lock = new();
    private readonly SortedDictionary<NodeId, DynamoSystem> _nodes = [];
    private readonly SortedDictionary<NodeId, MemoryEngine> _stores = [];

    private LoopbackCluster(Founding founding, ImmutableSortedDictionary<NodeId, NodeEndpoint> endpoints)
    {
        Founding = founding;
        Endpoints = endpoints;
    }

    /// <summary>The settings of nodes that are started from now on.</summary>
    public NodeSettings Settings { get; set; } = NodeSettings.Standard with
    {
        PingEvery = TimeSpan.FromMilliseconds(100),
        GossipEvery = TimeSpan.FromMilliseconds(100),
        SyncPause = TimeSpan.Zero,
        ReapEvery = TimeSpan.FromMilliseconds(200),
        ReapAfter = TimeSpan.FromMilliseconds(200),
        FenceEvery = TimeSpan.FromMilliseconds(20),
    };

    public Founding Founding { get; }

    public ImmutableSortedDictionary<NodeId, NodeEndpoint> Endpoints { get; set; }

    /// <summary>Whom nodes that are started from now on turn to beside the founding members.</summary>
    public ImmutableArray<NodeId> Contacts { get; set; } = [];

    public DynamoSystem this[int number] => _nodes[Name(number)];

    public static NodeId Name(int number) => new($"node{number}");

    public static Founding Found(string name, int nodes)
    {
        var members = Enumerable.Range(1, nodes).Select(i => new RingMember(Name(i)));
        Assert.True(Founding.TryCreate(name, 16, 3, members, out var founding, out var error), error);
        return founding;
    }

    /// <summary>A cluster of which no node is running yet.</summary>
    public static LoopbackCluster Of(int count, string name = "test") =>
        new(Found(name, count), FreePorts([.. Enumerable.Range(1, count).Select(Name)]));

    /// <summary>The same, with addresses for nodes that are no members yet.</summary>
    public static LoopbackCluster OfAndMore(int count, int more) =>
        new(Found("test", count), FreePorts([.. Enumerable.Range(1, count + more).Select(Name)]));

    /// <summary>Addresses at which nobody listens.</summary>
    public static ImmutableSortedDictionary<NodeId, NodeEndpoint> FreePorts(params NodeId[] names)
    {
        // All are held at once, so that none is given out twice.
        var listeners = names.Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var listener in listeners) listener.Start();
        var endpoints = names.Zip(listeners).ToImmutableSortedDictionary(
            pair => pair.First, pair => new NodeEndpoint("127.0.0.1", ((IPEndPoint)pair.Second.LocalEndpoint).Port));
        foreach (var listener in listeners) listener.Dispose();
        return endpoints;
    }

    public async Task StartAll()
    {
        await Task.WhenAll(Enumerable.Range(1, Founding.Members.Length).Select(Start));
        await UntilTheLivingSeeEachOther();
    }

    public async Task<DynamoSystem> Start(int number)
    {
        var node = await Start(number, StoreOf(number), Endpoints[Name(number)]);
        lock (_lock) _nodes[Name(number)] = node;
        return node;
    }

    /// <summary>Starts a process under a node's name that this class then forgets.</summary>
    public Task<DynamoSystem> Start(int number, IStorageEngine store, NodeEndpoint endpoint)
    {
        var self = Name(number);
        var akka = new AkkaSettings { Self = self, Host = endpoint.Host, Port = endpoint.Port };
        var system = ActorSystem.Create(AkkaSettings.SystemName, akka.ToConfig(DieAtOnce));
        // Where a node is that joins later, the members learn from itself.
        var known = Endpoints.Where(e => Founding.Members.Any(m => m.Node == e.Key) || Contacts.Contains(e.Key))
            .ToImmutableSortedDictionary().SetItem(self, endpoint);
        var options = new DynamoActorOptions
        {
            Self = self, Founding = Founding, Endpoints = known, Contacts = Contacts, Settings = Settings,
        };
        return DynamoSystem.StartAsync(system, options, store);
    }

    /// <summary>A node's store, also while it does not run.</summary>
    public MemoryEngine StoreOf(int number)
    {
        lock (_lock)
        {
            if (!_stores.TryGetValue(Name(number), out var store)) _stores.Add(Name(number), store = new MemoryEngine());
            return store;
        }
    }

    /// <summary>Gives a node that does not run an empty store.</summary>
    public void Wipe(int number)
    {
        lock (_lock)
            if (_stores.Remove(Name(number), out var store)) store.Dispose();
    }

    /// <summary>Ends a node; its store stays for the next start.</summary>
    public async Task Kill(int number)
    {
        DynamoSystem? node;
        lock (_lock) _nodes.Remove(Name(number), out node);
        await node!.ActorSystem.Terminate();
    }

    public Task UntilTheLivingSeeEachOther() => Until(
        () => _nodes.Values.All(n => n.Ring.Members.All(m => n.View.IsReachable(m.Node) == _nodes.ContainsKey(m.Node))),
        "every node reaches the living and no others");

    /// <summary>Waits for a condition; fails with its words.</summary>
    public static async Task Until(Func<bool> condition, string words)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition())
        {
            if (deadline.IsCancellationRequested) Assert.Fail($"Not so within {Patience.TotalSeconds:0} s: {words}.");
            await poll.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Values.Select(n => n.ActorSystem.Terminate()));
        foreach (var store in _stores.Values) store.Dispose();
    }
}
