using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>Gets that the client coordinates: whom it asks, when a node takes over, and what is repaired.</summary>
public sealed class RouterOwnersTests
{
    private static readonly ReadQuorum Quorum = new(3, 2, 0, true, false);
    private static readonly NotFound Seven = new(new byte[] { 7 }, 7);
    private readonly RouterDriver _driver = new(coordinateGets: true);

    [Fact]
    public void Every_owner_is_asked_and_two_that_agree_are_the_answer()
    {
        _driver.Request(RouterDriver.Read);
        Assert.Equal(_driver.Preference.Take(3), _driver.Sent.Select(static s => s.To));
        Assert.All(_driver.Sent, static s => Assert.IsType<OwnerReadRequest>(s.Request));
        Assert.Equal([int.MaxValue, 1024, 1024], _driver.Sent.Select(static s => ((OwnerReadRequest)s.Request).ShowUpTo));
        _driver.Answer(2, Holds(7));
        Assert.Empty(_driver.Ended);
        _driver.Answer(0, Holds(7));
        Assert.Same(Seven, _driver.Ended["it"]);
        Assert.Equal(0, _driver.InFlight);
        _driver.Answer(1, Holds(7));
        _driver.Answer(1, Holds(8));
        Assert.Equal(3, _driver.Sent.Count);
    }

    [Fact]
    public void Nobody_is_woken_for_a_request_that_has_ended()
    {
        _driver.Request(RouterDriver.Read, "mine");
        _driver.Request(RouterDriver.Read, "a node's", coordinate: false);
        Assert.True(_driver.Deadline <= _driver.Now + RouterDriver.NodeTimeout);
        _driver.Answer(3, Seven);
        foreach (var owner in (int[])[0, 1]) _driver.Answer(owner, Holds(7));
        // One owner has not spoken yet.
        Assert.True(_driver.Deadline <= _driver.Now + RouterDriver.NodeTimeout);
        _driver.Answer(2, Holds(7));
        Assert.True(_driver.Deadline > _driver.Now + RouterDriver.NodeTimeout, "The next is to ask for the ring.");
    }

    [Fact]
    public void The_setting_is_what_a_get_says_nothing_about()
    {
        _driver.Request(RouterDriver.Read, "node", coordinate: false);
        Assert.IsType<GetRequest>(Assert.Single(_driver.Sent).Request);
        var other = new RouterDriver();
        other.Request(RouterDriver.Read, "client", coordinate: true);
        Assert.Equal(3, other.Sent.Count);
        other.Request(RouterDriver.Write(context: false), "put", coordinate: true);
        Assert.IsType<PutRequest>(other.Sent[3].Request);
    }

    [Fact]
    public void Owners_are_told_the_clients_ring_and_overrides()
    {
        _driver.Ring(_driver.Preference[0], version: 4);
        var overrides = new GetOptions { R = QuorumSize.All, PR = QuorumSize.One };
        _driver.Request(new GetRequest(RouterDriver.Cart, overrides));
        var request = Assert.IsType<OwnerReadRequest>(_driver.Sent[0].Request);
        Assert.Equal((4UL, overrides), (request.RingVersion, request.Options));
    }

    [Fact]
    public void Where_owners_differ_a_node_that_has_spoken_coordinates_in_the_time_that_is_left()
    {
        _driver.Request(new GetRequest(RouterDriver.Cart, new GetOptions { R = QuorumSize.All }));
        _driver.Pass(TimeSpan.FromMilliseconds(100));
        _driver.Answer(1, Holds(7));
        _driver.Answer(0, Holds(8));
        var handedOver = _driver.Sent[3];
        Assert.Equal(_driver.Preference[1], handedOver.To);
        var get = Assert.IsType<GetRequest>(handedOver.Request);
        Assert.Equal((QuorumSize.All, TimeSpan.FromMilliseconds(9_700)), (get.Options.R, get.Options.Timeout));
        Assert.Empty(_driver.Ended);
        _driver.Answer(2, Holds(8));
        _driver.Answer(3, Seven);
        Assert.Same(Seven, _driver.Ended["it"]);
        Assert.Equal((4, 0), (_driver.Sent.Count, _driver.InFlight));
    }

    [Fact]
    public void An_owner_that_lacks_something_is_repaired_by_a_node_once_at_a_time_and_nobody_hears_of_it()
    {
        ReadWithAStaleOwner("first");
        ReadWithAStaleOwner("second");
        var repair = Assert.Single(_driver.Sent, static s => s.Request is GetRequest);
        _driver.Answer(_driver.Sent.IndexOf(repair), Seven);
        Assert.Equal(["first", "second"], _driver.Ended.Keys);
        Assert.Equal(0, _driver.InFlight);

        // And again once that is over.
        ReadWithAStaleOwner("third");
        Assert.Equal(2, _driver.Sent.Count(static s => s.Request is GetRequest));

        void ReadWithAStaleOwner(string name)
        {
            _driver.Request(RouterDriver.Read, name);
            var last = _driver.Sent.Count - 1;
            _driver.Answer(last - 2, Holds(7));
            _driver.Answer(last - 1, Holds(7));
            _driver.Answer(last, Holds(6));
        }
    }

