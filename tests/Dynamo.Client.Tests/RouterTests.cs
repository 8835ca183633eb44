using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>Which node gets a request, and when another one is tried.</summary>
public sealed class RouterTests
{
    private static readonly Stored Ok = new(new byte[] { 7 }, []);

    [Fact]
    public void A_request_goes_to_the_first_owner_of_its_key()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Read);
        Assert.Equal(driver.Preference[0], Assert.Single(driver.Sent).To);
        driver.Answer(0, NotFound.Nothing);
        Assert.Same(NotFound.Nothing, driver.Ended["it"]);
        Assert.Equal(0, driver.InFlight);
    }

    [Fact]
    public void An_owner_that_others_cannot_reach_is_passed_over()
    {
        var driver = new RouterDriver();
        driver.Ring(unreachable: driver.Preference[0]);
        driver.Request(RouterDriver.Read);
        Assert.Equal(driver.Preference[1], driver.Sent[0].To);
    }

    [Fact]
    public void An_owner_that_owes_answers_is_passed_over_until_it_has_given_them()
    {
        var driver = new RouterDriver();
        for (var i = 0; i < 4; i++) driver.Request(RouterDriver.Write(context: false), $"{i}");
        // Each owner is sent one; then the first again, since one is not more than twice one. Nobody but an owner is asked.
        Assert.Equal([0, 1, 2, 0], driver.Sent.Select(s => driver.Preference.IndexOf(s.To)));
        driver.Answer(1, Ok);
        driver.Request(RouterDriver.Read, "4");
        Assert.Equal(driver.Preference[1], driver.Sent[^1].To);
        foreach (var sending in (int[])[0, 2, 3, 4]) driver.Answer(sending, Ok);
        driver.Request(RouterDriver.Read, "5");
        Assert.Equal(driver.Preference[0], driver.Sent[^1].To);
    }

    [Fact]
    public void A_request_that_is_given_up_is_not_held_against_its_node_for_ever()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Write(context: false) with { Options = new PutOptions { Timeout = TimeSpan.FromMilliseconds(300) } }, "lost");
        driver.Pass(TimeSpan.FromMilliseconds(400));
        Assert.IsType<TimedOut>(driver.Ended["lost"]);
        driver.Request(RouterDriver.Read, "next");
        Assert.Equal(driver.Preference[0], driver.Sent[^1].To);
        // Its answer comes after all, and counts for nothing.
        driver.Answer(0, Ok);
        driver.Answer(1, NotFound.Nothing);
        driver.Answer(1, NotFound.Nothing);
        for (var i = 0; i < 3; i++) driver.Request(RouterDriver.Read, $"{i}");
        Assert.Equal([0, 1, 2], driver.Sent.TakeLast(3).Select(s => driver.Preference.IndexOf(s.To)));
    }

    [Fact]
    public void An_ill_owner_is_passed_over_however_little_it_has_to_do()
    {
        var driver = new RouterDriver();
        driver.Ring(unreachable: driver.Preference[1]);
        for (var i = 0; i < 3; i++) driver.Request(RouterDriver.Read, $"{i}");
        Assert.Equal([0, 2, 0], driver.Sent.Select(s => driver.Preference.IndexOf(s.To)));
    }

    [Fact]
    public void Any_node_means_all_healthy_ones_in_turn_and_an_owner_after_a_refusal()
    {
        var driver = new RouterDriver(routing: RequestRouting.AnyNode);
        driver.Ring(unreachable: driver.Preference[0]);
        for (var i = 0; i < 8; i++) driver.Request(i % 2 == 0 ? RouterDriver.Read : RouterDriver.Write(context: false), $"{i}");
        var first = driver.Sent.Take(4).Select(static s => s.To).ToList();
        Assert.Equal(driver.Preference.Skip(1).Order(), first.Order());
        Assert.Equal(first, driver.Sent.Skip(4).Select(static s => s.To));

        var refused = first.FindIndex(node => node != driver.Preference[1]);
        driver.Answer(refused, new NotReady("Starting."));
        Assert.Equal(driver.Preference[1], driver.Sent[^1].To);
        driver.Answer(8, Ok);
        Assert.Same(Ok, driver.Ended[$"{refused}"]);
    }

    [Fact]
    public void What_waited_for_the_ring_goes_to_any_node_too()
    {
        var driver = new RouterDriver(knowsRing: false, routing: RequestRouting.AnyNode);
        for (var i = 0; i < 5; i++) driver.Request(RouterDriver.Read, $"{i}");
        Assert.Empty(driver.Sent);
        driver.Ring();
        Assert.Equal(driver.Preference.Order(), driver.Sent.Select(static s => s.To).Order());
    }

    [Fact]
    public void One_word_of_a_node_outweighs_what_others_say_of_it()
    {
        var driver = new RouterDriver();
        driver.Ring(unreachable: driver.Preference[0]);
        driver.Ring(driver.Preference[0], unreachable: driver.Preference[0]);
        driver.Request(RouterDriver.Read);
        Assert.Equal(driver.Preference[0], driver.Sent[0].To);
    }

    public static TheoryData<bool, Outcome> Refusals => new()
    {
        { false, new NotReady("Starting.") },
        { true, new NotReady("Starting.") },
        { true, new Overloaded("Full.") },
        { true, new Unavailable(QuorumKind.W, 2, 1) },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_a_node_refuses_before_it_begins_goes_to_the_next_one_at_once(bool write, Outcome refusal)
    {
        var driver = new RouterDriver();
        driver.Request(write ? RouterDriver.Write(context: false) : RouterDriver.Read);
        driver.Answer(0, refusal);
        driver.Answer(1, refusal);
        Assert.Equal(driver.Preference.Take(3), driver.Sent.Select(static s => s.To));
        driver.Answer(2, Ok);
        Assert.Same(Ok, driver.Ended["it"]);
    }

    [Fact]
    public void When_all_refuse_the_last_refusal_is_the_outcome()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Write(context: false));
        for (var i = 0; i < 5; i++) driver.Answer(i, new NotReady($"Refused {i}."));
        Assert.Equal(new NotReady("Refused 4."), driver.Ended["it"]);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void An_answer_that_another_node_would_give_as_well_is_final(bool write, bool mayTakeEffect)
    {
        var driver = new RouterDriver();
        driver.Request(write ? RouterDriver.Write(context: true) : RouterDriver.Read);
        Outcome outcome = mayTakeEffect
            ? new Unavailable(QuorumKind.W, 2, 1, MayTakeEffect: true)
            : new BadContext("Damaged.");
        driver.Answer(0, outcome);
        Assert.Same(outcome, driver.Ended["it"]);
        Assert.Single(driver.Sent);
    }

    [Fact]
    public void Beyond_the_limit_requests_are_refused()
    {
        var driver = new RouterDriver(maxInFlight: 2);
        driver.Request(RouterDriver.Read, "1");
        driver.Request(RouterDriver.Read, "2");
        driver.Request(RouterDriver.Read, "3");
        Assert.IsType<Overloaded>(driver.Ended["3"]);
        driver.Answer(0, NotFound.Nothing);
        driver.Request(RouterDriver.Read, "4");
        Assert.DoesNotContain("4", driver.Ended.Keys);
    }

    [Fact]
    public void A_node_is_told_less_time_than_there_is_so_that_it_answers_before_the_client_gives_up()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Read);
        var overrides = new GetOptions { Timeout = TimeSpan.FromMilliseconds(100), R = QuorumSize.All };
        driver.Request(new GetRequest(RouterDriver.Cart, overrides));
        Assert.Equal(TimeSpan.FromMilliseconds(9_800), ((GetRequest)driver.Sent[0].Request).Options.Timeout);
        var options = ((GetRequest)driver.Sent[1].Request).Options;
        Assert.Equal((TimeSpan.FromMilliseconds(90), QuorumSize.All), (options.Timeout, options.R));
    }

    [Fact]
    public void A_timeout_that_no_node_accepts_is_refused_here()
    {
        var driver = new RouterDriver();
        driver.Request(new GetRequest(RouterDriver.Cart, new GetOptions { Timeout = TimeSpan.Zero }));
        Assert.IsType<BadRequest>(driver.Ended["it"]);
    }

    [Fact]
    public void Answers_that_come_late_twice_or_unasked_do_nothing()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Read);
        driver.Answer(0, NotFound.Nothing);
        driver.Answer(0, NotFound.Nothing);
        driver.Answer(0, new NotReady("Too late."));
        Assert.Single(driver.Sent);
        Assert.Equal(0, driver.InFlight);
    }

    [Fact]
    public void When_the_client_stops_nothing_is_left_without_an_outcome()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Read, "get");
        driver.Request(RouterDriver.Write(context: false), "put");
        driver.Stop();
        Assert.IsType<NotReady>(driver.Ended["get"]);
        Assert.True(Assert.IsType<TimedOut>(driver.Ended["put"]).MayTakeEffect);
    }
}
