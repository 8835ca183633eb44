using Dynamo.Testing;
using static Dynamo.Core.Tests.Membership.AnyMembership;

namespace Dynamo.Core.Tests.Membership;

/// <summary>What a plan says about bytes and about nodes that answer, in a cluster that runs.</summary>
public class PlannedSizeTests
{
    private static readonly NodeSettings Settings = NodeSettings.Standard with
    {
        SyncKeysPerSecond = 100_000, SyncPause = TimeSpan.FromMilliseconds(1),
    };

    private readonly VirtualCluster _cluster = new(5, partitions: 64, settings: Settings);

    [Fact]
    public void What_a_join_will_copy_is_told_nearly_as_it_then_is()
    {
        Assert.Equal(new PartitionSize(0, 0), Planned("n01", Change("join n06")).ToMove);
        for (var i = 0; i < 2000; i++) _cluster.Put(Node("n01"), Key.Of("b", $"key{i}"), new string('x', 20 + (i % 50)));
        _cluster.Run(TimeSpan.FromSeconds(10));
        _cluster.Add(Node("n06"));
        var plan = Planned("n02", Change("join n06"));
        Assert.Equal("", _cluster.Change(Node("n02"), false, Change("join n06")));
        Assert.True(_cluster.RunUntil(() => _cluster.IsSettled(1), TimeSpan.FromMinutes(5)));

        // The newcomer's share and the few replicas that move beside it.
        var got = _cluster.Store(Node("n06")).Sizes().Values.Aggregate(static (a, b) => a + b);
        Assert.True(got.Keys > 500);
        var mine = plan.ReplicaMoves.Where(move => move.To == Node("n06")).Aggregate(
            default(PartitionSize), static (sum, move) => sum + move.Size!.Value);
        Assert.InRange(mine.Keys, got.Keys * 0.9, got.Keys * 1.1);
        Assert.InRange(mine.Bytes, got.Bytes * 0.9, got.Bytes * 1.1);
        Assert.InRange(plan.ToMove!.Value.Bytes, mine.Bytes, 3 * mine.Bytes);
    }

    [Fact]
    public void A_node_that_holds_nothing_estimates_nothing()
    {
        _cluster.Add(Node("n06"));
        _cluster.Run(TimeSpan.FromSeconds(5));
        Assert.Null(Planned("n06", Change("leave n01")).ToMove);
    }

    [Fact]
    public void Who_is_to_be_removed_as_dead_and_answers_is_warned_of()
    {
        const string warning = "n03 is to be removed as dead, but answers: what only it holds is lost; let it leave instead.";
        Assert.Contains(warning, Planned("n01", Change("remove n03")).Warnings);
        _cluster.Kill(Node("n03"));
        _cluster.Run(TimeSpan.FromSeconds(10));
        Assert.Equal("", _cluster.Machine(Node("n01")).Stage(Change("remove n03"), force: false));
        Assert.DoesNotContain(warning, _cluster.Machine(Node("n01")).Plan().Warnings);
        // It comes back between staging and committing.
        _cluster.Start(Node("n03"));
        _cluster.Run(TimeSpan.FromSeconds(10));
        Assert.Contains(warning, _cluster.Machine(Node("n01")).Plan().Warnings);
    }

    private MembershipPlan Planned(string at, MembershipChange change)
    {
        var machine = _cluster.Machine(Node(at));
        Assert.Equal("", machine.Stage(change, force: true));
        var plan = machine.Plan();
        machine.Staged.Clear();
        return plan;
    }
}