    [Fact]
    public void When_the_ring_is_on_its_way_round_nodes_coordinate_for_a_while()
    {
        _driver.Request(RouterDriver.Read, "first");
        _driver.Answer(0, new NotReady("Another ring."));
        _driver.Answer(1, new NotReady("Another ring."));
        _driver.Answer(2, Holds(7));
        Assert.Equal(_driver.Preference[2], _driver.Sent[3].To);
        _driver.Answer(3, Seven);
        _driver.Request(RouterDriver.Read, "second");
        Assert.IsType<GetRequest>(_driver.Sent[4].Request);
        _driver.Answer(4, Seven);
        _driver.Pass(RouterDriver.NodeTimeout);
        _driver.Request(RouterDriver.Read, "third");
        Assert.Equal(3, _driver.Sent.Skip(5).Count(static s => s.Request is OwnerReadRequest));
    }

    [Fact]
    public void One_silent_owner_delays_nobody_and_is_suspected_and_then_nodes_coordinate()
    {
        _driver.Request(RouterDriver.Read);
        _driver.Answer(0, Holds(7));
        _driver.Answer(2, Holds(7));
        Assert.Same(Seven, _driver.Ended["it"]);
        _driver.Pass(RouterDriver.NodeTimeout * 1.1, _driver.Preference[0], _driver.Preference[2]);
        Assert.Contains(_driver.Preference[1], _driver.Asked);
        _driver.Request(RouterDriver.Read, "next");
        Assert.Equal(_driver.Preference[0], Assert.IsType<RouterEffect.Send>(_driver.Sent[3]).To);
        Assert.IsType<GetRequest>(_driver.Sent[3].Request);
    }

    [Fact]
    public void When_too_many_are_silent_a_node_that_has_spoken_coordinates_and_a_late_word_changes_nothing()
    {
        _driver.Request(RouterDriver.Read);
        _driver.Answer(1, Holds(7));
        _driver.Pass(RouterDriver.NodeTimeout / 2);
        Assert.Equal(_driver.Preference[1], _driver.Sent[3].To);
        _driver.Answer(0, Holds(7));
        Assert.Empty(_driver.Ended);
        _driver.Answer(3, NotFound.Nothing);
        Assert.Same(NotFound.Nothing, _driver.Ended["it"]);
    }

    [Fact]
    public void When_everybody_is_silent_the_get_ends_in_time()
    {
        _driver.Request(new GetRequest(RouterDriver.Cart, new GetOptions { Timeout = TimeSpan.FromMilliseconds(300) }));
        _driver.Pass(TimeSpan.FromMilliseconds(299));
        Assert.Empty(_driver.Ended);
        _driver.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new TimedOut(QuorumKind.R, 2, 0), _driver.Ended["it"]);
        Assert.Equal(0, _driver.InFlight);
    }

    [Fact]
    public void With_an_owner_out_of_reach_nodes_coordinate_for_then_fallbacks_have_a_say()
    {
        _driver.Ring(unreachable: _driver.Preference[2]);
        _driver.Request(RouterDriver.Read);
        Assert.IsType<GetRequest>(Assert.Single(_driver.Sent).Request);
    }

    [Fact]
    public void How_many_owners_a_bucket_has_is_learnt_from_them()
    {
        _driver.Request(RouterDriver.Read, "first");
        var five = Quorum with { N = 5, R = 3 };
        for (var i = 0; i < 3; i++) _driver.Answer(i, new OwnerRead(five, 7, Seven));
        Assert.Same(Seven, _driver.Ended["first"]);
        _driver.Request(RouterDriver.Read, "second");
        Assert.Equal(_driver.Preference, _driver.Sent.Skip(3).Select(static s => s.To));

        // From three of which it is one: the others refuse, and then there is nobody to agree with.
        _driver.Answer(3, new OwnerRead(Quorum with { N = 1, R = 1 }, 7, Seven));
        for (var i = 4; i < 8; i++) _driver.Answer(i, new Unavailable(QuorumKind.R, 1, 0));
        Assert.Same(Seven, _driver.Ended["second"]);
        _driver.Request(RouterDriver.Read, "third");
        Assert.IsType<GetRequest>(_driver.Sent[8].Request);
        Assert.Equal(9, _driver.Sent.Count);
    }

    [Fact]
    public void An_owners_part_is_no_answer_of_a_get_that_a_node_coordinates()
    {
        _driver.Request(RouterDriver.Read, coordinate: false);
        _driver.Answer(0, Holds(7));
        Assert.Empty(_driver.Ended);
        _driver.Answer(0, Seven);
        Assert.Same(Seven, _driver.Ended["it"]);
    }

    [Fact]
    public void They_count_as_requests_under_way_and_end_when_the_client_stops()
    {
        var driver = new RouterDriver(maxInFlight: 1, coordinateGets: true);
        driver.Request(RouterDriver.Read, "first");
        driver.Request(RouterDriver.Read, "second");
        Assert.IsType<Overloaded>(driver.Ended["second"]);
        driver.Stop();
        Assert.IsType<NotReady>(driver.Ended["first"]);
        Assert.Equal(0, driver.InFlight);
    }

    private static OwnerRead Holds(ulong version) =>
        new(Quorum, version, version == 7 ? Seven : new NotFound(new byte[] { (byte)version }, (long)version));
}
