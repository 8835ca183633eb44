using System.Collections.Immutable;
using System.Text;
using Akka.Cluster;
using Akka.Cluster.TestKit;
using Akka.Remote.TestKit;
using Akka.Remote.Transport;
using Dynamo.Actors;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.MultiNode.Tests;

/// <summary>
/// A spec about a cluster that falls apart and comes together again; each node is a process of its own.
/// </summary>
/// <remarks>
/// Derive from it and from <see cref="PartitionConfig"/>. Every process runs the same method: <see cref="Start"/> a
/// node, then phases that end with <c>EnterBarrier</c>; <c>RunOn</c> does something on some nodes only.
/// <see cref="Split"/> and <see cref="Heal"/> are called by all, and return on all when it is done.
/// </remarks>
public abstract class PartitionSpec : MultiNodeClusterSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly PartitionConfig _config;
    private readonly MemoryEngine _store = new();
    private int _barriers;

    /// <summary>A spec; the framework makes one in each process.</summary>
    protected PartitionSpec(PartitionConfig config, Type type)
        : base(config, type)
    {
        _config = config;
    }

    /// <summary>The node of this process, after <see cref="Start"/>.</summary>
    protected DynamoSystem Dynamo { get; private set; } = null!;

    /// <summary>Where requests of the client are timed and peers suspected; quick, so that a spec is.</summary>
    protected virtual NodeSettings Settings { get; } = NodeSettings.Standard with
    {
        PingEvery = TimeSpan.FromMilliseconds(200),
        GossipEvery = TimeSpan.FromMilliseconds(200),
        RequestTimeout = TimeSpan.FromSeconds(15),
    };

    /// <summary>
    /// Starts this process's node and waits until all nodes reach each other and are members of one Akka cluster.
    /// </summary>
    protected void Start()
    {
        var members = _config.Nodes.Select(static n => new RingMember(Name(n)));
        Assert.True(Founding.TryCreate("partition", 32, 3, members, out var founding, out var error), error);
        Dynamo = DynamoSystem.StartAsync(
            Sys,
            new DynamoActorOptions
            {
                Self = Name(Myself),
                Founding = founding,
                Endpoints = _config.Nodes.ToImmutableSortedDictionary(Name, EndpointOf),
                Settings = Settings,
            },
            _store).GetAwaiter().GetResult();
        AwaitReachable([.. _config.Nodes]);
        AwaitAssert(AssertNobodyIsGone, Patience);
        Barrier("started");
    }

    /// <summary>Cuts every connection between the two sides; within a side all goes on.</summary>
    protected void Split(RoleName[] left, RoleName[] right) => Cut(left, right, "split", (a, b) =>
        TestConductor.Blackhole(a, b, ThrottleTransportAdapter.Direction.Both));

    /// <summary>Makes the cut good.</summary>
    protected void Heal(RoleName[] left, RoleName[] right) => Cut(left, right, "healed", (a, b) =>
        TestConductor.PassThrough(a, b, ThrottleTransportAdapter.Direction.Both));

    /// <summary>Waits until this node reaches exactly these nodes, by its own evidence and by Akka.Cluster's.</summary>
    protected void AwaitReachable(RoleName[] nodes) => AwaitAssert(
        () =>
        {
            foreach (var node in _config.Nodes) Assert.Equal(nodes.Contains(node), Dynamo.View.IsReachable(Name(node)));
        },
        Patience);

    /// <summary>Nobody was downed, nobody left, and this process's part of Akka's cluster still runs.</summary>
    protected void AssertNobodyIsGone()
    {
        Assert.False(Cluster.IsTerminated);
        Assert.All(Cluster.State.Members, static m => Assert.True(m.Status is MemberStatus.Up, m.ToString()));
        Assert.Equal(_config.Nodes.Length, Cluster.State.Members.Count);
    }

    /// <summary>Reads a key at this node.</summary>
    protected Outcome Get(Key key) => Dynamo.Execute(new GetRequest(key, GetOptions.None)).GetAwaiter().GetResult();

    /// <summary>Writes at this node, which must succeed.</summary>
    protected void Put(Key key, string text, ReadOnlyMemory<byte> context = default, QuorumSize w = default)
    {
        var value = new Value { Body = Encoding.UTF8.GetBytes(text) };
        var request = new PutRequest(key, context, value, new PutOptions { W = w });
        var outcome = Dynamo.Execute(request).GetAwaiter().GetResult();
        Assert.True(outcome is Stored, $"{Dynamo.Self} put {key}: {outcome.Sentence}");
    }

    /// <summary>
    /// Waits until this node's own store holds exactly these texts for a key, if it is one of the key's owners.
    /// </summary>
    protected void AwaitInOwnStore(Key key, params string[] texts)
    {
        var partition = Dynamo.Ring.PartitionOf(key);
        if (!Dynamo.Ring.PreferenceList(partition, Dynamo.Founding.TargetNVal).Contains(Dynamo.Self)) return;
        AwaitAssert(() => Assert.Equal(texts.Order(StringComparer.Ordinal), OwnTexts(partition, key)), Patience);
    }

    /// <summary>Waits until this node keeps no hint for anybody.</summary>
    protected void AwaitNoHints() => AwaitAssert(() => Assert.Empty(_store.HintOwners()), Patience);

    /// <summary>Waits until every process has come here.</summary>
    protected void Barrier(string name) => EnterBarrier($"{name}-{++_barriers}");

    /// <summary>The values of an outcome, sorted.</summary>
    protected static IEnumerable<string> Texts(Outcome outcome) => outcome is Found found ? Texts(found.Siblings) : [];

    /// <inheritdoc/>
    protected override void AfterTermination() => _store.Dispose();

    private static NodeId Name(RoleName role) => new(role.Name);

    private static IEnumerable<string> Texts(IEnumerable<Sibling> siblings) => siblings
        .Where(static s => !s.IsTombstone)
        .Select(static s => Encoding.UTF8.GetString(s.Value!.Body.Span))
        .Order(StringComparer.Ordinal);

    private NodeEndpoint EndpointOf(RoleName role) => new(GetAddress(role).Host, GetAddress(role).Port!.Value);

    private IEnumerable<string> OwnTexts(PartitionId partition, Key key) =>
        _store.Read(partition, key) is { Stored: { } stored } ? Texts(stored.Record.Siblings) : [];

    private void Cut(RoleName[] left, RoleName[] right, string done, Func<RoleName, RoleName, Task<Done>> each)
    {
        RunOn(
            () =>
            {
                foreach (var a in left)
                    foreach (var b in right)
                        Assert.True(each(a, b).Wait(Patience), $"{a.Name} and {b.Name} are {done}");
            },
            _config.Nodes[0]);
        Barrier(done);
    }
}
