using System.Collections.Immutable;
using Dynamo.Core;
using Dynamo.Http;
using Dynamo.Storage;

namespace Dynamo.Embedded;

/// <summary>A whole Dynamo cluster in this process: N nodes, real clock, real storage, the same protocol as between machines.</summary>
/// <example>
/// <code>
/// await using var cluster = EmbeddedCluster.Start(nodes: 3);
/// var put = await cluster["node1"].Put("carts", "alice", "milk"u8.ToArray());
/// cluster.Partition(["node1"], ["node2", "node3"]);
/// var get = await cluster["node3"].Get("carts", "alice");
/// cluster.Heal();
/// </code>
/// </example>
/// <remarks>Every member may be called from any thread.</remarks>
public sealed partial class EmbeddedCluster : IAsyncDisposable
{
    private const int MostNodes = 64;
    private readonly EmbeddedOptions _options;
    private readonly EmbeddedNetwork _network = new();
    private readonly NodeClock _clock = new();
    private readonly Lock _membersLock = new();

    // Replaced, never changed: readers take no lock.
    private volatile ImmutableSortedDictionary<NodeId, EmbeddedMember> _members =
        ImmutableSortedDictionary<NodeId, EmbeddedMember>.Empty;

    private int _nextPort;
    private volatile bool _servesHttp;

    private EmbeddedCluster(EmbeddedOptions options, Founding founding)
    {
        _options = options;
        Founding = founding;
    }

    /// <summary>What was fixed when the cluster was created.</summary>
    public Founding Founding { get; }

    /// <summary>The nodes that were ever started here, in order of their names: members, and those that have left.</summary>
    public IReadOnlyList<EmbeddedMember> Nodes => [.. _members.Values];

    /// <summary>The node of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public EmbeddedMember this[string name] =>
        NodeId.TryParse(name, out var node) && _members.TryGetValue(node, out var member)
            ? member
            : throw new ArgumentException($"There is no node {name} in this cluster.");

    /// <summary>Starts a cluster of <paramref name="nodes"/> nodes in memory, without HTTP.</summary>
    public static EmbeddedCluster Start(int nodes) => Start(new EmbeddedOptions { Nodes = nodes });

    /// <summary>Starts a cluster without HTTP, complete when all nodes reach each other; see <see cref="StartAsync"/> for one that serves it.</summary>
    /// <exception cref="EmbeddedStartException">The options cannot be used, or a data folder cannot; one sentence says why.</exception>
    public static EmbeddedCluster Start(EmbeddedOptions options)
    {
        if (options.HttpPort is not null) throw new EmbeddedStartException("A cluster with HTTP is started with StartAsync.");
        return StartAsync(options).GetAwaiter().GetResult();
    }

