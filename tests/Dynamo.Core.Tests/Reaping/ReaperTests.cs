using System.Text;
using Dynamo.Testing;

namespace Dynamo.Core.Tests.Reaping;

/// <summary>Tombstones go when nothing older is left anywhere, and not before.</summary>
public class ReaperTests
{
    private static readonly Key Cart = Key.Of("carts", "alice");

    private static readonly NodeSettings Settings = NodeSettings.Standard with
    {
        ReapEvery = TimeSpan.FromSeconds(2), ReapAfter = TimeSpan.FromSeconds(5), SyncEvery = TimeSpan.FromMinutes(1),
    };

    [Fact]
    public void A_deleted_key_leaves_nothing_behind_and_can_be_written_again()
    {
        var cluster = Deleted(out _);
        Assert.True(cluster.RunUntil(() => IsGone(cluster, Cart), TimeSpan.FromMinutes(2)));
        var get = cluster.Get(cluster.Nodes[0], Cart);
        Assert.Null(Assert.IsType<NotFound>(get).DeletedAt);
        Assert.IsType<Stored>(cluster.Put(cluster.Nodes[1], Cart, "bread"));
        cluster.Run(TimeSpan.FromMinutes(2));
        Assert.Equal("bread", Text(cluster.Get(cluster.Nodes[2], Cart)));
        Assert.Equal(1, cluster.Observations.Sum(static o => o.Observation is Observation.Reaped reaped ? reaped.Keys : 0));
    }

    [Fact]
    public void While_any_member_is_away_nothing_is_reaped_be_it_an_owner_or_not()
    {
        foreach (var isOwner in (bool[])[true, false])
        {
            var cluster = Deleted(out _);
            var away = isOwner ? cluster.Owners(Cart)[2] : cluster.Nodes.Except(cluster.Owners(Cart)).First();
            cluster.Kill(away);
            cluster.Run(TimeSpan.FromMinutes(30));
            Assert.False(IsGone(cluster, Cart));
            cluster.Start(away);
            Assert.True(cluster.RunUntil(() => IsGone(cluster, Cart), TimeSpan.FromMinutes(2)));
        }
    }

    [Fact]
    public void A_put_that_was_late_by_minutes_is_refused_when_it_comes()
    {
        var cluster = new VirtualCluster(5, settings: Settings);
        var owners = cluster.Owners(Cart);
        (NodeId From, ReplicaPut Put)? late = null;
        cluster.Wire = (from, to, message) =>
        {
            if (late is not null || to != owners[2] || message is not ReplicaPut { Reason: PutReason.Write } put) return true;
            late = (from, put);
            return false;
        };
        var put = cluster.Put(owners[0], Cart, "milk");
        cluster.Delete(owners[0], Cart, VirtualCluster.ContextOf(put));
        Assert.True(cluster.RunUntil(() => IsGone(cluster, Cart), TimeSpan.FromMinutes(5)));

        Assert.NotNull(late);
        cluster.DeliverAsSent(late.Value.From, owners[2], late.Value.Put);
        Assert.True(cluster.Local(owners[2], Cart).Clock.IsEmpty);
        Assert.IsType<NotFound>(cluster.Get(cluster.Nodes[0], Cart));
        // With today's mark the same record would have come back: the fence is what keeps it out.
        cluster.Deliver(late.Value.From, owners[2], late.Value.Put);
        Assert.False(cluster.Local(owners[2], Cart).Clock.IsEmpty);
    }

