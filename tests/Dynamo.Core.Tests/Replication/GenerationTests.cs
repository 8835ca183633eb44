using Dynamo.Testing;

namespace Dynamo.Core.Tests.Replication;

/// <summary>Dots, leases and store generations: no dot is issued twice, and none is claimed that was not issued. Section 4.4.</summary>
public class GenerationTests
{
    private static readonly Key Cart = Key.Of("carts", "alice");
    private static readonly PutOptions W1 = new() { W = QuorumSize.One };

    [Fact]
    public void A_store_closed_in_order_that_the_other_owners_vouch_for_keeps_its_generation_and_its_counter()
    {
        var cluster = new VirtualCluster(nodes: 5);
        var node = cluster.Owners(Cart)[0];
        cluster.Put(node, Cart, "one");
        var first = Assert.Single(cluster.Local(node, Cart).Siblings).Dot;
        // The others have looked through their rows by then.
        foreach (var other in cluster.Nodes) Assert.True(cluster.Repair(other));
        cluster.Stop(node);
        cluster.Start(node);
        cluster.Run(TimeSpan.FromSeconds(1));
        cluster.Put(node, Cart, "two");
        Assert.Equal(
            [first, new Dot(first.Replica, 2)], cluster.Local(node, Cart).Siblings.Select(s => s.Dot).Order());
        // The seal went with the first write, so the same store put through a crash begins anew.
        cluster.Kill(node);
        cluster.Start(node);
        cluster.Run(TimeSpan.FromSeconds(1));
        cluster.Put(node, Cart, "three");
        Assert.Equal(2, cluster.Local(node, Cart).Siblings.Select(s => s.Dot.Replica).Distinct().Count());
    }