    /// <summary>Starts a cluster, complete when all nodes reach each other, HTTP included when the options ask for it.</summary>
    /// <exception cref="EmbeddedStartException">The options cannot be used, a port is taken, or a data folder cannot be used; one sentence says why.</exception>
    public static async Task<EmbeddedCluster> StartAsync(EmbeddedOptions options)
    {
        var cluster = Create(options);
        try
        {
            List<EmbeddedNode> nodes = [.. cluster._members.Values.Select(static m => m.Boot()!)];
            // Their folders tell of nodes that have joined since.
            var founders = cluster._members;
            foreach (var name in nodes.SelectMany(static n => n.Everybody).Distinct().Order().ToArray())
                if (!cluster._members.ContainsKey(name)) nodes.Add(cluster.Add(name).Boot()!);
            foreach (var node in nodes) node.Start();
            await cluster.WhenConnected().ConfigureAwait(false);
            if (options.HttpPort is not { } port) return cluster;
            (cluster._nextPort, cluster._servesHttp) = (port, true);
            foreach (var member in founders.Values.Concat(cluster._members.Values.Except(founders.Values)))
                await member.Serve(cluster.NextPort(), options).ConfigureAwait(false);
            return cluster;
        }
        catch (Exception fault)
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            if (fault is HttpStartException or StorageOpenException) throw new EmbeddedStartException(fault.Message);
            throw;
        }
    }

    /// <summary>Cuts every link between nodes of different groups; nodes named in no group form one of their own.</summary>
    public void Partition(params IReadOnlyList<string>[] groups)
    {
        var groupOf = new Dictionary<NodeId, int>();
        for (var g = 0; g < groups.Length; g++)
            foreach (var name in groups[g]) groupOf[this[name].Name] = g;
        int Group(NodeId node) => groupOf.GetValueOrDefault(node, groups.Length);
        _network.Cut(
            from a in _members.Keys
            from b in _members.Keys
            where Group(a) != Group(b)
            select (a, b));
    }

    /// <summary>Cuts the link from one node to another, in that direction alone.</summary>
    public void Cut(string from, string to) => _network.Cut([(this[from].Name, this[to].Name)]);

    /// <summary>Mends every link. Nodes that were killed stay down.</summary>
    public void Heal() => _network.Heal();

    /// <summary>Stops a node at once, as a killed process would; what was durable stays in its folder, memory is lost.</summary>
    public void Kill(string name) => this[name].Kill();

    /// <summary>Starts a node that was killed, over what its folder holds; one that is up stays as it is.</summary>
    /// <param name="name">The node.</param>
    /// <param name="wipe">
    /// Whether its folder is emptied before, as if its disk had been replaced. In memory nothing is left anyway.
    /// </param>
    /// <exception cref="EmbeddedStartException">The folder cannot be used; one sentence says why.</exception>
    public void Restart(string name, bool wipe = false)
    {
        try
        {
            this[name].Boot(wipe)?.Start();
        }
        catch (StorageOpenException fault)
        {
            throw new EmbeddedStartException(fault.Message);
        }
    }

    /// <summary>
    /// Lets every node that is up compare all it holds with every owner that it can reach, and repair what differs
    /// [section 4.7]; completes when all have finished.
    /// </summary>
    /// <remarks>
    /// Afterwards each owner holds each key as the others do, without any get; what is written meanwhile may be on its way
    /// still. Who has just restarted or healed the cluster awaits <see cref="WhenConnected"/> first: nodes that do not
    /// reach each other yet are not compared. A node that is killed while it repairs is no longer waited for.
    /// </remarks>
    /// <returns>
    /// What all nodes together have done meanwhile: the keys repaired, and exchanges that failed, after which it may be
    /// repeated.
    /// </returns>
    public async Task<SyncProgress> Repair(CancellationToken cancel = default)
    {
        var all = await Task.WhenAll(_members.Values.Select(m => m.Repair(cancel))).ConfigureAwait(false);
        return new SyncProgress
        {
            Pairs = all.Sum(static p => p.Pairs),
            PairsOfRepair = all.Sum(static p => p.PairsOfRepair),
            PairsLeft = all.Sum(static p => p.PairsLeft),
            Exchanges = all.Sum(static p => p.Exchanges),
            Failed = all.Sum(static p => p.Failed),
            KeysRepaired = all.Sum(static p => p.KeysRepaired),
        };
    }

    /// <summary>Completes when every member that is up reaches every other member that is up.</summary>
    public async Task WhenConnected(CancellationToken cancel = default)
    {
        while (!_members.Values.All(m => !m.IsUp || _members.Values.All(o => !o.IsUp || m.CanReachOrNeedNot(o.Name))))
            await Task.Delay(5, cancel).ConfigureAwait(false);
    }

    /// <summary>Stops all nodes.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members.Values) await member.DisposeAsync().ConfigureAwait(false);
        _changing.Dispose();
    }

    private static EmbeddedCluster Create(EmbeddedOptions options)
    {
        if (options.Nodes is < 1 or > MostNodes)
            throw new EmbeddedStartException($"{options.Nodes} nodes were asked for; 1 to {MostNodes} are possible.");
        var members = Enumerable.Range(1, options.Nodes).Select(i =>
            new RingMember(new NodeId($"node{i}"), 1, options.Zones.ElementAtOrDefault(i - 1) ?? ""));
        if (!Founding.TryCreate(options.ClusterName, options.Partitions, 3, members, out var founding, out var error))
            throw new EmbeddedStartException(error);
        var cluster = new EmbeddedCluster(options, founding);
        foreach (var member in founding.Members) cluster.Add(member.Node);
        return cluster;
    }

    // The node of that name, down when it is new.
    private EmbeddedMember Add(NodeId node)
    {
        lock (_membersLock)
        {
            if (_members.TryGetValue(node, out var known)) return known;
            var port = new EmbeddedNodePort(node, Founding, other => _members.GetValueOrDefault(other)?.Url ?? "", BringUp);
            var member = new EmbeddedMember(port, (wipe, first) => Boot(node, wipe, first));
            _members = _members.Add(node, member);
            return member;
        }
    }

    private int NextPort()
    {
        lock (_membersLock) return _nextPort == 0 ? 0 : _nextPort++;
    }

    private EmbeddedNode Boot(NodeId self, bool wipe, IReadOnlyList<StoreChange> first)
    {
        var path = _options.DataFolder is { } folder ? Path.Combine(folder, self.Name) : null;
        if (wipe && path is not null) NodeFolder.Wipe(path);
        IStorageEngine store = path is null ? new MemoryEngine() : NodeFolder.Open(path, self, Founding, _options.Buffer);
        if (first.Count > 0) store.Enqueue(first, static _ => { });
        // On another thread, since a node cannot wait for the end of its own.
        return new EmbeddedNode(
            self, Founding, store, _network, _clock, _options,
            (node, keep) => Task.Run(() => _members[self].StartOver(node, keep)), path);
    }
}

/// <summary>An embedded cluster could not start; the message is one sentence.</summary>
public sealed class EmbeddedStartException(string message) : Exception(message);
