using Dynamo.Testing;

namespace Dynamo.Core.Tests.Membership;

/// <summary>Cluster state spreads and converges. Section 4.8.1.</summary>
public class GossipTests
{
    [Fact]
    public void Properties_set_on_both_sides_of_a_partition_end_alike_everywhere()
    {
        var cluster = new VirtualCluster(nodes: 5);
        var nodes = cluster.Nodes;
        cluster.Partition([nodes[0], nodes[1]], [nodes[2], nodes[3], nodes[4]]);
        cluster.SetProperties(nodes[0], "b", new BucketProperties { NVal = 2 });
        cluster.SetProperties(nodes[0], "b", new BucketProperties { NVal = 4 });
        cluster.SetProperties(nodes[3], "b", new BucketProperties { NVal = 5 });
        cluster.SetProperties(nodes[3], "c", new BucketProperties { AllowMult = false });
        cluster.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(4, cluster.Machine(nodes[1]).View!.PropertiesOf("b").NVal);
        Assert.Equal(5, cluster.Machine(nodes[4]).View!.PropertiesOf("b").NVal);

        cluster.Heal();
        cluster.Run(TimeSpan.FromSeconds(30));
        // The later of the two by Lamport time: node 0 had set it twice.
        Assert.All(nodes, n => Assert.Equal(4, cluster.Machine(n).View!.PropertiesOf("b").NVal));
        Assert.All(nodes, n => Assert.False(cluster.Machine(n).View!.PropertiesOf("c").AllowMult));
    }

    [Fact]
    public void A_reset_wins_over_what_it_has_seen_and_survives_a_restart()
    {
        var cluster = new VirtualCluster(nodes: 3);
        var nodes = cluster.Nodes;
        cluster.SetProperties(nodes[0], "b", new BucketProperties { NVal = 2 });
        cluster.Run(TimeSpan.FromSeconds(5));
        cluster.SetProperties(nodes[1], "b", null);
        cluster.Run(TimeSpan.FromSeconds(5));
        foreach (var node in nodes) cluster.Kill(node);
        foreach (var node in nodes) cluster.Start(node);
        Assert.All(nodes, n => Assert.Equal(3, cluster.Machine(n).View!.PropertiesOf("b").NVal));
    }

    [Fact]
    public void A_node_that_was_away_learns_by_gossip_alone()
    {
        var cluster = new VirtualCluster(nodes: 3);
        var nodes = cluster.Nodes;
        cluster.Kill(nodes[2]);
        cluster.SetProperties(nodes[0], "b", new BucketProperties { NVal = 2 });
        cluster.Start(nodes[2]);
        cluster.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(2, cluster.Machine(nodes[2]).View!.PropertiesOf("b").NVal);
    }

    [Fact]
    public void Gossip_of_another_cluster_is_ignored()
    {
        var cluster = new VirtualCluster(nodes: 3);
        var strange = System.Collections.Immutable.ImmutableSortedDictionary<string, PropertyEntry>.Empty
            .Add("b", new PropertyEntry(99, cluster.Nodes[1], new BucketProperties { NVal = 1 }));
        cluster.Deliver(cluster.Nodes[1], cluster.Nodes[0], new GossipState("another cluster", strange, WantsReply: true));
        Assert.Equal(3, cluster.Machine(cluster.Nodes[0]).View!.PropertiesOf("b").NVal);
    }

    [Theory]
    [InlineData("", 64, 3, "name")]
    [InlineData("c", 63, 3, "power of two")]
    [InlineData("c", 64, 0, "target_n_val")]
    public void A_founding_that_cannot_be_is_refused_in_a_sentence(string name, int q, int n, string says)
    {
        Assert.False(Founding.TryCreate(name, q, n, [new RingMember(new NodeId("a"))], out _, out var error));
        Assert.Contains(says, error);
    }

    [Fact]
    public void A_founding_is_the_same_whatever_the_order_of_its_members_and_survives_its_binary_form()
    {
        RingMember[] members = [new(new NodeId("b"), 2, "z"), new(new NodeId("a"))];
        Assert.True(Founding.TryCreate("c", 64, 3, members, out var one, out _));
        Assert.True(Founding.TryCreate("c", 64, 3, members.Reverse(), out var two, out _));
        Assert.Equal(one, two);
        Assert.True(Founding.TryCreate("c", 128, 3, members, out var other, out _));
        Assert.NotEqual(one.ClusterId, other.ClusterId);

        var writer = new WireWriter();
        one.Write(writer);
        var reader = new WireReader(writer.Written);
        Assert.Equal(one, Founding.Read(ref reader));
    }
}
