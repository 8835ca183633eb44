using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>When the ring is asked for, and of whom.</summary>
public sealed class RouterRingTests
{
    [Fact]
    public void Before_the_ring_is_known_requests_wait_and_the_contacts_are_asked_again_and_again()
    {
        var driver = new RouterDriver(knowsRing: false);
        driver.Request(RouterDriver.Read);
        driver.Pass(TimeSpan.FromSeconds(3));
        Assert.True(driver.ContactsAsked >= 3);
        Assert.Empty(driver.Sent);
        driver.Ring();
        Assert.Equal(driver.Preference[0], Assert.Single(driver.Sent).To);
    }

    [Fact]
    public void Without_a_ring_a_request_ends_as_one_that_was_not_sent()
    {
        var driver = new RouterDriver(knowsRing: false);
        driver.Request(RouterDriver.Write(context: false));
        driver.Pass(TimeSpan.FromSeconds(11));
        Assert.IsType<NotReady>(driver.Ended["it"]);
    }

    [Fact]
    public void The_ring_is_refreshed_every_ten_seconds_from_another_node_each_time()
    {
        var driver = new RouterDriver();
        driver.Pass(TimeSpan.FromSeconds(9.9), [.. driver.Preference]);
        Assert.Empty(driver.Asked);
        driver.Pass(TimeSpan.FromSeconds(40), [.. driver.Preference]);
        Assert.Equal(4, driver.Asked.Count);
        Assert.Equal(4, driver.Asked.Distinct().Count());
        Assert.Equal(0, driver.ContactsAsked);
    }

    [Fact]
    public void A_node_that_is_ahead_makes_the_client_ask_at_once()
    {
        var driver = new RouterDriver();
        driver.RingVersion(0);
        driver.Pass(TimeSpan.FromSeconds(1), [.. driver.Preference]);
        Assert.Empty(driver.Asked);
        driver.RingVersion(1);
        driver.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Single(driver.Asked);
    }

    [Fact]
    public void A_node_that_has_joined_gets_requests_once_it_has_answered()
    {
        var driver = new RouterDriver();
        var newcomer = new NodeId("node6");
        var (ring, joined) = (driver.Founding.ToRing(), WithOneMore(driver.Founding, newcomer, RouterDriver.Cart));
        driver.Ring(joined);
        driver.Request(RouterDriver.Write(context: true), "before");
        Assert.Equal(joined.Ring!.PreferenceList(ring.PartitionOf(RouterDriver.Cart), 2)[1], driver.Sent[0].To);
        driver.Pass(TimeSpan.FromMilliseconds(1), newcomer);
        Assert.Equal([newcomer], driver.Asked);

        driver.Request(RouterDriver.Write(context: true), "after");
        Assert.Equal(newcomer, driver.Sent[1].To);
        driver.Pass(TimeSpan.FromMilliseconds(100));
        Assert.Equal([newcomer], driver.Asked);
    }

    [Fact]
    public void A_node_that_has_joined_and_does_not_answer_is_asked_again()
    {
        var driver = new RouterDriver();
        var newcomer = new NodeId("node6");
        driver.Ring(WithOneMore(driver.Founding, newcomer, RouterDriver.Cart));
        driver.Pass(RouterDriver.NodeTimeout * 3, [.. driver.Preference]);
        Assert.InRange(driver.Asked.Count(node => node == newcomer), 3, 4);
        driver.Request(RouterDriver.Write(context: true));
        Assert.NotEqual(newcomer, Assert.Single(driver.Sent).To);
    }

    [Fact]
    public void A_silent_node_makes_the_client_ask_at_once()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Read);
        driver.Pass(RouterDriver.NodeTimeout * 1.5, driver.Preference[1..].ToArray());
        Assert.Contains(driver.Asked, node => node != driver.Preference[0]);
    }

    [Fact]
    public void When_no_node_of_the_ring_answers_the_contacts_are_asked_again()
    {
        var driver = new RouterDriver();
        driver.Pass(TimeSpan.FromSeconds(14));
        Assert.True(driver.ContactsAsked > 0);
    }

    [Fact]
    public void A_newer_ring_takes_the_place_of_the_old_one_in_the_middle_of_a_request()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Read);
        driver.Ring(driver.Preference[1], version: 2);
        driver.Ring(driver.Preference[1], version: 1);
        driver.Pass(RouterDriver.NodeTimeout * 1.5);
        driver.Answer(1, NotFound.Nothing);
        Assert.Equal(driver.Preference.Take(2), driver.Sent.Select(static s => s.To));
    }

    [Fact]
    public void The_ring_of_another_cluster_is_refused()
    {
        var driver = new RouterDriver();
        Assert.True(Founding.TryCreate("other", 16, 3, [new RingMember(new NodeId("stranger"))], out var other, out _));
        driver.Ring(version: 9, founding: other);
        driver.Request(RouterDriver.Read);
        Assert.Equal(driver.Preference[0], driver.Sent[0].To);
    }

    [Fact]
    public void Who_is_unreachable_for_the_node_that_told_the_ring_is_asked_at_once_and_its_own_word_counts_more()
    {
        var driver = new RouterDriver();
        var others = driver.Preference[1..].ToArray();
        driver.Ring(driver.Preference[0], unreachable: others);
        driver.Pass(TimeSpan.FromMilliseconds(1), others);
        Assert.Equal(others.Order(), driver.Asked.Order());

        // The one that told so is cut off itself: it refuses, and the next one serves.
        driver.Request(RouterDriver.Write(context: false));
        driver.Answer(0, new Unavailable(QuorumKind.W, 2, 1));
        Assert.Equal(driver.Preference.Take(2), driver.Sent.Select(static s => s.To));
        driver.Answer(1, new Stored(default, []));
        Assert.IsType<Stored>(driver.Ended["it"]);
    }

    [Fact]
    public void Against_a_node_that_has_spoken_lately_anothers_word_counts_nothing()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Read, "first");
        driver.Answer(0, NotFound.Nothing);
        driver.Ring(driver.Preference[4], unreachable: driver.Preference[..4].ToArray());
        driver.Request(RouterDriver.Read, "second");
        Assert.Equal(driver.Preference[0], driver.Sent[1].To);

        driver.Pass(RouterDriver.NodeTimeout);
        driver.Ring(driver.Preference[4], unreachable: driver.Preference[..4].ToArray());
        driver.Request(RouterDriver.Read, "third");
        Assert.Equal(driver.Preference[4], driver.Sent[^1].To);
    }

    // The ring after a node has joined that takes the key's partition and no other.
    private static RingSnapshot WithOneMore(Founding founding, NodeId joined, Key key)
    {
        var nodes = founding.Members.Select(static m => m.Node).Append(joined).Select(static n => new RingSnapshot.Node(n, "", true)).ToArray();
        var owners = founding.ToRing().OwnerIndexes.ToArray();
        owners[founding.ToRing().PartitionOf(key).Index] = (ushort)(nodes.Length - 1);
        return new RingSnapshot(founding, 1, [.. nodes], [.. owners]);
    }
}
