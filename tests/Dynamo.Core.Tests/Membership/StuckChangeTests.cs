using Dynamo.Testing;
using static Dynamo.Core.MembershipChange;
using static Dynamo.Core.Tests.Membership.ChangingClusterTests;

namespace Dynamo.Core.Tests.Membership;

/// <summary>A change that waits for a node that will never come has a way out: the node is removed. Section 4.8.1.</summary>
public class StuckChangeTests
{
    private static readonly NodeId First = new("n01"), Third = new("n03"), Fourth = new("n04");
    private static readonly ChangeOrigin Origin = new(First, "test", default);

    private static readonly NodeSettings Settings = NodeSettings.Standard with
    {
        SyncKeysPerSecond = 100_000, SyncPause = TimeSpan.FromMilliseconds(1), ReapEvery = TimeSpan.Zero,
    };

    private readonly Dictionary<Key, string> _acknowledged = [];

    [Fact]
    public void A_joiner_that_nobody_ever_starts_is_removed_and_later_changes_go_on()
    {
        var cluster = new VirtualCluster(3, partitions: 32, settings: Settings);
        var load = new Load(cluster, _acknowledged);
        load.Run(200);
        cluster.Add(Fourth);
        cluster.Kill(Fourth);
        load.Without(Fourth);
        Change(cluster, Join("n04"));
        load.Run(100);
        cluster.Run(TimeSpan.FromMinutes(10));
        Assert.False(cluster.IsSettled(1));
        Change(cluster, new Remove(Fourth, Origin));
        load.RunUntil(() => cluster.IsSettled(2));
        cluster.Add(new NodeId("n05"));
        Change(cluster, Join("n05"));
        load.RunUntil(() => cluster.IsSettled(3));
        Assert.Equal(["n01", "n02", "n03", "n05"], cluster.Machine(First).Ring.Members.Select(static m => m.Node.Name));
        AssertNothingIsLost(cluster, load);
    }

    [Fact]
    public void A_joiner_that_dies_while_it_copies_is_removed()
    {
        var cluster = new VirtualCluster(4, partitions: 32, settings: Settings with { SyncKeysPerSecond = 200 });
        var load = new Load(cluster, _acknowledged);
        load.Run(400);
        var joiner = new NodeId("n05");
        cluster.Add(joiner);
        Change(cluster, Join("n05"));
        load.RunUntil(() => cluster.Machine(joiner).TransfersLeft is > 0 and < 30);
        cluster.Kill(joiner, wipe: true);
        load.Without(joiner);
        load.Run(200);
        cluster.Run(TimeSpan.FromSeconds(5));
        Assert.False(cluster.IsSettled(1));
        Change(cluster, new Remove(joiner, Origin));
        load.RunUntil(() => cluster.IsSettled(2));
        AssertNothingIsLost(cluster, load);
    }

    [Fact]
    public void A_leaver_that_dies_while_it_hands_over_is_removed_and_its_copies_come_from_the_others()
    {
        var cluster = new VirtualCluster(5, partitions: 32, settings: Settings with { SyncKeysPerSecond = 200 });
        var load = new Load(cluster, _acknowledged);
        load.Run(400);
        Change(cluster, new Leave(Third, Origin));
        load.RunUntil(() => cluster.Machine(First).TransfersLeft is > 0 and < 30);
        cluster.Kill(Third, wipe: true);
        load.Without(Third);
        load.Run(200);
        cluster.Run(TimeSpan.FromMinutes(10));
        Assert.False(cluster.IsSettled(1));
        Change(cluster, new Remove(Third, Origin));
        load.RunUntil(() => cluster.IsSettled(2));
        AssertNothingIsLost(cluster, load);
    }

    [Fact]
    public void A_leaver_whose_leaving_has_come_to_its_end_is_not_removed_any_more()
    {
        var cluster = new VirtualCluster(4, partitions: 32, settings: Settings);
        Change(cluster, new Leave(Third, Origin));
        Assert.Equal(
            "n03 is reachable and hands over what it has: let it finish, or force its removal.",
            cluster.Change(First, false, new Remove(Third, Origin)));
        Assert.True(cluster.RunUntil(() => cluster.IsSettled(1), TimeSpan.FromMinutes(5)));
        Assert.Equal("n03 has left already.", cluster.Change(First, false, new Remove(Third, Origin)));
    }

    [Fact]
    public void A_leaver_and_a_joiner_that_both_die_do_not_wait_for_each_other()
    {
        var cluster = new VirtualCluster(5, partitions: 32, settings: Settings);
        var load = new Load(cluster, _acknowledged);
        load.Run(200);
        var joiner = new NodeId("n06");
        cluster.Add(joiner);
        foreach (var dead in (NodeId[])[Third, joiner])
        {
            cluster.Kill(dead, wipe: true);
            load.Without(dead);
        }

        cluster.Run(TimeSpan.FromSeconds(5));
        Change(cluster, new Leave(Third, Origin));
        Change(cluster, Join("n06"));
        cluster.Run(TimeSpan.FromMinutes(1));
        Change(cluster, new Remove(Third, Origin), new Remove(joiner, Origin));
        load.RunUntil(() => cluster.IsSettled(3));
        AssertNothingIsLost(cluster, load);
    }

    private static Join Join(string node) => new(new RingMember(new NodeId(node)), Origin);

    private static void Change(VirtualCluster cluster, params MembershipChange[] changes) =>
        Assert.Equal("", cluster.Change(First, false, changes));

    private void AssertNothingIsLost(VirtualCluster cluster, Load load)
    {
        load.Run(100);
        cluster.RunUntil(() => cluster.HintsLeft() == 0, TimeSpan.FromMinutes(2));
        Assert.Empty(load.Wrong);
        AssertComplete(cluster, _acknowledged);
    }
}
