using Akka.Remote.TestKit;

namespace Dynamo.MultiNode.Tests;

/// <summary>
/// While one node is out of reach another dies and comes back at its old address. Akka's cluster cannot take it in again
/// before all agree; Dynamo does not ask: it serves at once, with what is on its disk, the hints for the one out of reach
/// among it.
/// </summary>
/// <remarks>
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.8.1: an outage rarely signifies a permanent departure, and membership
/// changes only explicitly; section 4.6: hints outlive the one who keeps them.
/// </remarks>
public sealed class RestartDuringCutSpec : PartitionSpec<RestartDuringCutSpec.FourNodes>
{
    private static readonly Key[] Carts = [.. Enumerable.Range(0, 12).Select(static i => Key.Of("carts", $"cart{i}"))];
    private static readonly Key Alone = Key.Of("carts", "alone");

    private RoleName[] Three => [.. Nodes[..3]];

    private RoleName[] Back => [Nodes[2]];

    private RoleName[] Away => [Nodes[3]];

    [MultiNodeFact]
    public void A_node_restarted_while_another_is_unreachable_serves_at_once_and_brings_its_hints()
    {
        Start();
        RunOn(() => Array.ForEach(Carts, cart => Put(cart, "old", options: W(3))), Three[0]);
        Barrier("written");
        Split(Three, Away);
        RunOn(() => AwaitReachable(Three), Three);
        RunOn(() => AwaitReachable(Away), Away);
        RunOn(() => Array.ForEach(Carts, cart => Put(cart, "new", ContextOf(cart), W(3))), Three[1]);
        Barrier("noticed");
        var hints = HintsFor(Away[0]);
        RunOn(() => Assert.NotEqual(0, hints), Back);

        Restart(Back);
        RunOn(() => AwaitReachable(Three), Three);
        RunOn(
            () =>
            {
                Assert.DoesNotContain(AkkaCluster.State.Members, m => m.UniqueAddress.Equals(AkkaCluster.SelfUniqueAddress));
                Assert.Equal(hints, HintsFor(Away[0]));
                foreach (var cart in Carts)
                {
                    Assert.Equal(["new"], Texts(Get(cart, R(3))));
                    Put(cart, "newer", ContextOf(cart), W(3));
                }
            },
            Back);
        // The minority of one stays up, shows what it has and takes what it is given.
        RunOn(
            () =>
            {
                AssertNobodyGone();
                foreach (var cart in Carts.Where(Owns)) Assert.Equal(["old"], Texts(Get(cart, R(1))));
                Put(Alone, "of one", options: W(1));
            },
            Away);
        Barrier("served");
        RunOn(() => Array.ForEach(Carts, cart => Assert.Equal(["newer"], Texts(Get(cart, R(3))))), Three);
        Barrier("read");

        Heal(Three, Away);
        AwaitReachable([.. Nodes]);
        AwaitNoHints();
        Array.ForEach(Carts, cart => AwaitInOwnStore(cart, "newer"));
        AwaitInOwnStore(Alone, "of one");
        AwaitNobodyGone();
        Barrier("end");
    }

    /// <summary>node1 to node4.</summary>
    public sealed class FourNodes() : PartitionConfig(4);
}
