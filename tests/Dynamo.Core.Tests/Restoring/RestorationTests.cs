using Dynamo.Storage;
using Dynamo.Testing;

namespace Dynamo.Core.Tests.Restoring;

/// <summary>A node whose disk was lost is restored from a backup: what it alone had comes back, what was deleted does not.</summary>
public class RestorationTests
{
    private static readonly Key Cart = Key.Of("carts", "alice");
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly NodeSettings Settings = NodeSettings.Standard with
    {
        ReapEvery = TimeSpan.FromSeconds(2), ReapAfter = TimeSpan.FromSeconds(5), SyncEvery = TimeSpan.FromMinutes(1),
    };

    [Fact]
    public void What_only_this_node_had_comes_back()
    {
        var cluster = new VirtualCluster(5, settings: Settings);
        var node = cluster.Owners(Cart)[0];
        List<NodeId> others = [.. cluster.Nodes.Where(other => other != node)];
        cluster.Partition([node], others);
        Assert.IsType<Stored>(cluster.Put(node, Cart, "milk", options: new PutOptions { W = QuorumSize.One }));
        // Until the others' time to answer is over and hints stand for them.
        cluster.Run(TimeSpan.FromSeconds(30));
        var backup = cluster.TakeBackup(node);
        Assert.True(backup.Read(cluster.Ring.PartitionOf(Cart), Cart).Stored is not null && backup.HintOwners().Count > 0);
        Restore(cluster, node, backup, cluster.Heal);
        cluster.Run(TimeSpan.FromMinutes(2));
        foreach (var owner in cluster.Owners(Cart)) Assert.Equal("milk", Text(cluster, owner));
        Assert.Equal(0, cluster.HintsLeft());
    }

    [Fact]
    public void What_was_overwritten_or_deleted_since_stays_so()
    {
        var cluster = new VirtualCluster(5, settings: Settings with { ReapEvery = TimeSpan.Zero });
        var (node, other) = (cluster.Owners(Cart)[0], cluster.Owners(Cart)[1]);
        List<Key> keys = [.. Enumerable.Range(0, 40).Select(static i => Key.Of("carts", $"k{i}"))];
        var contexts = keys.ConvertAll(key => VirtualCluster.ContextOf(cluster.Put(node, key, "old")));
        cluster.Run(TimeSpan.FromSeconds(2));
        var backup = cluster.TakeBackup(node);
        for (var i = 0; i < keys.Count; i++)
            _ = i % 2 == 0 ? cluster.Delete(other, keys[i], contexts[i]) : cluster.Put(other, keys[i], "new", contexts[i]);
        Restore(cluster, node, backup);
        Assert.True(cluster.Machine(node).Restore!.KeysTaken > 10);
        Assert.Equal(0, cluster.Machine(node).Restore!.PartitionsLeftOut);
        cluster.Repair(node);
        for (var i = 0; i < keys.Count; i++)
            Assert.Equal(i % 2 == 0 ? [] : ["new"], VirtualCluster.Texts(cluster.Get(node, keys[i])));
    }

    [Fact]
    public void What_was_deleted_and_reaped_since_does_not_come_back_and_nothing_else_is_lost()
    {
        var cluster = new VirtualCluster(5, partitions: 8, settings: Settings);
        var node = cluster.Owners(Cart)[0];
        List<Key> others = [.. Enumerable.Range(0, 60).Select(static i => Key.Of("carts", $"k{i}"))];
        var put = cluster.Put(node, Cart, "milk");
        foreach (var key in others) cluster.Put(node, key, "kept");
        cluster.Run(TimeSpan.FromSeconds(2));
        var backup = cluster.TakeBackup(node);
        Reap(cluster, VirtualCluster.ContextOf(put));
        Restore(cluster, node, backup);
        Assert.Equal(1, cluster.Machine(node).Restore!.PartitionsLeftOut);
        cluster.Repair(node);
        cluster.Run(TimeSpan.FromMinutes(2));
        Assert.IsType<NotFound>(cluster.Get(node, Cart, new GetOptions { R = QuorumSize.All }));
        foreach (var key in others) Assert.Equal("kept", Assert.Single(VirtualCluster.Texts(cluster.Get(node, key))));
        foreach (var owner in cluster.Owners(Cart)) Assert.True(cluster.Local(owner, Cart).Clock.IsEmpty);
    }

    [Fact]
    public void A_value_whose_clock_was_shortened_since_does_not_come_back_beside_its_successor()
    {
        var cluster = new VirtualCluster(5, settings: Settings with { PruneAbove = 1 });
        var owners = cluster.Owners(Cart);
        var context = VirtualCluster.ContextOf(cluster.Put(owners[0], Cart, "one"));
        cluster.Run(TimeSpan.FromSeconds(2));
        var backup = cluster.TakeBackup(owners[0]);
        foreach (var (at, text) in owners.Select((owner, i) => (owner, $"later{i}")))
            context = VirtualCluster.ContextOf(cluster.Put(at, Cart, text, context));
        Assert.True(cluster.RunUntil(() => cluster.Local(owners[1], Cart).Clock.Ranges.Length == 1, Limit));
        cluster.Run(TimeSpan.FromSeconds(5));
        Restore(cluster, owners[0], backup);
        cluster.Repair(owners[0]);
        Assert.Equal(["later2"], VirtualCluster.Texts(cluster.Get(owners[0], Cart, new GetOptions { R = QuorumSize.All })));
    }

