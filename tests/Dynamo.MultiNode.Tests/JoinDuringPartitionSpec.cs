using Akka.Remote.TestKit;

namespace Dynamo.MultiNode.Tests;

/// <summary>
/// A fourth node is let in while one of three members is cut off. The change waits, since that one works by the old ring
/// and must not miss a write; requests wait on neither side. When the cut heals all work by the new ring, and the new
/// node holds its share of what both sides have written.
/// </summary>
/// <remarks>
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.8.1 (explicit changes, a history that merges) and 4.9 (a new node
/// is handed the keys that are its own).
/// </remarks>
public sealed class JoinDuringPartitionSpec : PartitionSpec<JoinDuringPartitionSpec.ThreeAndOne>
{
    private static readonly Key[] Carts = [.. Enumerable.Range(0, 24).Select(static i => Key.Of("carts", $"cart{i}"))];

    private static readonly Key[] OfBoth = Carts[12..];

    private RoleName[] Two => [.. Nodes[..2]];

    private RoleName[] Alone => [Nodes[2]];

    private RoleName[] New => [Nodes[3]];

    [MultiNodeFact]
    public void A_node_that_joins_during_a_partition_gets_its_share_of_both_sides_when_it_heals()
    {
        Start();
        RunOn(() => Array.ForEach(Carts, cart => Put(cart, "old", options: W(3))), Two[0]);
        RunOn(() => Assert.IsType<NotReady>(Get(Carts[0])), New);
        Barrier("written");
        Split([.. Two, .. New], Alone);
        RunOn(() => AwaitReachable(Two), Two);
        RunOn(() => AwaitReachable(Alone), Alone);
        Barrier("noticed");

        RunOn(() => Assert.Contains(Commit(Joins(New[0])).ReplicaMoves, move => move.To == NameOf(New[0])), Two[0]);
        RunOn(() => Await(() => Assert.NotNull(Membership.Rings.Next)), [.. Two, .. New]);
        Barrier("committed");
        // The old ring has two nodes within reach of the majority. The new one takes records already, and no requests yet.
        RunOn(() => Array.ForEach(Carts, cart => Put(cart, "of two", ContextOf(cart), W(2))), Two[1]);
        RunOn(() => Array.ForEach(OfBoth, cart => Put(cart, "of one", ContextOf(cart, R(1)), W(1))), Alone);
        RunOn(() => Assert.IsType<NotReady>(Get(Carts[0])), New);
        Barrier("both-have-written");
        RunOn(() => Assert.All(Carts, cart => Assert.Equal(["of two"], Texts(Get(cart)))), Two);
        RunOn(() => Assert.All(OfBoth, cart => Assert.Equal(["of one"], Texts(Get(cart, R(1))))), Alone);
        // Nobody reads by the new ring before all write by it.
        Assert.Equal(Config.Founders.Select(NameOf), Membership.Rings.Ring.Members.Select(static m => m.Node));
        RunOn(AssertNobodyGone, Alone);
        Barrier("both-have-read");

        Heal([.. Two, .. New], Alone);
        AwaitReachable([.. Nodes]);
        AwaitRing([.. Nodes]);
        AwaitNoHints();
        RunOn(() => Assert.Contains(Carts, Owns), New);
        foreach (var cart in Carts) AwaitInOwnStore(cart, OfBoth.Contains(cart) ? ["of two", "of one"] : ["of two"]);
        RunOn(() => Assert.Equal(["of one", "of two"], Texts(Get(OfBoth[0]))), New);
        AwaitNobodyGone();
        Barrier("end");
    }

    /// <summary>node1 to node3, and node4, which is no member at first.</summary>
    public sealed class ThreeAndOne() : PartitionConfig(3, joiners: 1);
}
