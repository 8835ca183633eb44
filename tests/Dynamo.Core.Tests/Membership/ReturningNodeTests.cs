using Dynamo.Testing;
using static Dynamo.Core.MembershipChange;

namespace Dynamo.Core.Tests.Membership;

/// <summary>A node that comes back under its old name, with its old store, brings nothing of it back. Sections 4.7 and 4.8.</summary>
public class ReturningNodeTests
{
    private const int Keys = 40;
    private static readonly NodeId First = new("n01"), Third = new("n03");
    private static readonly ChangeOrigin Origin = new(First, "test", default);

    private static readonly NodeSettings Settings = NodeSettings.Standard with
    {
        SyncKeysPerSecond = 100_000, SyncPause = TimeSpan.FromMilliseconds(1), SyncEvery = TimeSpan.FromSeconds(20),
        ReapEvery = TimeSpan.FromSeconds(1), ReapAfter = TimeSpan.Zero, FenceEvery = TimeSpan.FromMilliseconds(10),
    };

    /// <summary>How a node goes, and what becomes of its process until it joins again.</summary>
    public enum Way
    {
        /// <summary>It leaves, and its process runs on.</summary>
        LeavesAndRunsOn,

        /// <summary>It leaves, and is started again over its store only when it joins.</summary>
        LeavesAndStops,

        /// <summary>It dies, is removed, and is started again before it joins.</summary>
        DiesAndIsBackBefore,

        /// <summary>It dies, is removed, and is started again when it joins.</summary>
        DiesAndIsBackLater,

        /// <summary>It is removed while it runs, by force.</summary>
        IsRemovedAlive,

        /// <summary>Another takes its place; then it takes that one's.</summary>
        IsReplaced,
    }

    [Theory]
    [InlineData(Way.LeavesAndRunsOn)]
    [InlineData(Way.LeavesAndStops)]
    [InlineData(Way.DiesAndIsBackBefore)]
    [InlineData(Way.DiesAndIsBackLater)]
    [InlineData(Way.IsRemovedAlive)]
    [InlineData(Way.IsReplaced)]
    public void What_was_deleted_and_reaped_while_a_node_was_no_member_stays_deleted_when_it_joins_again(Way way)
    {
        var cluster = new VirtualCluster(4, partitions: 32, settings: Settings);
        Fill(cluster);
        Assert.True(Holds(cluster, Third) > 10);
        NodeId spare = new("n05");
        switch (way)
        {
            case Way.LeavesAndRunsOn or Way.LeavesAndStops:
                Change(cluster, new Leave(Third, Origin));
                Settle(cluster, 1);
                if (way == Way.LeavesAndStops) cluster.Stop(Third);
                break;
            case Way.DiesAndIsBackBefore or Way.DiesAndIsBackLater:
                cluster.Kill(Third);
                cluster.Run(TimeSpan.FromSeconds(5));
                Change(cluster, new Remove(Third, Origin));
                Settle(cluster, 1);
                break;
            case Way.IsRemovedAlive:
                Assert.Equal("", cluster.Change(First, true, new Remove(Third, Origin)));
                Settle(cluster, 1);
                break;
            case Way.IsReplaced:
                cluster.Add(spare);
                Change(cluster, new Replace(Third, spare, Origin));
                Settle(cluster, 1);
                break;
        }

        DeleteAndReap(cluster);
        // Who leaves in order hands over and keeps nothing; all others hold what could come back.
        if (way is Way.LeavesAndRunsOn or Way.LeavesAndStops) Assert.Equal(0, Holds(cluster, Third));
        else Assert.True(Holds(cluster, Third) > 10, "Nothing is there that could come back.");
        if (way == Way.DiesAndIsBackBefore)
        {
            cluster.Start(Third);
            cluster.Run(TimeSpan.FromSeconds(60));
            AssertNothingIsBack(cluster);
        }

        Change(cluster, way == Way.IsReplaced ? new Replace(spare, Third, Origin) : new Join(new RingMember(Third), Origin));
        if (!cluster.IsUp(Third)) cluster.Start(Third);
        Settle(cluster, 2);
        cluster.Run(TimeSpan.FromMinutes(2));
        Assert.Equal(0, Holds(cluster, Third));
        AssertNothingIsBack(cluster);

        // It is as good a member as any other, and a restart drops nothing any more.
        Fill(cluster);
        var held = Holds(cluster, Third);
        Assert.True(held > 10);
        cluster.Kill(Third);
        cluster.Start(Third);
        cluster.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(held, Holds(cluster, Third));
        Assert.IsType<Stored>(cluster.Put(Third, Key.Of("b", "more"), "v", options: new PutOptions { W = QuorumSize.All }));
    }

