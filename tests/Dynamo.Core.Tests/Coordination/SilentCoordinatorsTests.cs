using Dynamo.Testing;

namespace Dynamo.Core.Tests.Coordination;

/// <summary>A put whose coordinators all stay silent when they are asked to coordinate: the node that was asked does. Section 4.6.</summary>
public class SilentCoordinatorsTests
{
    private static readonly Key Key = Key.Of("b", "k");

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public void Owners_that_were_too_slow_to_coordinate_are_written_to_when_too_few_others_are_left(int nodes)
    {
        var cluster = new VirtualCluster(nodes);
        var owners = cluster.Owners(Key);
        var client = cluster.Nodes.First(node => !owners.Contains(node));
        var forwarded = new List<NodeId>();
        cluster.Wire = (_, to, message) =>
        {
            if (message is not ForwardPut) return true;
            forwarded.Add(to);
            return false;
        };
        Assert.IsType<Stored>(cluster.Put(client, Key, "v", options: new PutOptions { W = QuorumSize.Of(2) }));
        Assert.Equal(owners, forwarded);
        cluster.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(0, cluster.HintsLeft());
        foreach (var owner in owners) Assert.Single(cluster.Local(owner, Key).Siblings);
    }

    [Fact]
    public void The_primaries_that_were_asked_for_are_written_to_although_none_of_them_would_coordinate()
    {
        var cluster = new VirtualCluster(7);
        var client = cluster.Nodes.First(node => !cluster.Owners(Key).Contains(node));
        cluster.Wire = static (_, _, message) => message is not ForwardPut;
        Assert.IsType<Stored>(cluster.Put(client, Key, "v", options: new PutOptions { PW = QuorumSize.Of(2) }));
    }

    [Fact]
    public void Owners_that_stay_silent_to_the_end_are_waited_for_and_the_put_may_take_effect()
    {
        var cluster = new VirtualCluster(4);
        var client = cluster.Nodes.First(node => !cluster.Owners(Key).Contains(node));
        cluster.Wire = (from, _, message) => from != client || message is not (ForwardPut or ReplicaPut);
        var begun = cluster.Now;
        var outcome = Assert.IsType<TimedOut>(cluster.Put(client, Key, "v", options: new PutOptions { W = QuorumSize.Of(2) }));
        Assert.Equal((1, true), (outcome.Got, outcome.MayTakeEffect));
        Assert.Equal(NodeSettings.Standard.RequestTimeout, cluster.Now - begun);
    }
}
