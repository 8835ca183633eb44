using Dynamo.Testing;
using static Dynamo.Core.MembershipChange;

namespace Dynamo.Core.Tests.Membership;

/// <summary>A member that has lost its disk and reaches nobody takes the first members for the cluster. Section 4.8.1.</summary>
public class ForgetfulNodeTests
{
    private static readonly NodeId First = new("n01"), Second = new("n02"), Third = new("n03"), Joiner = new("n04");
    private static readonly ChangeOrigin Origin = new(First, "test", default);

    [Fact]
    public void Whatever_it_is_told_to_change_waits_until_it_has_heard_how_the_membership_stands()
    {
        var cluster = new VirtualCluster(3, partitions: 32, settings: NodeSettings.Standard with { SyncPause = TimeSpan.FromMilliseconds(1) });
        cluster.Add(Joiner);
        Assert.Equal("", cluster.Change(First, false, new Join(new RingMember(Joiner), Origin)));
        Assert.True(cluster.RunUntil(() => cluster.IsSettled(1), TimeSpan.FromMinutes(5)), "The join does not end.");
        Assert.IsType<Stored>(cluster.Put(First, Key.Of("b", "k"), "v"));
        // All first members but one are gone for good, and that one has lost its disk and cannot be reached.
        foreach (var dead in (NodeId[])[Second, Third]) cluster.Kill(dead, wipe: true);
        cluster.Kill(First, wipe: true);
        cluster.Start(First);
        cluster.Partition([First], [Joiner]);
        cluster.Run(TimeSpan.FromMinutes(2));
        // It serves, since nobody may ever come, and does not make a cluster of its own.
        Assert.False(cluster.Machine(First).Membership.State.IsAsking);
        Assert.Equal(RingState.AskingSentence(First), cluster.Change(First, false, new Remove(Second, Origin), new Remove(Third, Origin)));

        cluster.Heal();
        cluster.Run(TimeSpan.FromSeconds(10));
        // What was staged is staged still.
        Assert.Equal("", cluster.Change(First, false));
        Assert.True(cluster.RunUntil(() => cluster.IsSettled(2), TimeSpan.FromMinutes(5)), "The removals do not end.");
        foreach (var node in (NodeId[])[First, Joiner])
            Assert.Equal([First, Joiner], cluster.Machine(node).Ring.Members.Select(static m => m.Node));
    }

    [Fact]
    public void Who_is_a_cluster_of_one_has_nobody_to_hear()
    {
        var cluster = new VirtualCluster(1, partitions: 32);
        cluster.Add(Second);
        Assert.Equal("", cluster.Change(First, false, new Join(new RingMember(Second), Origin)));
    }
}
