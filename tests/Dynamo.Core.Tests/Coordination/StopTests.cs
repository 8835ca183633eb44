using Dynamo.Testing;

namespace Dynamo.Core.Tests.Coordination;

/// <summary>A node that stops tells its clients the truth about what it had begun.</summary>
public class StopTests
{
    [Fact]
    public void A_write_that_was_begun_may_still_take_effect_and_a_read_may_not()
    {
        var cluster = new VirtualCluster(nodes: 3);
        var node = cluster.Nodes[0];
        cluster.Wire = static (_, _, message) => message is not (ReplicaPut or ReplicaGet or ReplicaDigest);
        var put = cluster.Begin(node, new PutRequest(Key.Of("b", "k"), default, new Value(), PutOptions.None));
        var get = cluster.Begin(node, new GetRequest(Key.Of("b", "k"), new GetOptions { R = QuorumSize.All }));
        cluster.Run(TimeSpan.FromMilliseconds(100));
        Assert.Empty(put);
        var effects = new Effects();
        cluster.Machine(node).Stop(cluster.Now, effects);
        var answers = effects.List.OfType<Effect.Reply>().Select(static r => r.Outcome).ToList();
        Assert.Equal(2, answers.Count);
        Assert.True(Assert.IsType<Unavailable>(answers[0]).MayTakeEffect);
        Assert.IsType<NotReady>(answers[1]);
        Assert.Empty(get);
        Assert.Equal(0, cluster.Machine(node).RequestsInFlight);
    }
}
