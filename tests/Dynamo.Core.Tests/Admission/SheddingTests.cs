using System.Reflection;
using Dynamo.Storage;
using Dynamo.Testing;

namespace Dynamo.Core.Tests.Admission;

/// <summary>What is refused as too much: said at once, with nothing done, and never turned into work for somebody else.</summary>
public class SheddingTests
{
    private static readonly NodeSettings OneAtATime = NodeSettings.Standard with { MinRequestsInFlight = 1 };

    private readonly Effects _effects = new();

    [Fact]
    public void A_request_over_the_limit_is_answered_at_once_and_nothing_of_it_leaves_the_node()
    {
        var cluster = new VirtualCluster(nodes: 3, settings: OneAtATime);
        var (node, key) = (cluster.Nodes[0], Key.Of("b", "k"));
        Overload(cluster, node, key);
        cluster.Wire = static (_, _, message) => message is not (ReplicaPut or ReplicaGet or ReplicaDigest);
        var first = cluster.Begin(node, new PutRequest(key, default, new Value(), PutOptions.None));
        var sent = new List<Message>();
        cluster.Wire = (_, _, message) =>
        {
            sent.Add(message);
            return true;
        };
        var second = cluster.Begin(node, new PutRequest(key, default, new Value(), PutOptions.None));
        Assert.Empty(first);
        Assert.Contains("Nothing was done", Assert.IsType<Overloaded>(Assert.Single(second)).Sentence);
        Assert.DoesNotContain(sent, static message => message is ReplicaPut or ForwardPut);
        Assert.Single(cluster.Observations, static o => o.Observation is Observation.Shed { Where: ShedPlace.Door });
    }

    [Fact]
    public void A_put_that_every_owner_is_too_busy_for_is_refused_and_becomes_no_hint()
    {
        var cluster = new VirtualCluster(nodes: 5, settings: OneAtATime);
        var key = Key.Of("b", "k");
        var owners = cluster.Ring.PreferenceList(cluster.Ring.PartitionOf(key), 3);
        var stranger = cluster.Nodes.First(node => !owners.Contains(node));
        foreach (var owner in owners) Overload(cluster, owner, key);
        // Each owner has two requests that do not end: one of its own, and one that was forwarded.
        cluster.Wire = (from, _, message) => !(owners.Contains(from) && message is ReplicaPut or ReplicaGet or ReplicaDigest);
        foreach (var owner in owners)
        {
            cluster.Begin(owner, new PutRequest(key, default, new Value(), PutOptions.None));
            var effects = new Effects();
            cluster.Machine(owner).OnMessage(
                stranger, new ForwardPut(new RequestId(1), new PutRequest(key, default, new Value(), PutOptions.None), TimeSpan.FromSeconds(9),
                    cluster.Machine(owner).Fence), cluster.Now, effects);
        }

        var outcome = cluster.Begin(stranger, new PutRequest(key, default, new Value(), PutOptions.None));
        cluster.RunUntil(() => outcome.Count > 0, TimeSpan.FromSeconds(5));
        Assert.IsType<Overloaded>(Assert.Single(outcome));
        Assert.Equal(3, cluster.Observations.Count(static o => o.Observation is Observation.Shed { Where: ShedPlace.Forwarded }));
        Assert.DoesNotContain(cluster.Observations, o => o.Node == stranger && o.Observation is Observation.HintStored);
    }

    [Theory]
    [InlineData(100, PutReason.Write, false)]
    [InlineData(100, PutReason.AntiEntropy, true)]
    [InlineData(200, PutReason.Write, true)]
    [InlineData(200, PutReason.Handoff, true)]
    [InlineData(99, PutReason.Handoff, false)]
    public void A_replica_refuses_when_its_store_has_fallen_behind_and_background_work_first(int backlog, PutReason reason, bool refused)
    {
        var replica = ReplicaOver(backlog);
        replica.OnMessage(new NodeId("o"), new ReplicaPut(new RequestId(1), new PartitionId(3), Key.Of("b", "k"), Record.Empty, default, reason), default, _effects);
        var answers = _effects.List.OfType<Effect.Send>().Select(static s => s.Message).OfType<ReplicaPutReply>();
        if (!refused) Assert.DoesNotContain(answers, static reply => reply.Refusal != WriteRefusal.None);
        else Assert.Equal((WriteRefusal.Overloaded, false), (Assert.Single(answers).Refusal, Assert.Single(answers).Durable));
        Assert.Equal(refused, _effects.List.Any(static e => e is Effect.Observe { Observation: Observation.Shed { Where: ShedPlace.Store } }));
        Assert.Equal(refused, !_effects.List.Any(static e => e is Effect.Write));
    }