    [Theory]
    [InlineData("alone", "nobody else could know a later lease")]
    [InlineData("not looked", "has not looked through its rows yet")]
    [InlineData("away", "which may know a later lease, cannot be reached")]
    [InlineData("killed", "the store was not closed in order")]
    public void Any_doubt_begins_a_new_generation(string why, string reason)
    {
        var cluster = new VirtualCluster(nodes: why == "alone" ? 1 : 5);
        var node = cluster.Owners(Cart)[0];
        cluster.Put(node, Cart, "one");
        var first = Assert.Single(cluster.Local(node, Cart).Siblings).Dot;
        if (why is "away" or "killed")
            foreach (var other in cluster.Nodes) Assert.True(cluster.Repair(other));
        if (why == "away") cluster.Kill(cluster.Owners(Cart)[2]);
        if (why == "killed") cluster.Kill(node);
        else cluster.Stop(node);
        cluster.Start(node);
        cluster.Run(TimeSpan.FromSeconds(1));
        Assert.IsType<Stored>(cluster.Put(node, Cart, "two"));
        var dots = cluster.Local(node, Cart).Siblings.Select(s => s.Dot).ToList();
        Assert.Equal(2, dots.Count);
        Assert.Single(dots, dot => dot.Replica == first.Replica);
        Assert.Contains(cluster.Observations, o =>
            o.Observation is Observation.GenerationBegan began && began.Reason.EndsWith(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, "the store was not closed in order")]
    [InlineData(true, "the store is older than what it did")]
    public void A_backup_that_was_put_back_neither_issues_its_dots_again_nor_claims_what_it_forgot(bool closed, string reason)
    {
        var cluster = new VirtualCluster(nodes: 5);
        var node = cluster.Owners(Cart)[0];
        cluster.Put(node, Cart, "one");
        cluster.Run(TimeSpan.FromSeconds(1));
        if (closed) cluster.Stop(node);
        var backup = cluster.Backup(node);
        if (closed) cluster.Start(node);
        // Without the others' having looked a generation would end here, and nothing be put to the test.
        foreach (var other in cluster.Nodes) Assert.True(cluster.Repair(other));
        for (var i = 0; i < 9; i++) cluster.Put(node, Cart, $"later {i}");
        cluster.Run(TimeSpan.FromSeconds(1));
        var issued = cluster.Local(node, Cart).Siblings.Select(s => s.Dot).ToList();
        Assert.Single(issued.Select(dot => dot.Replica).Distinct());

        cluster.Kill(node, wipe: true);
        cluster.PutBack(node, backup);
        cluster.Start(node);
        cluster.Run(TimeSpan.FromSeconds(1));
        Assert.IsType<Stored>(cluster.Put(node, Cart, "after"));
        cluster.Run(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(cluster.Local(node, Cart).Siblings.Select(s => s.Dot).Where(dot => !issued.Contains(dot)), issued.Contains);
        Assert.Equal(2, cluster.Local(node, Cart).Siblings.Select(s => s.Dot.Replica).Distinct().Count());
        Assert.Contains(cluster.Observations, o => o.Node == node
            && o.Observation is Observation.GenerationBegan began && began.Reason.EndsWith(reason, StringComparison.Ordinal));
        Assert.Equal(11, VirtualCluster.Texts(cluster.Get(cluster.Owners(Cart)[1], Cart)).Length);
    }

    [Fact]
    public void A_wiped_store_begins_a_new_generation_and_its_blind_put_covers_nothing_it_forgot()
    {
        var cluster = new VirtualCluster(nodes: 3);
        var node = cluster.Owners(Cart)[0];
        cluster.Put(node, Cart, "one");
        cluster.Run(TimeSpan.FromSeconds(1));
        cluster.Kill(node, wipe: true);
        cluster.Start(node);
        cluster.Run(TimeSpan.FromSeconds(3));
        cluster.Put(node, Cart, "two");
        cluster.Run(TimeSpan.FromSeconds(1));
        foreach (var at in cluster.Nodes)
            Assert.Equal(["one", "two"], VirtualCluster.Texts(cluster.Get(at, Cart)));
    }

    [Fact]
    public void A_store_that_lost_one_record_claims_only_the_new_dot()
    {
        var cluster = new VirtualCluster(nodes: 3);
        var node = cluster.Owners(Cart)[0];
        var others = cluster.Nodes.Where(n => n != node).ToArray();
        for (var i = 0; i < 3; i++) cluster.Put(node, Cart, $"v{i}");
        cluster.Run(TimeSpan.FromSeconds(1));
        var lost = cluster.Local(node, Cart);
        cluster.Store(node).Enqueue([new StoreChange.RemoveRecord(cluster.Ring.PartitionOf(Cart), Cart)], static _ => { });

        // A peer that has only the first of the lost versions puts it back; the later ones must survive what follows.
        var reach = others[0];
        cluster.Partition([node], others);
        cluster.Run(TimeSpan.FromSeconds(6));
        var stale = Record.Empty.Put(VersionVector.Empty, lost.Siblings[0], DotRange.Of(lost.Siblings[0].Dot));
        cluster.Heal();
        cluster.Wire = (from, to, message) => to != node || message is ReplicaPutReply;
        cluster.Deliver(reach, node, new ReplicaPut(
            new RequestId(1), cluster.Ring.PartitionOf(Cart), Cart, stale, default, PutReason.ReadRepair));
        cluster.Put(node, Cart, "blind", default, W1);
        cluster.Wire = static (_, _, _) => true;
        cluster.Run(TimeSpan.FromSeconds(30));
        foreach (var at in cluster.Nodes)
            Assert.Equal(["blind", "v0", "v1", "v2"], VirtualCluster.Texts(cluster.Get(at, Cart, new GetOptions { R = QuorumSize.All })));
    }

    [Fact]
    public void Its_own_dot_above_the_lease_ends_the_generation()
    {
        var cluster = new VirtualCluster(nodes: 3);
        var node = cluster.Owners(Cart)[0];
        cluster.Put(node, Cart, "one");
        cluster.Run(TimeSpan.FromSeconds(1));
        var mine = Assert.Single(cluster.Local(node, Cart).Siblings).Dot;
        // As after a restored backup: a peer knows a later dot of this generation than the store does.
        var ahead = new Dot(mine.Replica, mine.Counter + 1_000_000);
        var record = Record.Empty.Put(
            VersionVector.Empty, new Sibling(ahead, 1, new Value()), DotRange.Of(ahead));
        cluster.Deliver(cluster.Nodes.First(n => n != node), node, new ReplicaPut(
            new RequestId(1), cluster.Ring.PartitionOf(Cart), Cart, record, default, PutReason.ReadRepair));
        cluster.Put(node, Cart, "two");
        Assert.Contains(cluster.Local(node, Cart).Siblings, s => s.Dot.Replica != mine.Replica && s.Dot.Replica.Node == node);
        Assert.Equal(2, cluster.Observations.Count(o => o.Node == node && o.Observation is Observation.GenerationBegan
        {
            Partition: var p,
        } && p == cluster.Ring.PartitionOf(Cart)));
    }

    [Fact]
    public void A_write_is_later_than_all_its_client_has_read_although_the_clock_and_the_store_say_less()
    {
        var effects = new Effects();
        var replica = new Replica(new NodeId("a"), new PartitionId(0), new Storage.MemoryEngine(), NodeSettings.Standard, 1);
        replica.OnMessage(
            new NodeId("a"),
            new CoordinateWrite(new RequestId(1), new PartitionId(0), Cart, VersionVector.Empty, new Value(), true, default, After: 5_000),
            new Instant(1_000), effects);
        var written = (StoreChange.PutRecord)effects.List.OfType<Effect.Write>().Single().Changes[^1];
        Assert.Equal(5_001, Assert.Single(written.Stored.Record.Siblings).Timestamp);

        // The same through whole nodes: what a get shows goes into its context, and from there into the next put.
        var cluster = new VirtualCluster(nodes: 3);
        cluster.Put(cluster.Nodes[0], Cart, "one");
        var token = VirtualCluster.ContextOf(cluster.Get(cluster.Nodes[1], Cart));
        Assert.True(cluster.Contexts.TryDecode(Cart, token.Span, out var context, out _));
        Assert.Equal(cluster.Local(cluster.Nodes[0], Cart).LatestTimestamp, context.Timestamp);
    }
}
