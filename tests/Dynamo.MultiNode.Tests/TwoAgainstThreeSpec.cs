using Akka.Remote.TestKit;

namespace Dynamo.MultiNode.Tests;

/// <summary>
/// Five nodes fall into two and three; both sides go on writing, nobody is shut down, and afterwards both sides are
/// equal.
/// </summary>
/// <remarks>Source: DeCandia et al., Dynamo (SOSP 2007), sections 2.3 ("always writeable"), 4.4 and 4.6.</remarks>
public sealed class TwoAgainstThreeSpec : PartitionSpec<TwoAgainstThreeSpec.FiveNodes>
{
    private static readonly Key[] Carts = [.. Enumerable.Range(0, 12).Select(static i => Key.Of("carts", $"cart{i}"))];

    private RoleName[] Two => [.. Nodes[..2]];

    private RoleName[] Three => [.. Nodes[2..]];

    [MultiNodeFact]
    public void Both_sides_of_a_partition_stay_writeable_and_agree_when_it_heals()
    {
        Start();
        RunOn(() => Array.ForEach(Carts, cart => Put(cart, "old")), Two[0]);
        Barrier("written");
        var context = ContextOf(Carts[0]);

        // The first writes come before anybody has noticed the cut: silent replicas are replaced within the request.
        Split(Two, Three);
        RunOn(() => Put(Carts[0], "of two", context, W(1)), Two[0]);
        RunOn(() => Put(Carts[0], "of three", context, W(2)), Three[0]);
        RunOn(() => AwaitReachable(Two), Two);
        RunOn(() => AwaitReachable(Three), Three);
        Barrier("noticed");
        AssertNobodyGone();

        // Both replace what they have read before the cut. Two nodes are enough for w=2: the fallbacks keep hints.
        RunOn(() => Array.ForEach(Carts, cart => Put(cart, "of two", ContextOf(cart), W(2))), Two[1]);
        RunOn(() => Array.ForEach(Carts, cart => Put(cart, "of three", ContextOf(cart), W(2))), Three[1]);
        Barrier("both-have-written");
        RunOn(() => Array.ForEach(Carts, cart => Assert.Equal(["of two"], Texts(Get(cart)))), Two);
        RunOn(() => Array.ForEach(Carts, cart => Assert.Equal(["of three"], Texts(Get(cart)))), Three);
        AssertNobodyGone();
        Barrier("both-have-read");

        Heal(Two, Three);
        AwaitReachable([.. Nodes]);
        AwaitNoHints();
        Array.ForEach(Carts, cart => AwaitInOwnStore(cart, "of three", "of two"));
        AssertNobodyGone();
        Barrier("equal");

        // Whoever has seen both may replace both, and every node then shows that alone.
        RunOn(() => Array.ForEach(Carts, cart => Put(cart, "merged", ContextOf(cart))), Three[2]);
        Barrier("merged");
        Array.ForEach(Carts, cart => Await(() => Assert.Equal(["merged"], Texts(Get(cart)))));
        Barrier("end");
    }

    /// <summary>node1 to node5.</summary>
    public sealed class FiveNodes() : PartitionConfig(5);
}