    [Fact]
    public void A_hint_with_an_old_value_at_a_node_that_is_no_owner_keeps_the_tombstone()
    {
        var cluster = new VirtualCluster(5, settings: Settings);
        var owners = cluster.Owners(Cart);
        var outsider = cluster.Nodes.Except(owners).First();
        var put = cluster.Put(owners[0], Cart, "milk");
        cluster.Run(TimeSpan.FromSeconds(1));
        var old = cluster.Local(owners[0], Cart);
        cluster.Delete(owners[0], Cart, VirtualCluster.ContextOf(put));
        var partition = cluster.Ring.PartitionOf(Cart);
        // Its delivery fails again and again.
        cluster.Wire = static (_, _, message) => message is not ReplicaPut { Reason: PutReason.Handoff };
        cluster.Deliver(owners[0], outsider, new ReplicaPut(new RequestId(7), partition, Cart, old, owners[2], PutReason.Write));
        Assert.Equal(1, cluster.HintsLeft());
        cluster.Run(TimeSpan.FromMinutes(10));
        Assert.False(IsGone(cluster, Cart));
        cluster.Wire = static (_, _, _) => true;
        Assert.True(cluster.RunUntil(() => IsGone(cluster, Cart), TimeSpan.FromMinutes(2)));
        Assert.Equal(0, cluster.HintsLeft());
    }

