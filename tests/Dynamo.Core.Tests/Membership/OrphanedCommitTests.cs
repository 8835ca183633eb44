using Dynamo.Testing;
using static Dynamo.Core.MembershipChange;

namespace Dynamo.Core.Tests.Membership;

/// <summary>A commit that dies with its author, who had told only the node that it lets in. Section 4.8.1.</summary>
public class OrphanedCommitTests
{
    private const int Keys = 40;
    private static readonly NodeId First = new("n01"), Author = new("n05"), Joiner = new("n06");
    private static readonly ChangeOrigin Origin = new(First, "test", default);

    private static readonly NodeSettings Settings = NodeSettings.Standard with
    {
        SyncKeysPerSecond = 100_000, SyncPause = TimeSpan.FromMilliseconds(1), SyncEvery = TimeSpan.FromSeconds(20),
        ReapEvery = TimeSpan.FromSeconds(1), ReapAfter = TimeSpan.Zero, FenceEvery = TimeSpan.FromMilliseconds(10),
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_joiner_holds_by_it_counts_for_nothing_and_is_dropped_before_it_joins_again(bool isStartedAgain)
    {
        var cluster = new VirtualCluster(5, partitions: 32, settings: Settings);
        cluster.Add(Joiner);
        // Between the two of them and all others nothing is said of the membership.
        cluster.Wire = static (from, to, message) =>
            message is not (MembershipState or MembershipDigest) || IsOneOfTheTwo(from) == IsOneOfTheTwo(to);
        Assert.Equal("", cluster.Change(Author, false, Join()));
        Assert.True(
            cluster.RunUntil(() => cluster.Machine(Joiner).Membership.State.TakesPart, TimeSpan.FromSeconds(30)),
            "The joiner has not heard of the commit.");
        for (var i = 0; i < Keys; i++) Assert.IsType<Stored>(cluster.Put(Author, KeyOf(i), "v"));
        cluster.Run(TimeSpan.FromSeconds(2));
        Assert.True(Holds(cluster, Joiner) > 10, "The joiner was given nothing.");

        cluster.Kill(Author, wipe: true);
        cluster.Run(TimeSpan.FromSeconds(5));
        Assert.Equal("", cluster.Change(First, false, new Remove(Author, Origin)));
        cluster.Wire = static (_, _, _) => true;
        Settle(cluster, 1);
        Assert.Equal($"{Joiner} is no member of the cluster.", cluster.Get(Joiner, KeyOf(0)).Sentence);
        Assert.True(cluster.Machine(Joiner).Membership.State.HasDeparted);
        for (var i = 0; i < Keys; i++)
            Assert.Equal(["v"], VirtualCluster.Texts(cluster.Get(First, KeyOf(i), new GetOptions { R = QuorumSize.All })));

        for (var i = 0; i < Keys; i++) Assert.IsType<Stored>(cluster.Delete(First, KeyOf(i)));
        Assert.True(
            cluster.RunUntil(() => Members(cluster).All(node => Holds(cluster, node) == 0), TimeSpan.FromMinutes(10)),
            "The tombstones are still there.");
        Assert.True(Holds(cluster, Joiner) > 10, "Nothing is there that could come back.");
        if (isStartedAgain)
        {
            cluster.Kill(Joiner);
            cluster.Start(Joiner);
        }

        Assert.Equal("", cluster.Change(First, false, Join()));
        Settle(cluster, 2);
        cluster.Run(TimeSpan.FromMinutes(2));
        Assert.Contains(Joiner, Members(cluster));
        foreach (var node in Members(cluster)) Assert.Equal(0, Holds(cluster, node));
        for (var i = 0; i < Keys; i++)
            Assert.IsType<NotFound>(cluster.Get(Joiner, KeyOf(i), new GetOptions { R = QuorumSize.Of(1) }));
    }

    [Fact]
    public void Who_has_not_heard_that_it_joins_keeps_nothing_and_holds_up_no_put()
    {
        var cluster = new VirtualCluster(5, partitions: 32, settings: Settings);
        cluster.Add(Joiner);
        cluster.Wire = static (_, to, message) => to != Joiner || message is not (MembershipState or MembershipDigest);
        Assert.Equal("", cluster.Change(First, false, Join()));
        var sent = 0;
        for (var i = 0; i < Keys; i++) Assert.IsType<Stored>(cluster.Put(First, KeyOf(i), "v"));
        for (var i = 0; i < Keys; i++)
            if (cluster.Machine(First).Membership.State.Next!.Ring.PreferenceList(cluster.Ring.PartitionOf(KeyOf(i)), 3).Contains(Joiner))
                sent++;
        Assert.True(sent > 5, "The joiner is to own none of the keys.");
        cluster.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(0, Holds(cluster, Joiner));

        cluster.Wire = static (_, _, _) => true;
        Settle(cluster, 1);
        Assert.True(Holds(cluster, Joiner) > 5);
        for (var i = 0; i < Keys; i++)
            Assert.Equal(["v"], VirtualCluster.Texts(cluster.Get(Joiner, KeyOf(i), new GetOptions { R = QuorumSize.All })));
    }

    private static bool IsOneOfTheTwo(NodeId node) => node == Author || node == Joiner;

    private static Join Join() => new(new RingMember(Joiner), Origin);

    private static Key KeyOf(int i) => Key.Of("b", $"k{i}");

    private static IEnumerable<NodeId> Members(VirtualCluster cluster) =>
        cluster.Machine(First).Ring.Members.Select(static m => m.Node);

    private static int Holds(VirtualCluster cluster, NodeId node) =>
        cluster.Store(node).Partitions().Sum(p => cluster.Store(node).Scan(p, null, 1000).Count);

    private static void Settle(VirtualCluster cluster, int version) =>
        Assert.True(cluster.RunUntil(() => cluster.IsSettled(version), TimeSpan.FromMinutes(5)), "It does not settle.");
}