    [Fact]
    public void A_removal_that_was_agreed_on_before_and_comes_after_the_restoration_is_not_carried_out()
    {
        var cluster = new VirtualCluster(5, settings: Settings with { SyncEvery = TimeSpan.FromDays(1) });
        var owners = cluster.Owners(Cart);
        var put = cluster.Put(owners[1], Cart, "milk");
        cluster.Run(TimeSpan.FromSeconds(2));
        var backup = cluster.TakeBackup(owners[2]);
        var late = new List<(NodeId From, NodeId To, Message Message)>();
        cluster.Wire = (from, to, message) =>
        {
            if (message is not ReapRemove) return true;
            late.Add((from, to, message));
            return false;
        };
        // What the first owner tells itself is no message, so the others decide.
        cluster.Delete(owners[1], Cart, VirtualCluster.ContextOf(put));
        Assert.True(cluster.RunUntil(() => late.Select(static l => l.To).Distinct().Count() == 2, Limit));
        Restore(cluster, owners[2], backup, () => cluster.Kill(owners[0], wipe: true), () => cluster.Start(owners[0]));
        Assert.False(cluster.Local(owners[1], Cart).Clock.IsEmpty);
        foreach (var (from, to, message) in late) cluster.DeliverAsSent(from, to, message);
        cluster.Wire = static (_, _, _) => true;
        Assert.False(cluster.Local(owners[1], Cart).Clock.IsEmpty);
        cluster.Repair(owners[1]);
        Assert.Empty(VirtualCluster.Texts(cluster.Get(owners[2], Cart, new GetOptions { R = QuorumSize.All })));
    }

    [Fact]
    public void While_a_node_is_being_restored_nothing_is_reaped()
    {
        var cluster = new VirtualCluster(5, settings: Settings);
        var owners = cluster.Owners(Cart);
        var put = cluster.Put(owners[0], Cart, "milk");
        cluster.Run(TimeSpan.FromSeconds(2));
        var backup = cluster.TakeBackup(owners[1]);
        cluster.Kill(owners[1], wipe: true);
        cluster.Delete(owners[0], Cart, VirtualCluster.ContextOf(put));
        var silent = cluster.Nodes.Except(owners).First();
        cluster.Wire = (from, _, message) => from != silent || message is not ReapedReply;
        cluster.Start(owners[1], backup);
        cluster.Run(TimeSpan.FromMinutes(20));
        Assert.Equal(silent.Name, cluster.Machine(owners[1]).Restore!.WaitsFor);
        Assert.False(cluster.Local(owners[0], Cart).Clock.IsEmpty);
        cluster.Wire = static (_, _, _) => true;
        Assert.True(cluster.RunUntil(() => cluster.Local(owners[0], Cart).Clock.IsEmpty, Limit));
        Assert.True(cluster.Machine(owners[1]).Restore!.IsOver);
        Assert.IsType<NotFound>(cluster.Get(owners[1], Cart));
    }

    [Fact]
    public void Owners_that_have_lost_what_they_knew_of_removals_are_not_believed()
    {
        var cluster = new VirtualCluster(3, settings: Settings);
        var (first, node) = (cluster.Owners(Cart)[0], cluster.Owners(Cart)[1]);
        var put = cluster.Put(first, Cart, "milk");
        Reap(cluster, VirtualCluster.ContextOf(put));
        put = cluster.Put(first, Cart, "bread");
        cluster.Run(TimeSpan.FromSeconds(2));
        var backup = cluster.TakeBackup(node);
        Reap(cluster, VirtualCluster.ContextOf(put));
        foreach (var other in cluster.Nodes.Where(other => other != node))
        {
            cluster.Kill(other, wipe: true);
            cluster.Start(other);
        }

        cluster.Run(TimeSpan.FromMinutes(1));
        Restore(cluster, node, backup);
        Assert.IsType<NotFound>(cluster.Get(node, Cart, new GetOptions { R = QuorumSize.All }));
        Assert.Equal(1, cluster.Machine(node).Restore!.PartitionsLeftOut);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_backup_of_another_ring_or_another_node_is_left_out(bool ofAnotherRing)
    {
        var cluster = new VirtualCluster(5, settings: Settings);
        var node = cluster.Owners(Cart)[0];
        cluster.Put(node, Cart, "milk");
        cluster.Run(TimeSpan.FromSeconds(2));
        var backup = cluster.TakeBackup(ofAnotherRing ? node : cluster.Owners(Cart)[1]);
        if (ofAnotherRing)
        {
            Assert.Equal("", cluster.Change(node, false, new MembershipChange.Weigh(cluster.Owners(Cart)[2], 2, new ChangeOrigin(node, "test", default))));
            Assert.True(cluster.RunUntil(() => cluster.IsSettled(1), TimeSpan.FromHours(1)));
        }

        Restore(cluster, node, backup);
        Assert.Equal(0, cluster.Machine(node).Restore!.KeysTaken);
        cluster.Repair(node);
        Assert.Equal(["milk"], VirtualCluster.Texts(cluster.Get(node, Cart)));
    }

    private static void Reap(VirtualCluster cluster, ReadOnlyMemory<byte> context)
    {
        cluster.Delete(cluster.Owners(Cart)[0], Cart, context);
        Assert.True(cluster.RunUntil(
            () => cluster.Nodes.All(node => cluster.Local(node, Cart).Clock.IsEmpty), Limit));
        cluster.Run(TimeSpan.FromSeconds(5));
    }

    private static void Restore(VirtualCluster cluster, NodeId node, MemoryEngine backup, params Action[] meanwhile)
    {
        cluster.Kill(node, wipe: true);
        foreach (var action in meanwhile) action();
        cluster.Start(node, backup);
        Assert.True(cluster.RunUntil(() => cluster.Machine(node).Restore!.IsOver, Limit));
        Assert.Equal("", cluster.Machine(node).Restore!.WaitsFor);
    }

    private static string Text(VirtualCluster cluster, NodeId node) =>
        System.Text.Encoding.UTF8.GetString(Assert.Single(cluster.Local(node, Cart).Siblings).Value!.Body.Span);
}
