namespace Dynamo.Core.Tests.Handoff;

/// <summary>Hints leave in portions, never faster than the limit, and slower while the owner answers slowly. Section 6.5 of the paper.</summary>
public class HandoffPaceTests
{
    private static readonly Instant Begin = new(1_700_000_000_000_000);
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(3), Slow = TimeSpan.FromMilliseconds(6);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(2_000)]
    [InlineData(50_000)]
    [InlineData(1_000_000)]
    public void In_no_second_more_leave_than_the_limit_and_a_little_and_no_fewer_for_long(int limit)
    {
        var pace = new HandoffPace(limit);
        // The first seconds are the slow beginning, and at a low limit a judgement takes long.
        var sent = Drive(pace, TimeSpan.FromSeconds(15), Quick);
        for (var second = 0; second < 15; second++)
        {
            var from = Begin + TimeSpan.FromSeconds(second);
            var count = sent.Where(s => s.At >= from && s.At < from + TimeSpan.FromSeconds(1)).Sum(static s => s.Count);
            Assert.InRange(count, second < 10 ? 0 : limit * 0.95 - 1, (limit * 1.03) + 1);
        }
    }

    [Fact]
    public void They_leave_in_portions_that_share_a_sync()
    {
        var pace = new HandoffPace(2_000);
        var sent = Drive(pace, TimeSpan.FromSeconds(4), Quick);
        Assert.Equal(2_000, pace.PerSecond);
        var usual = sent.Where(static s => s.At >= Begin + TimeSpan.FromSeconds(3)).ToList();
        Assert.Equal(250, usual.Count, tolerance: 2);
        Assert.All(usual, static s => Assert.Equal(8, s.Count));
        // At a slow pace what falls due in a fiftieth of a second, and at the rate all the same.
        var slow = Drive(new HandoffPace(100), TimeSpan.FromSeconds(3), Quick);
        Assert.All(slow.Skip(1), static s => Assert.Equal(2, s.Count));
        Assert.Equal(300, slow.Sum(static s => s.Count), tolerance: 4);
    }

    [Fact]
    public void A_timer_that_wakes_late_still_reaches_the_limit()
    {
        var pace = new HandoffPace(2_000);
        Drive(pace, TimeSpan.FromSeconds(2), Quick);
        var sent = Drive(pace, TimeSpan.FromSeconds(1), Quick, late: TimeSpan.FromMilliseconds(12), from: Begin + TimeSpan.FromSeconds(2));
        Assert.InRange(sent.Sum(static s => s.Count), 1_950, 2_050);
    }

    [Fact]
    public void After_a_pause_nothing_is_made_up_for_but_what_a_late_timer_may_be()
    {
        var pace = new HandoffPace(2_000);
        Drive(pace, TimeSpan.FromSeconds(2), Quick);
        Assert.InRange(pace.Allowed(Begin + TimeSpan.FromHours(1)), 8, 45);
    }

    [Fact]
    public void Slow_answers_slow_it_down_and_quick_ones_speed_it_up_again()
    {
        var pace = new HandoffPace(2_000);
        var slowest = pace.PerSecond;
        Answer(pace, 1_000, Quick);
        Assert.Equal(2_000, pace.PerSecond);
        Answer(pace, 64, Slow);
        Assert.Equal(1_500, pace.PerSecond);
        Answer(pace, 7 * 64, Slow);
        Assert.Equal(slowest, pace.PerSecond);
        Answer(pace, 1_000, Quick);
        Assert.Equal(2_000, pace.PerSecond);
    }

    [Fact]
    public void An_owner_that_has_become_slow_for_another_reason_is_not_spared_for_ever()
    {
        var pace = new HandoffPace(2_000);
        Answer(pace, 1_000, Quick);
        Answer(pace, 2_000, Slow);
        Assert.Equal(2_000, pace.PerSecond);
    }

    [Fact]
    public void A_delivery_that_begins_again_begins_slowly()
    {
        var pace = new HandoffPace(2_000);
        Answer(pace, 1_000, Quick);
        pace.Restart();
        Assert.Equal(new HandoffPace(2_000).PerSecond, pace.PerSecond);
        // A low limit is slow enough already.
        Assert.Equal(50, new HandoffPace(50).PerSecond);
    }

    private static void Answer(HandoffPace pace, int times, TimeSpan took)
    {
        for (var i = 0; i < times; i++) pace.OnAcknowledged(took);
    }

    // Sends whatever may leave, whenever it may, and is answered at once.
    private static List<(Instant At, int Count)> Drive(
        HandoffPace pace, TimeSpan duration, TimeSpan took, TimeSpan late = default, Instant? from = null)
    {
        var sent = new List<(Instant, int)>();
        var end = (from ?? Begin) + duration;
        for (var now = from ?? Begin; now < end; now = (pace.Next > now ? pace.Next : now + TimeSpan.FromMicroseconds(1)) + late)
        {
            var count = pace.Allowed(now);
            if (count == 0) continue;
            pace.OnSent(count, now);
            sent.Add((now, count));
            Answer(pace, count, took);
        }

        return sent;
    }
}
