using System.Text;
using Dynamo.Testing;
using Xunit.Abstractions;
using static Dynamo.Core.MembershipChange;

namespace Dynamo.Core.Tests.Membership;

/// <summary>Clusters that grow and shrink while they are used. Sections 4.8 and 4.9 of the paper.</summary>
public class ChangingClusterTests(ITestOutputHelper output)
{
    private static readonly ChangeOrigin Origin = new(new NodeId("n01"), "test", default);

    private static readonly NodeSettings Settings = NodeSettings.Standard with
    {
        SyncKeysPerSecond = 100_000, SyncPause = TimeSpan.FromMilliseconds(1), ReapEvery = TimeSpan.Zero,
    };

    private readonly Dictionary<Key, string> _acknowledged = [];

    [Fact]
    public void Three_grow_to_five_and_shrink_to_four_and_no_get_ever_misses_what_was_acknowledged()
    {
        var cluster = new VirtualCluster(3, partitions: 64, settings: Settings);
        var load = new Load(cluster, _acknowledged);
        load.Run(200);
        cluster.Add(new NodeId("n04"));
        cluster.Add(new NodeId("n05"));
        Change(cluster, Join("n04"), Join("n05"));
        load.RunUntil(() => cluster.IsSettled(1));
        AssertComplete(cluster);
        Change(cluster, new Leave(new NodeId("n02"), Origin));
        load.RunUntil(() => cluster.IsSettled(2));
        cluster.Kill(new NodeId("n02"));
        load.Without(new NodeId("n02"));
        load.Run(200);
        AssertComplete(cluster);
        output.WriteLine($"{load.Gets} gets and {load.Puts} puts, {load.WhileMoving} of them while the ring was changing.");
        Assert.Empty(load.Wrong);
        Assert.True(load.WhileMoving > 100, $"Only {load.WhileMoving} requests fell into the changes.");
        foreach (var member in cluster.Machine(new NodeId("n01")).Ring.Members)
            Assert.Equal(16, cluster.Machine(new NodeId("n01")).Ring.Share(member.Node));
    }

    [Fact]
    public void A_joining_node_that_is_killed_twice_goes_on_where_it_was()
    {
        var cluster = new VirtualCluster(3, partitions: 32, settings: Settings with { SyncKeysPerSecond = 200 });
        var load = new Load(cluster, _acknowledged);
        load.Run(600);
        var joiner = new NodeId("n04");
        cluster.Add(joiner);
        Change(cluster, Join("n04"));
        for (var kill = 0; kill < 2; kill++)
        {
            load.RunUntil(() => cluster.Machine(joiner).TransfersLeft is > 0 and var left && left < 30 - (kill * 10));
            cluster.Kill(joiner);
            load.Run(50);
            Assert.False(cluster.IsSettled(1));
            cluster.Start(joiner);
        }

        load.RunUntil(() => cluster.IsSettled(1));
        Assert.Empty(load.Wrong);
        AssertComplete(cluster);
    }

    [Fact]
    public void A_dead_node_is_removed_or_replaced_and_every_key_has_its_copies_again()
    {
        foreach (var replace in (bool[])[false, true])
        {
            _acknowledged.Clear();
            var cluster = new VirtualCluster(5, partitions: 32, settings: Settings);
            var load = new Load(cluster, _acknowledged);
            load.Run(300);
            var dead = new NodeId("n03");
            cluster.Kill(dead, wipe: true);
            load.Without(dead);
            cluster.Run(TimeSpan.FromSeconds(5));
            load.Run(100);
            if (replace) cluster.Add(new NodeId("n06"));
            Change(cluster, replace ? new Replace(dead, new NodeId("n06"), Origin) : new Remove(dead, Origin));
            load.RunUntil(() => cluster.IsSettled(1));
            load.Run(50);
            cluster.RunUntil(() => cluster.HintsLeft() == 0, TimeSpan.FromMinutes(2));
            Assert.Empty(load.Wrong);
            AssertComplete(cluster);
        }
    }

    [Fact]
    public void A_member_that_lost_its_disk_learns_again_which_ring_it_had_come_to()
    {
        var cluster = new VirtualCluster(3, partitions: 32, settings: Settings);
        var load = new Load(cluster, _acknowledged);
        load.Run(100);
        cluster.Add(new NodeId("n04"));
        Change(cluster, Join("n04"));
        load.RunUntil(() => cluster.IsSettled(1));
        Change(cluster, new Leave(new NodeId("n02"), Origin));
        load.RunUntil(() => cluster.IsSettled(2));
        cluster.Kill(new NodeId("n02"));
        load.Without(new NodeId("n02"));
        cluster.Kill(new NodeId("n04"), wipe: true);
        cluster.Run(TimeSpan.FromSeconds(5));
        cluster.Start(new NodeId("n04"));
        cluster.Run(TimeSpan.FromSeconds(5));
        Assert.True(cluster.IsSettled(2));
        Assert.True(cluster.Repair(new NodeId("n04")));
        load.Run(100);
        Assert.Empty(load.Wrong);
        AssertComplete(cluster);
    }

