using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>Nodes that say nothing: suspicion, sending again, and what a write's outcome may claim.</summary>
public sealed class RouterSilenceTests
{
    private static readonly TimeSpan Second = RouterDriver.NodeTimeout;
    private static readonly Stored Ok = new(new byte[] { 7 }, []);

    [Fact]
    public void A_get_goes_to_the_next_node_when_the_first_is_silent_and_the_next_request_does_not_go_there()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Read);
        driver.Pass(Second * 0.6);
        Assert.Contains(driver.Preference[0], driver.Asked);
        driver.Pass(Second);
        Assert.Equal(driver.Preference.Take(2), driver.Sent.Select(static s => s.To));
        driver.Answer(1, NotFound.Nothing);
        driver.Request(RouterDriver.Read, "next");
        Assert.Equal(driver.Preference[1], driver.Sent[2].To);
    }

    [Fact]
    public void A_suspected_node_is_used_again_once_it_has_said_a_word()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Read);
        driver.Pass(Second * 1.5);
        driver.Answer(1, NotFound.Nothing);
        driver.Asked.Clear();
        driver.Pass(Second * 2, driver.Preference[0]);
        Assert.Contains(driver.Preference[0], driver.Asked);
        driver.Request(RouterDriver.Read, "next");
        Assert.Equal(driver.Preference[0], driver.Sent[2].To);
    }

    [Theory]
    [InlineData(ResendPolicy.WithContext, false, false)]
    [InlineData(ResendPolicy.WithContext, true, true)]
    [InlineData(ResendPolicy.Never, true, false)]
    [InlineData(ResendPolicy.Always, false, true)]
    public void Whether_a_silent_nodes_put_is_sent_again_is_a_matter_of_policy(
        ResendPolicy policy, bool context, bool again)
    {
        var driver = new RouterDriver(policy);
        driver.Request(RouterDriver.Write(context));
        driver.Pass(Second * 1.5);
        Assert.Equal(again ? 2 : 1, driver.Sent.Count);
    }

    [Theory]
    [InlineData(ResendPolicy.Always)]
    [InlineData(ResendPolicy.WithContext)]
    [InlineData(ResendPolicy.Never)]
    public void An_increment_is_never_sent_again_and_its_silence_says_that_it_may_count(ResendPolicy policy)
    {
        var driver = new RouterDriver(policy);
        driver.Request(RouterDriver.Count);
        driver.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(driver.Preference[0], Assert.Single(driver.Sent).To);
        Assert.True(Assert.IsType<TimedOut>(driver.Ended["it"]).MayTakeEffect);
    }

    [Fact]
    public void An_increment_that_a_node_has_refused_goes_to_the_next()
    {
        var driver = new RouterDriver(ResendPolicy.Never);
        driver.Request(RouterDriver.Count);
        driver.Answer(0, new NotReady("Starting."));
        Assert.Equal(driver.Preference.Take(2), driver.Sent.Select(static s => s.To));
        driver.Answer(1, Ok);
        Assert.IsType<Stored>(driver.Ended["it"]);
    }

    [Theory]
    [InlineData(ResendPolicy.Always, false, false)]
    [InlineData(ResendPolicy.WithContext, true, true)]
    public void A_delete_without_a_context_is_never_sent_again(ResendPolicy policy, bool context, bool again)
    {
        var driver = new RouterDriver(policy);
        driver.Request(RouterDriver.Remove(context));
        driver.Pass(Second * 1.5);
        Assert.Equal(again ? 2 : 1, driver.Sent.Count);
    }

    [Fact]
    public void A_put_waits_for_a_node_that_is_slow_with_it_but_lives()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Write(context: true));
        driver.Pass(Second * 5, driver.Preference[0]);
        Assert.Single(driver.Sent);
        driver.Answer(0, Ok);
        Assert.Same(Ok, driver.Ended["it"]);
    }

    [Fact]
    public void A_blind_put_that_nobody_answers_ends_as_one_that_may_take_effect()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Write(context: false));
        driver.Pass(TimeSpan.FromSeconds(9.99));
        Assert.Empty(driver.Ended);
        driver.Pass(TimeSpan.FromSeconds(0.02));
        Assert.Equal(new TimedOut(QuorumKind.W, 2, 0, MayTakeEffect: true), driver.Ended["it"]);
    }

    [Fact]
    public void A_get_that_nobody_answers_has_asked_everybody_suspects_included()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Read);
        driver.Pass(TimeSpan.FromSeconds(11));
        Assert.Equal(driver.Preference, driver.Sent.Select(static s => s.To));
        Assert.Equal(new TimedOut(QuorumKind.R, 2, 0), driver.Ended["it"]);
    }

    [Fact]
    public void The_first_node_may_still_answer_after_the_second_was_asked()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Write(context: true));
        driver.Pass(Second * 1.5);
        driver.Answer(0, Ok);
        Assert.Same(Ok, driver.Ended["it"]);
    }

    [Fact]
    public void A_refusal_by_the_second_node_says_nothing_about_what_the_silent_first_one_did()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Write(context: true));
        driver.Pass(Second * 1.5);
        for (var i = 1; i < driver.Sent.Count; i++) driver.Answer(i, new NotReady("Starting."));
        Assert.Empty(driver.Ended);
        driver.Pass(TimeSpan.FromSeconds(10));
        Assert.True(Assert.IsType<TimedOut>(driver.Ended["it"]).MayTakeEffect);
    }

    [Fact]
    public void A_second_nodes_time_out_without_effect_does_not_speak_for_the_first()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Write(context: true));
        driver.Pass(Second * 1.5);
        driver.Answer(1, new TimedOut(QuorumKind.W, 2, 0));
        Assert.True(Assert.IsType<TimedOut>(driver.Ended["it"]).MayTakeEffect);
    }

    [Fact]
    public void What_healthy_nodes_refuse_is_not_tried_on_a_suspect()
    {
        var driver = new RouterDriver();
        driver.Request(RouterDriver.Read, "first");
        driver.Pass(Second * 1.5);
        driver.Answer(1, NotFound.Nothing);
        driver.Sent.Clear();
        driver.Request(RouterDriver.Write(context: false));
        for (var i = 0; i < 4; i++) driver.Answer(i, new Unavailable(QuorumKind.W, 3, 2));
        Assert.Equal(new Unavailable(QuorumKind.W, 3, 2), driver.Ended["it"]);
        Assert.DoesNotContain(driver.Preference[0], driver.Sent.Select(static s => s.To));
    }
}
