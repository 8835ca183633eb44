using Akka.Remote.TestKit;

namespace Dynamo.MultiNode.Tests;

/// <summary>
/// A fourth node is let in while one of three members is cut off. The change waits, since that one works by the old ring and must
/// not miss a write; requests wait on neither side. When the cut heals all work by the new ring, and the new node holds its share of
/// what both sides have written.
/// </summary>
/// <remarks>
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.8.1 (explicit changes, a history that merges) and 4.9 (hand over what is
/// due to a new node).
/// </remarks>
public sealed class JoinDuringPartitionSpec : PartitionSpec<JoinDuringPartitionSpec.ThreeAndOne>
{
    private static readonly Key[] Carts = [.. Enumerable.Range(0, 24).Select(static i => Key.Of("carts", $"cart{i}"))];

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
        // Three nodes are within reach of the majority now, so its clients may ask for three; whoever joins coordinates too.
        RunOn(() => AwaitReachable([.. Two, .. New]), [.. Two, .. New]);
        Barrier("heard");
        RunOn(() => Array.ForEach(Carts[..12], cart => Put(cart, "of two", ContextOf(cart), W(3))), Two[1]);
        RunOn(() => Array.ForEach(Carts[12..], cart => Put(cart, "of new", ContextOf(cart), W(2))), New);
        RunOn(() => Array.ForEach(Carts[6..18], cart => Put(cart, "of one", ContextOf(cart, R(1)), W(1))), Alone);
        Barrier("both-have-written");
        RunOn(() => Assert.All(Carts, cart => Assert.Equal([OfMajority(cart)], Texts(Get(cart, R(2))))), [.. Two, .. New]);
        RunOn(() => Assert.All(Carts[6..18], cart => Assert.Equal(["of one"], Texts(Get(cart, R(1))))), Alone);
        // Nobody reads by the new ring before all write by it.
        Assert.Equal(Config.Founders.Select(NameOf), Membership.Rings.Ring.Members.Select(static m => m.Node));
        RunOn(AssertNobodyGone, Alone);
        Barrier("both-have-read");

        Heal([.. Two, .. New], Alone);
        AwaitReachable([.. Nodes]);
        AwaitRing([.. Nodes]);
        AwaitNoHints();
        RunOn(() => Assert.Contains(Carts, Owns), New);
        foreach (var cart in Carts)
        {
            if (Array.IndexOf(Carts, cart) is >= 6 and < 18) AwaitInOwnStore(cart, OfMajority(cart), "of one");
            else AwaitInOwnStore(cart, OfMajority(cart));
        }

        AwaitNobodyGone();
        Barrier("end");
    }

    private static string OfMajority(Key cart) => Array.IndexOf(Carts, cart) < 12 ? "of two" : "of new";

    /// <summary>node1 to node3, and node4, which is no member at first.</summary>
    public sealed class ThreeAndOne() : PartitionConfig(3, joiners: 1);
}