    [Fact]
    public void Nobody_reads_by_a_ring_before_the_replicas_of_other_sizes_are_there_too()
    {
        var cluster = new VirtualCluster(6, partitions: 32, settings: Settings with { SyncKeysPerSecond = 100 });
        cluster.SetProperties(new NodeId("n01"), "wide", new BucketProperties { NVal = 5 });
        cluster.Run(TimeSpan.FromSeconds(10));
        var keys = Enumerable.Range(0, 300).Select(static i => Key.Of("wide", $"k{i}")).ToList();
        foreach (var key in keys) cluster.Put(new NodeId("n01"), key, "v", options: new PutOptions { W = QuorumSize.All });
        cluster.Add(new NodeId("n07"));
        Change(cluster, Join("n07"));
        Assert.True(cluster.RunUntil(() => cluster.Machine(new NodeId("n01")).Membership.State is { ReadsNext: true } or { Settled.Number: 1 }, TimeSpan.FromMinutes(10)));
        var ring = cluster.Machine(new NodeId("n01")).Ring;
        foreach (var key in keys)
            foreach (var owner in ring.PreferenceList(ring.PartitionOf(key), 5))
                Assert.False(cluster.Local(owner, key).Clock.IsEmpty, $"{owner} does not hold {key} yet.");
    }

    [Fact]
    public void While_a_member_is_away_the_change_waits_and_requests_do_not()
    {
        var cluster = new VirtualCluster(4, partitions: 32, settings: Settings);
        var load = new Load(cluster, _acknowledged);
        load.Run(100);
        cluster.Kill(new NodeId("n02"));
        load.Without(new NodeId("n02"));
        cluster.Run(TimeSpan.FromSeconds(5));
        cluster.Add(new NodeId("n05"));
        Change(cluster, Join("n05"));
        cluster.Run(TimeSpan.FromMinutes(10));
        load.Run(100);
        Assert.False(cluster.IsSettled(1));
        Assert.Equal(4, cluster.Machine(new NodeId("n01")).Ring.Members.Length);
        cluster.Start(new NodeId("n02"));
        load.RunUntil(() => cluster.IsSettled(1));
        Assert.Empty(load.Wrong);
        AssertComplete(cluster);
    }

    [Fact]
    public void Two_administrators_on_both_sides_of_a_partition_end_with_one_ring()
    {
        var cluster = new VirtualCluster(5, partitions: 32, settings: Settings);
        var load = new Load(cluster, _acknowledged);
        load.Run(100);
        cluster.Add(new NodeId("n06"));
        cluster.Add(new NodeId("n07"));
        NodeId[] left = [new("n01"), new("n02"), new("n06")], right = [new("n03"), new("n04"), new("n05"), new("n07")];
        cluster.Partition(left, right);
        cluster.Run(TimeSpan.FromSeconds(5));
        Assert.Equal("", cluster.Change(new NodeId("n01"), false, Join("n06")));
        Assert.Equal("", cluster.Change(new NodeId("n03"), false, Join("n07")));
        cluster.Run(TimeSpan.FromMinutes(5));
        Assert.False(cluster.IsSettled(1));
        cluster.Heal();
        load.RunUntil(() => cluster.IsSettled(2));
        foreach (var node in cluster.Nodes)
            Assert.Equal(
                cluster.Machine(new NodeId("n01")).Membership.State.Settled.Digest, cluster.Machine(node).Membership.State.Settled.Digest);
        Assert.Empty(load.Wrong);
        AssertComplete(cluster);
    }

