using Akka.Remote.TestKit;

namespace Dynamo.MultiNode.Tests;

/// <summary>
/// Nothing that node1 sends arrives at node2, while node2 is still heard by node1. Each goes by its own evidence: no client of
/// any node notices, and the others send neither of the two to the fallbacks.
/// </summary>
/// <remarks>
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.8.3: a purely local notion of failure is enough.
/// </remarks>
public sealed class OneWayLossSpec : PartitionSpec<OneWayLossSpec.FourNodes>
{
    private const int KeysEach = 3;

    private RoleName[] Deaf => [Nodes[1]];

    private RoleName[] Unheard => [Nodes[0]];

    private RoleName[] Others => [.. Nodes[2..]];

    [MultiNodeFact]
    public void One_way_loss_between_two_nodes_costs_no_client_an_error_and_nobody_else_a_replica()
    {
        Start();
        RunOn(() => EachKey((key, _) => Put(key, "old", options: W(3))), Unheard);
        Barrier("written");

        Lose(from: Unheard, to: Deaf);
        // Node1 hears node2 as before and must find out within the request that its own words are lost.
        RunOn(() => EachKey((key, writer) => Put(key, $"of {writer}", ContextOf(key), W(3)), Myself), Unheard);
        RunOn(() => AwaitReachable([.. Deaf, .. Others]), Deaf);
        Barrier("noticed");
        RunOn(() => AwaitReachable([.. Nodes]), [.. Unheard, .. Others]);
        AssertNobodyGone();

        // Three nodes are within everybody's reach, so w=3 and r=3 are: a fallback stands in for whom one cannot reach.
        RunOn(() => EachKey((key, writer) => Put(key, $"of {writer}", ContextOf(key), W(3)), Myself), [.. Deaf, .. Others]);
        Barrier("all-have-written");
        EachKey((key, writer) => Assert.Equal([$"of {writer}"], Texts(Get(key, R(3)))));
        RunOn(() => AwaitReachable([.. Nodes]), Others);
        AssertNobodyGone();
        Barrier("all-have-read");

        Heal(Unheard, Deaf);
        AwaitReachable([.. Nodes]);
        AwaitNoHints();
        EachKey((key, writer) => AwaitInOwnStore(key, $"of {writer}"));
        AssertNobodyGone();
        Barrier("end");
    }

    // The keys of all writers, or of one.
    private void EachKey(Action<Key, string> action, RoleName? only = null)
    {
        foreach (var writer in Nodes.Where(n => only is null || n == only))
            for (var i = 0; i < KeysEach; i++)
                action(Key.Of("b", $"{writer.Name}/{i}"), writer.Name);
    }

    /// <summary>node1 to node4.</summary>
    public sealed class FourNodes() : PartitionConfig(4);
}
