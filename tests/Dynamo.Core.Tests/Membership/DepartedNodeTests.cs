using Dynamo.Testing;
using static Dynamo.Core.MembershipChange;
using static Dynamo.Core.Tests.Membership.ChangingClusterTests;

namespace Dynamo.Core.Tests.Membership;

/// <summary>Who is no member any more hears of it, says so, and is acted on by nobody. Section 4.8.1.</summary>
public class DepartedNodeTests
{
    private static readonly NodeId First = new("n01"), Second = new("n02"), Third = new("n03");
    private static readonly ChangeOrigin Origin = new(First, "test", default);
    private static readonly Key Key = Key.Of("carts", "alice");

    private static readonly NodeSettings Settings = NodeSettings.Standard with
    {
        SyncKeysPerSecond = 100_000, SyncPause = TimeSpan.FromMilliseconds(1), ReapEvery = TimeSpan.Zero,
    };

    private readonly Dictionary<Key, string> _acknowledged = [];

    [Fact]
    public void A_node_that_was_removed_alive_hears_of_it_and_refuses_requests_in_a_sentence()
    {
        var cluster = new VirtualCluster(4, partitions: 32, settings: Settings);
        var load = new Load(cluster, _acknowledged);
        load.Run(100);
        Assert.Equal("", cluster.Change(First, true, new Remove(Third, Origin)));
        load.Without(Third);
        load.RunUntil(() => cluster.IsSettled(1));
        const string Sentence = "n03 is no member of the cluster any more: it was removed.";
        Assert.Equal(Sentence, Assert.IsType<NotReady>(cluster.Get(Third, Key)).Sentence);
        Assert.Equal(Sentence, Assert.IsType<NotReady>(cluster.Put(Third, Key, "late")).Sentence);
        Assert.Equal(Sentence, cluster.SetProperties(Third, "b", BucketProperties.Standard with { NVal = 2 }).Sentence);
        Assert.Equal(Sentence, cluster.Change(Third, false, new Leave(First, Origin)));
        Assert.True(cluster.Machine(Third).Membership.State.HasDeparted);
        Assert.Empty(load.Wrong);
        AssertComplete(cluster, _acknowledged);
    }

    [Fact]
    public void A_node_that_was_removed_while_it_was_down_hears_of_it_when_it_is_back()
    {
        var cluster = new VirtualCluster(4, partitions: 32, settings: Settings);
        cluster.Kill(Third);
        cluster.Run(TimeSpan.FromSeconds(5));
        Assert.Equal("", cluster.Change(First, false, new Remove(Third, Origin)));
        Assert.True(cluster.RunUntil(() => cluster.IsSettled(1), TimeSpan.FromMinutes(5)));
        cluster.Start(Third);
        cluster.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(
            "n03 is no member of the cluster any more: it was removed.", Assert.IsType<NotReady>(cluster.Get(Third, Key)).Sentence);
        Assert.True(cluster.IsSettled(1));
    }

    [Fact]
    public void A_leaver_that_was_away_at_the_last_step_hears_that_it_has_left()
    {
        var cluster = new VirtualCluster(4, partitions: 32, settings: Settings);
        Assert.Equal("", cluster.Change(First, false, new Leave(Third, Origin)));
        // It says all that the others wait for, and from then on hears nothing of them.
        Assert.True(cluster.RunUntil(() => cluster.Machine(Third).Membership.State.ReadsNext, TimeSpan.FromMinutes(5)));
        foreach (var other in (NodeId[])[First, Second, new("n04")]) cluster.Cut(other, Third);
        Assert.Equal("n03 is leaving the cluster.", cluster.Get(Third, Key).Sentence);
        Assert.True(cluster.RunUntil(() => cluster.Machine(First).Membership.State.Next is null, TimeSpan.FromMinutes(5)));
        Assert.NotNull(cluster.Machine(Third).Membership.State.Next);
        cluster.Heal();
        Assert.True(cluster.RunUntil(() => cluster.IsSettled(1), TimeSpan.FromSeconds(10)));
        Assert.Equal("n03 is no member of the cluster any more: it has left.", cluster.Get(Third, Key).Sentence);
    }

    [Fact]
    public void Who_has_been_replaced_learns_by_whom()
    {
        var cluster = new VirtualCluster(4, partitions: 32, settings: Settings);
        cluster.Add(new NodeId("n05"));
        Assert.Equal("", cluster.Change(First, false, new Replace(Third, new NodeId("n05"), Origin)));
        Assert.True(cluster.RunUntil(() => cluster.IsSettled(1), TimeSpan.FromMinutes(5)));
        Assert.Equal(
            "n03 is no member of the cluster any more: n05 has taken its place.", cluster.Get(Third, Key).Sentence);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_member_that_knows_of_the_removal_counts_for_a_write_of_the_removed_node(bool whileMoving)
    {
        var cluster = new VirtualCluster(4, partitions: 32, settings: Settings);
        NodeId fourth = new("n04");
        // The removed node hears nothing, so it goes on as before, and what it says arrives; n04 may hold up the change.
        cluster.Wire = (from, to, message) => to != Third && !(from == Third && to == fourth)
            && !(whileMoving && to == fourth && message is MembershipState or MembershipDigest);
        Assert.Equal("", cluster.Change(First, true, new Remove(Third, Origin)));
        cluster.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(whileMoving, cluster.Machine(First).Membership.State.Next is not null);
        Assert.False(cluster.Machine(Third).Membership.State.HasDeparted);
        var key = Enumerable.Range(0, 100).Select(static i => Key.Of("b", $"k{i}")).First(k => cluster.Owners(k)[0] == Third);
        Assert.False(cluster.Put(Third, key, "nobody's", options: new PutOptions { Timeout = TimeSpan.FromSeconds(2) }) is Stored);
        foreach (var other in (NodeId[])[First, Second, fourth]) Assert.True(cluster.Local(other, key).Clock.IsEmpty);
    }

    [Fact]
    public void A_removed_node_that_knows_of_it_is_not_counted_by_a_member_that_does_not_yet()
    {
        var cluster = new VirtualCluster(4, partitions: 32, settings: Settings);
        var key = Enumerable.Range(0, 100).Select(static i => Key.Of("b", $"k{i}")).First(k => cluster.Owners(k).Contains(Third));
        NodeId fourth = new("n04");
        // n04 hears of no membership, so it still writes to the removed node, which knows.
        cluster.Wire = (_, to, message) => to != fourth || message is not (MembershipState or MembershipDigest);
        Assert.Equal("", cluster.Change(First, true, new Remove(Third, Origin)));
        Assert.True(cluster.RunUntil(() => cluster.Machine(Third).Membership.State.HasDeparted, TimeSpan.FromSeconds(30)));
        Assert.NotNull(cluster.Machine(First).Membership.State.Next);
        Assert.IsType<Stored>(cluster.Put(fourth, key, "text"));
        cluster.Run(TimeSpan.FromSeconds(1));
        Assert.True(cluster.Local(Third, key).Clock.IsEmpty);
    }
}