    [Fact]
    public void Two_dead_nodes_that_are_removed_one_after_the_other_do_not_wait_for_each_other()
    {
        var cluster = new VirtualCluster(6, partitions: 32, settings: Settings);
        var load = new Load(cluster, _acknowledged);
        load.Run(100);
        foreach (var dead in (NodeId[])[new("n02"), new("n03")])
        {
            cluster.Kill(dead, wipe: true);
            load.Without(dead);
        }

        cluster.Run(TimeSpan.FromSeconds(5));
        Change(cluster, new Remove(new NodeId("n02"), Origin));
        cluster.Run(TimeSpan.FromSeconds(60));
        Assert.False(cluster.IsSettled(1));
        Change(cluster, new Remove(new NodeId("n03"), Origin));
        Assert.True(cluster.RunUntil(() => cluster.IsSettled(2), TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void Who_is_no_member_commits_nothing()
    {
        var cluster = new VirtualCluster(3, settings: Settings);
        cluster.Add(new NodeId("n04"));
        cluster.Run(TimeSpan.FromSeconds(5));
        Assert.Equal("n04 is no member of the cluster.", cluster.Change(new NodeId("n04"), false, Join("n04")));
    }

    [Fact]
    public void Who_is_no_member_refuses_requests_in_a_sentence()
    {
        var cluster = new VirtualCluster(3, settings: Settings);
        cluster.Add(new NodeId("n04"));
        cluster.Run(TimeSpan.FromSeconds(5));
        var refused = Assert.IsType<NotReady>(cluster.Get(new NodeId("n04"), Key.Of("b", "k")));
        Assert.Equal("n04 is no member of the cluster.", refused.Sentence);
    }

    private static Join Join(string node) => new(new RingMember(new NodeId(node)), Origin);

    private static void Change(VirtualCluster cluster, params MembershipChange[] changes) =>
        Assert.Equal("", cluster.Change(new NodeId("n01"), false, changes));

    // Each owner's own store holds what was acknowledged, and nobody else holds anything.
    private void AssertComplete(VirtualCluster cluster) => AssertComplete(cluster, _acknowledged);

    internal static void AssertComplete(VirtualCluster cluster, Dictionary<Key, string> acknowledged)
    {
        cluster.Run(TimeSpan.FromSeconds(30));
        var ring = cluster.Machine(new NodeId("n01")).Ring;
        foreach (var (key, text) in acknowledged)
        {
            var partition = ring.PartitionOf(key);
            var owners = ring.PreferenceList(partition, 3);
            foreach (var node in cluster.Nodes.Where(node => ring.IndexOf(node) >= 0))
            {
                var record = cluster.Store(node).Read(partition, key).Stored?.Record ?? Core.Record.Empty;
                if (owners.Contains(node))
                    Assert.Contains(text, record.Siblings.Select(static s => Encoding.UTF8.GetString(s.Value!.Body.Span)));
                else
                    Assert.True(record.Clock.IsEmpty, $"{node} still holds {key} and is no owner.");
            }
        }
    }

    /// <summary>Puts with the context of a get before, gets checked against the last acknowledgement, one after the other.</summary>
    internal sealed class Load(VirtualCluster cluster, Dictionary<Key, string> acknowledged)
    {
        private readonly Prng _random = new(5);
        private readonly SortedSet<NodeId> _without = [];
        private int _count;

        public int Gets { get; private set; }

        public int Puts { get; private set; }

        public int WhileMoving { get; private set; }

        public List<string> Wrong { get; } = [];

        public void Without(NodeId node) => _without.Add(node);

        public void Run(int requests)
        {
            for (var i = 0; i < requests; i++) One();
        }

        public void RunUntil(Func<bool> condition)
        {
            for (var i = 0; !condition(); i++)
            {
                Assert.True(i < 20_000, $"It takes too long: {string.Join("; ", cluster.Nodes.Select(Describe))}");
                One();
                cluster.Run(TimeSpan.FromMilliseconds(5));
            }
        }

        private string Describe(NodeId node) => cluster.IsUp(node)
            ? $"{node} {cluster.Machine(node).Membership.State.Settled.Number}"
                + $" next {cluster.Machine(node).Membership.State.Next?.Number} may {cluster.Machine(node).Membership.State.MayTransfer}"
                + $" reads next {cluster.Machine(node).Membership.State.ReadsNext} left {cluster.Machine(node).TransfersLeft}"
            : $"{node} down";

        private void One()
        {
            List<NodeId> alive = [.. cluster.Nodes.Where(node => cluster.IsUp(node) && !_without.Contains(node)
                && cluster.Machine(node).Ring.IndexOf(node) >= 0)];
            var at = alive[_random.Below(alive.Count)];
            var key = Key.Of("carts", $"k{_random.Below(300)}");
            if (cluster.Machine(at).Membership.State.Next is not null) WhileMoving++;
            var got = cluster.Get(at, key);
            Gets++;
            var texts = VirtualCluster.Texts(got);
            if (acknowledged.TryGetValue(key, out var expected) && !texts.Contains(expected))
                Wrong.Add($"{at} showed [{string.Join(", ", texts)}] ({got.GetType().Name}) for {key} instead of {expected}");
            var text = $"v{++_count}";
            var put = cluster.Put(at, key, text, VirtualCluster.ContextOf(got));
            Puts++;
            if (put is Stored) acknowledged[key] = text;
            else Wrong.Add($"{at} answered a put with {put.Sentence}");
        }
    }
}