    [Fact]
    public void Who_is_taken_in_again_while_it_leaves_hands_over_first()
    {
        var cluster = new VirtualCluster(4, partitions: 32, settings: Settings with { SyncKeysPerSecond = 20 });
        Fill(cluster);
        Change(cluster, new Leave(Third, Origin));
        Change(cluster, new Join(new RingMember(Third), Origin));
        Assert.True(cluster.RunUntil(() => cluster.Machine(First).Membership.State.MayTransfer, TimeSpan.FromMinutes(1)));
        Assert.True(Holds(cluster, Third) > 10);
        Settle(cluster, 2);
        for (var i = 0; i < Keys; i++)
            Assert.Equal(["v"], VirtualCluster.Texts(cluster.Get(Third, Key.Of("b", $"k{i}"), new GetOptions { R = QuorumSize.All })));
    }

    [Fact]
    public void No_member_takes_a_record_of_a_node_that_has_not_dropped_its_old_ones_yet()
    {
        var cluster = new VirtualCluster(4, partitions: 32, settings: Settings);
        Fill(cluster);
        cluster.Kill(Third);
        cluster.Run(TimeSpan.FromSeconds(5));
        Change(cluster, new Remove(Third, Origin));
        Settle(cluster, 1);
        DeleteAndReap(cluster);
        // It hears all that is said but how the membership stands, so it believes that it never was away.
        cluster.Wire = static (_, to, message) => to != Third || message is not (MembershipState or MembershipDigest);
        Change(cluster, new Join(new RingMember(Third), Origin));
        cluster.Start(Third);
        cluster.Run(TimeSpan.FromMinutes(5));
        Assert.True(cluster.Machine(First).View!.IsReachable(Third));
        Assert.True(Holds(cluster, Third) > 10);
        AssertNothingIsBack(cluster);
        cluster.Wire = static (_, _, _) => true;
        Settle(cluster, 2);
        Assert.Equal(0, Holds(cluster, Third));
        AssertNothingIsBack(cluster);
    }

    private static void Fill(VirtualCluster cluster)
    {
        for (var i = 0; i < Keys; i++)
        {
            var key = Key.Of("b", $"k{i}");
            Assert.IsType<Stored>(cluster.Put(First, key, "v", VirtualCluster.ContextOf(cluster.Get(First, key))));
        }

        cluster.Run(TimeSpan.FromSeconds(2));
    }

    private static void DeleteAndReap(VirtualCluster cluster)
    {
        for (var i = 0; i < Keys; i++) Assert.IsType<Stored>(cluster.Delete(First, Key.Of("b", $"k{i}")));
        Assert.True(
            cluster.RunUntil(() => Members(cluster).All(node => Holds(cluster, node) == 0), TimeSpan.FromMinutes(10)),
            "The tombstones are still there.");
    }

    private static void AssertNothingIsBack(VirtualCluster cluster)
    {
        foreach (var node in Members(cluster).Where(node => node != Third)) Assert.Equal(0, Holds(cluster, node));
        for (var i = 0; i < Keys; i++)
            Assert.IsType<NotFound>(cluster.Get(First, Key.Of("b", $"k{i}"), new GetOptions { R = QuorumSize.Of(1) }));
    }

    private static IEnumerable<NodeId> Members(VirtualCluster cluster) =>
        cluster.Machine(First).Ring.Members.Select(static m => m.Node);

    private static int Holds(VirtualCluster cluster, NodeId node) =>
        cluster.Store(node).Partitions().Sum(p => cluster.Store(node).Scan(p, null, 1000).Count);

    private static void Change(VirtualCluster cluster, params MembershipChange[] changes) =>
        Assert.Equal("", cluster.Change(First, false, changes));

    private static void Settle(VirtualCluster cluster, int version) =>
        Assert.True(cluster.RunUntil(() => cluster.IsSettled(version), TimeSpan.FromMinutes(5)), "It does not settle.");
}
