namespace Dynamo.Http.Tests;

/// <summary>Percentiles of the last minute, against the durations themselves.</summary>
public sealed class LatencyTests
{
    [Fact]
    public void A_percentile_is_never_below_the_truth_and_at_most_a_fifth_above()
    {
        var random = new Random(20070614);
        for (var run = 0; run < 200; run++)
        {
            var window = new LatencyWindow(new SetTime());
            var durations = Enumerable.Range(0, random.Next(1, 400)).Select(_ => Math.Exp(random.NextDouble() * 14)).Order().ToArray();
            foreach (var microseconds in durations) window.Add(TimeSpan.FromMicroseconds(microseconds));
            int[] percents = [1, 50, 95, 99, 100];
            var (count, told) = window.Percentiles(percents);
            Assert.Equal(durations.Length, count);
            for (var i = 0; i < percents.Length; i++)
            {
                var truth = durations[(durations.Length * percents[i] + 99) / 100 - 1];
                // A tick is a tenth of a microsecond, and whole microseconds are told.
                Assert.InRange(told[i], truth - 0.1, truth * 1.19 + 1);
            }
        }
    }

    [Fact]
    public void What_is_older_than_a_minute_counts_no_more()
    {
        var time = new SetTime();
        var window = new LatencyWindow(time);
        Assert.Equal((0, 0), (window.Percentiles(99).Count, window.Percentiles(99).Microseconds[0]));
        window.Add(TimeSpan.FromSeconds(1));
        time.Now += TimeSpan.FromSeconds(59);
        window.Add(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, window.Percentiles(50).Count);
        time.Now += TimeSpan.FromSeconds(7);
        var (count, told) = window.Percentiles(100);
        Assert.Equal(1, count);
        Assert.InRange(told[0], 1000, 1190);
        time.Now += TimeSpan.FromMinutes(9);
        Assert.Equal(0, window.Percentiles(50).Count);
    }

    [Fact]
    public void Durations_beyond_reason_are_taken()
    {
        var window = new LatencyWindow(new SetTime());
        window.Add(TimeSpan.Zero);
        window.Add(TimeSpan.FromDays(30));
        Assert.Equal(2, window.Percentiles(100).Count);
    }

    [Fact]
    public async Task Statistics_tell_gets_and_puts_apart()
    {
        await using var service = await Service.Start();
        var quiet = await service.Json("/stats");
        foreach (var part in (string[])["median", "95", "99", "100"])
            Assert.Equal((0, 0), (quiet.GetProperty($"node_get_fsm_time_{part}").GetInt64(), quiet.GetProperty($"node_put_fsm_time_{part}").GetInt64()));
        await service.Put("/buckets/b/keys/k", "v");
        var put = await service.Json("/stats");
        Assert.True(put.GetProperty("node_put_fsm_time_99").GetInt64() > 0);
        Assert.Equal(0, put.GetProperty("node_get_fsm_time_99").GetInt64());
        await service.Ask("GET", "/riak/b/k");
        Assert.True((await service.Json("/stats")).GetProperty("node_get_fsm_time_median").GetInt64() > 0);
    }

    private sealed class SetTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch.AddYears(50);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