    [Fact]
    public void A_hint_that_comes_while_the_reaping_goes_on_is_refused()
    {
        var cluster = Deleted(out var old);
        var owners = cluster.Owners(Cart);
        var outsider = cluster.Nodes.Except(owners).First();
        var guarded = false;
        cluster.Wire = (_, to, message) =>
        {
            guarded |= to == outsider && message is ReapAsk { Stage: ReapStage.Idle };
            return true;
        };
        Assert.True(cluster.RunUntil(() => guarded, TimeSpan.FromMinutes(2)));
        cluster.Deliver(owners[0], outsider, new ReplicaPut(
            new RequestId(7), cluster.Ring.PartitionOf(Cart), Cart, old, owners[2], PutReason.Write));
        Assert.Equal(0, cluster.HintsLeft());
        Assert.True(cluster.RunUntil(() => IsGone(cluster, Cart), TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public void A_node_that_forgets_its_guard_in_the_middle_stops_the_reaping()
    {
        var cluster = Deleted(out var old);
        var owners = cluster.Owners(Cart);
        var outsider = cluster.Nodes.Except(owners).First();
        var fences = 0;
        cluster.Wire = (_, to, message) =>
        {
            if (to == outsider && message is ReapAsk { Stage: ReapStage.Fence }) fences++;
            return true;
        };
        Assert.True(cluster.RunUntil(() => fences == 2, TimeSpan.FromMinutes(2)));
        cluster.Kill(outsider);
        cluster.Start(outsider);
        var partition = cluster.Ring.PartitionOf(Cart);
        cluster.Wire = static (_, _, message) => message is not ReplicaPut { Reason: PutReason.Handoff };
        cluster.Deliver(owners[0], outsider, new ReplicaPut(new RequestId(7), partition, Cart, old, owners[2], PutReason.Write));
        Assert.Equal(1, cluster.HintsLeft());
        cluster.Run(TimeSpan.FromMinutes(5));
        Assert.False(IsGone(cluster, Cart));
    }

    [Fact]
    public void A_get_that_holds_the_old_value_in_memory_keeps_the_tombstone()
    {
        var cluster = new VirtualCluster(5, settings: Settings);
        var owners = cluster.Owners(Cart);
        var reader = cluster.Nodes.Except(owners).First();
        var put = cluster.Put(owners[0], Cart, "milk");
        cluster.Run(TimeSpan.FromSeconds(1));
        // Two owners never answer this get, so that it waits out its hour with what the third has told it.
        cluster.Wire = (from, to, message) => !(message is ReplicaGetReply or ReplicaDigestReply && to == reader);
        var get = cluster.Begin(reader, new GetRequest(Cart, new GetOptions { R = QuorumSize.All, Timeout = TimeSpan.FromHours(1) }));
        cluster.Delete(owners[0], Cart, VirtualCluster.ContextOf(put));
        cluster.Run(TimeSpan.FromMinutes(30));
        Assert.False(IsGone(cluster, Cart));
        cluster.Wire = static (_, _, _) => true;
        Assert.True(cluster.RunUntil(() => get.Count > 0, TimeSpan.FromHours(2)));
        Assert.True(cluster.RunUntil(() => IsGone(cluster, Cart), TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public void Owners_that_hold_different_tombstones_are_brought_together_first()
    {
        var cluster = Deleted(out _);
        var owners = cluster.Owners(Cart);
        var held = cluster.Local(owners[1], Cart);
        var dot = new Dot(new ReplicaId(owners[1], 77), 5);
        var other = held.Put(VersionVector.Empty, new Sibling(dot, 9, null), DotRange.Of(dot));
        cluster.Store(owners[1]).Enqueue(
            [new StoreChange.PutRecord(cluster.Ring.PartitionOf(Cart), Cart, new StoredRecord(other, 0, 0))], static _ => { });
        Assert.True(cluster.RunUntil(() => IsGone(cluster, Cart), TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void A_clock_of_many_ranges_is_shortened_to_the_dots_of_its_values()
    {
        var cluster = new VirtualCluster(5, settings: Settings);
        var owners = cluster.Owners(Cart);
        cluster.Put(owners[0], Cart, "milk");
        cluster.Run(TimeSpan.FromSeconds(1));
        var record = cluster.Local(owners[0], Cart);
        // As twelve store generations that have come to their end would leave it.
        for (var i = 0UL; i < 12; i++)
            record = record.Merge(Record.TryCreate(
                VersionVector.Of(new DotRange(new ReplicaId(owners[1], 100 + i), 1, 3)), [], out var clock) ? clock : throw new InvalidOperationException());
        foreach (var owner in owners)
            cluster.Deliver(cluster.Nodes.First(n => n != owner), owner, new ReplicaPut(
                new RequestId(7), cluster.Ring.PartitionOf(Cart), Cart, record, default, PutReason.Write));
        Assert.Equal(13, cluster.Local(owners[2], Cart).Clock.Ranges.Length);
        Assert.True(cluster.RunUntil(
            () => owners.All(owner => cluster.Local(owner, Cart).Clock.Ranges.Length == 1), TimeSpan.FromMinutes(2)));
        Assert.Equal("milk", Text(cluster.Get(cluster.Nodes[0], Cart)));
        Assert.Equal(record.Siblings.AsEnumerable(), cluster.Local(owners[0], Cart).Siblings);
    }

    [Fact]
    public void A_record_whose_sender_does_not_know_the_fence_is_sent_again_at_once()
    {
        var cluster = new VirtualCluster(5, settings: Settings);
        var owners = cluster.Owners(Cart);
        cluster.Wire = (_, to, message) => !(message is FenceIs && to == owners[0]);
        foreach (var owner in owners.Skip(1))
        {
            cluster.Kill(owner);
            cluster.Start(owner);
        }

        cluster.Run(TimeSpan.FromSeconds(5));
        cluster.Wire = static (_, _, _) => true;
        var before = cluster.Now;
        Assert.IsType<Stored>(cluster.Put(owners[0], Cart, "milk", options: new PutOptions { W = QuorumSize.All }));
        Assert.True(cluster.Now - before < TimeSpan.FromMilliseconds(100), $"It took {(cluster.Now - before).TotalMilliseconds} virtual ms.");
    }

    private static VirtualCluster Deleted(out Record old)
    {
        var cluster = new VirtualCluster(5, settings: Settings);
        var put = cluster.Put(cluster.Nodes[0], Cart, "milk");
        cluster.Run(TimeSpan.FromSeconds(1));
        old = cluster.Local(cluster.Owners(Cart)[0], Cart);
        Assert.IsType<Stored>(cluster.Delete(cluster.Nodes[0], Cart, VirtualCluster.ContextOf(put)));
        cluster.Run(TimeSpan.FromSeconds(1));
        return cluster;
    }

    private static bool IsGone(VirtualCluster cluster, Key key) =>
        cluster.Nodes.All(node => cluster.Local(node, key).Clock.IsEmpty);

    private static string Text(Outcome outcome) =>
        Encoding.UTF8.GetString(Assert.IsType<Found>(outcome).Siblings.Single().Value!.Body.Span);
}