    [Fact]
    public void A_put_whose_own_store_has_fallen_behind_is_refused_with_nothing_written_and_goes_to_nobody_else()
    {
        var coordinator = Begin(out var own);
        ReplicaOver(200).OnMessage(new NodeId("a"), own, default, _effects);
        var reply = Single<CoordinateWriteReply>();
        _effects.Clear();
        coordinator.OnCoordinated(reply, default, _effects);
        Assert.IsType<Overloaded>(coordinator.Outcome);
        Assert.False(coordinator.ShouldMoveOn);
        Assert.Empty(_effects.List);
    }

    [Fact]
    public void Who_refuses_a_write_as_too_much_has_not_acknowledged_it_and_is_remembered_by_the_coordinator_alone()
    {
        var coordinator = Begin(out var own);
        coordinator.OnCoordinated(new CoordinateWriteReply(own.Id, Record.Empty, VersionVector.Empty, WriteRefusal.None, ""), default, _effects);
        Assert.Equal(2, Sent<ReplicaPut>().Count);
        foreach (var owner in (NodeId[])[new("b"), new("c")])
        {
            _effects.Clear();
            coordinator.OnReply(owner, new ReplicaPutReply(own.Id, false, WriteRefusal.Overloaded, default), _effects);
            var hint = Assert.Single(_effects.List.OfType<Effect.Send>());
            Assert.Equal((new NodeId("a"), owner), (hint.To, ((ReplicaPut)hint.Message).IntendedFor));
            Assert.IsNotType<Stored>(coordinator.Outcome);
            coordinator.OnReply(new NodeId("a"), new ReplicaPutReply(own.Id, true, WriteRefusal.None, owner), _effects);
        }

        Assert.True(Assert.IsType<Unavailable>(coordinator.Outcome).MayTakeEffect);
    }

    // Requests that have waited a second for their turn bring the limit down to the floor.
    private static void Overload(VirtualCluster cluster, NodeId node, Key key)
    {
        for (var window = 0; window < 5; window++)
        {
            for (var i = 0; i < 25; i++)
                cluster.Machine(node).Request(
                    new GetRequest(key, new GetOptions { R = QuorumSize.One }), cluster.Now, new Effects(),
                    new Arrival(cluster.Now + TimeSpan.FromSeconds(-1), IsTraced: false));
            cluster.Run(AdmissionControl.Window);
        }

        Assert.Equal(1, cluster.Machine(node).Admission.Limit);
    }

    private PutCoordinator Begin(out CoordinateWrite own)
    {
        RingMember[] members = [.. "abcdef".Select(static c => new RingMember(new NodeId(c.ToString())))];
        var ring = new Ring(members, [.. Enumerable.Range(0, 8).Select(p => members[p % 6].Node)]);
        var view = new ClusterView(new NodeId("a"), ring, static _ => true, System.Collections.Immutable.ImmutableSortedDictionary<string, PropertyEntry>.Empty);
        var put = new PutRequest(Key.Of("b", "k"), default, new Value(), PutOptions.None);
        var coordinator = new PutCoordinator(
            new RequestId(9), put, CausalContext.Empty, WriteQuorum.Resolve(BucketProperties.Standard, PutOptions.None, 6, out _), false,
            ReplicaTargets.Choose(view, new PartitionId(0), 3), new NodeId("a"), default, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1));
        coordinator.Start(_effects);
        own = Single<CoordinateWrite>();
        _effects.Clear();
        return coordinator;
    }

    private static Replica ReplicaOver(int backlog)
    {
        var store = DispatchProxy.Create<INodeStore, BehindStore>();
        ((BehindStore)(object)store).Backlog = backlog;
        return new Replica(new NodeId("a"), new PartitionId(3), store, NodeSettings.Standard with { MaxStoreBacklog = 200 }, 1);
    }

    private List<T> Sent<T>() => [.. _effects.List.OfType<Effect.Send>().Select(static s => s.Message).OfType<T>()];

    private T Single<T>() => Assert.Single(Sent<T>());

    // A memory store that says that writes wait in it.
    private class BehindStore : DispatchProxy
    {
        private readonly Dynamo.Storage.MemoryEngine _engine = new();

        public int Backlog { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == $"get_{nameof(INodeStore.Backlog)}" ? Backlog : targetMethod.Invoke(_engine, args);
    }
}
