using Dynamo.Cli.Bench;

namespace Dynamo.Cli.Tests;

/// <summary>What a benchmark's numbers rest on: percentiles, the choice of keys, and stretches.</summary>
public sealed class BenchPartsTests
{
    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 300)]
    [InlineData(3, 100_000)]
    [InlineData(4, 50_000_000)]
    [InlineData(5, 60_000_000_000)]
    public void Percentiles_are_at_most_one_in_128_above_the_exact_ones(int seed, long most)
    {
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var histogram = new LatencyHistogram();
            // Small ones as often as large ones, as latencies are.
            var values = Enumerable.Range(0, 1 + random.Next(2_000)).Select(_ => (long)Math.Pow(most, random.NextDouble())).ToList();
            foreach (var value in values) histogram.Record(TimeSpan.FromMicroseconds(value));
            values.Sort();
            Assert.Equal(((long)values.Count, values[^1]), (histogram.Count, (long)histogram.Max.TotalMicroseconds));
            foreach (var share in (double[])[0.001, 0.5, 0.9, 0.99, 0.999, 1])
            {
                var exact = values[Math.Max(1, (int)Math.Ceiling(share * values.Count)) - 1];
                Assert.InRange(histogram.Percentile(share).TotalMicroseconds, exact, exact + (exact / 128));
            }
        }
    }

    [Fact]
    public void What_is_added_together_is_what_had_been_recorded_together()
    {
        var (one, two, both) = (new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram());
        var random = new Random(7);
        for (var i = 0; i < 5_000; i++)
        {
            var took = TimeSpan.FromMicroseconds(random.NextInt64(1, 1L << random.Next(1, 40)));
            (i % 3 == 0 ? one : two).Record(took);
            both.Record(took);
        }

        one.Add(two);
        Assert.Equal((both.Count, both.Max, both.Mean), (one.Count, one.Max, one.Mean));
        for (var share = 0.01; share <= 1; share += 0.01) Assert.Equal(both.Percentile(share), one.Percentile(share));
        // Beyond what is told apart, and before the beginning.
        one.Record(TimeSpan.FromDays(30));
        one.Record(TimeSpan.FromDays(-1));
        Assert.Equal(LatencyHistogram.MaxMicroseconds, (long)one.Max.TotalMicroseconds);
        Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Percentile(0.5));
    }

    [Fact]
    public void Popular_keys_are_as_popular_as_they_are_said_to_be()
    {
        const int keys = 1_000, draws = 200_000;
        var zeta = Enumerable.Range(1, keys).Sum(static k => Math.Pow(k, -0.99));
        foreach (var name in (string[])["zipfian", "latest"])
        {
            var counts = Draw(name, keys, draws);
            Assert.InRange(counts.Max(), draws / zeta * 0.95, draws / zeta * 1.1);
            Assert.InRange(counts.OrderDescending().Take(100).Sum(), draws * 0.6, draws * 0.8);
        }

        Assert.Equal(Draw("latest", keys, draws).Max(), Draw("latest", keys, draws)[^1]);
        Assert.InRange(Draw("uniform", keys, draws).Max(), draws / keys, draws / keys * 2);
        Assert.Equal([100], Draw("zipfian", 1, 100));
    }

    [Fact]
    public void Mixes_hold_their_shares()
    {
        var random = new Random(3);
        foreach (var mix in Mix.All)
        {
            var gets = Enumerable.Range(0, 10_000).Count(_ => mix.Next(random) == Step.Get);
            Assert.InRange(gets, (mix.Gets * 10_000) - 200, (mix.Gets * 10_000) + 200);
        }
    }

    [Fact]
    public async Task Who_is_turned_away_does_not_come_again_at_once()
    {
        foreach (var ending in (Ending[])[Ending.Refused, Ending.Failed])
        {
            var run = new BenchRun(new Closed(ending), new BenchPlan
            {
                Mix = Mix.All[0], Keys = "uniform", KeyCount = 10, Clients = 2, Timeout = TimeSpan.FromSeconds(5),
                Stretches = [new Stretch(0, TimeSpan.FromSeconds(1))],
            });
            await run.CarryOut(static (_, _, _) => { }, CancellationToken.None);
            // Each of both a hundred times a second at most, and once before the first wait.
            Assert.InRange(run.Seconds.Sum(static s => s.All), 2, 2 * 101);
        }
    }

    [Fact]
    public void Stretches_are_read_from_their_text()
    {
        var stretches = StretchText.Parse("2000:10,8000.5:60,2000", 30, 5, out var wrong);
        Assert.Equal("", wrong);
        (double, double, bool)[] asked = [(2000, 5, true), (2000, 10, false), (8000.5, 60, false), (2000, 30, false)];
        Assert.Equal(
            asked,
            stretches.Select(static s => (s.Rate, s.Length.TotalSeconds, s.IsWarmUp)));
        foreach (var text in (string[])["", "x", "0", "-1", "1:", "1:0", "1:x", "1,,2", "2000000", "1:2:3"])
        {
            Assert.Empty(StretchText.Parse(text, 30, 5, out wrong));
            Assert.Contains("is no rate", wrong);
        }
    }

    private static int[] Draw(string name, int keys, int draws)
    {
        var (choice, random, counts) = (KeyChoice.Of(name, keys), new Random(5), new int[keys]);
        for (var i = 0; i < draws; i++) counts[choice.Next(random)]++;
        return counts;
    }

    private sealed class Closed(Ending ending) : IBenchTarget
    {
        public IBenchConnection Connect(int number) => new Way(ending);

        private sealed class Way(Ending ending) : IBenchConnection
        {
            public ValueTask<Ending> Get(long key) => ValueTask.FromResult(ending);

            public ValueTask<Ending> Put(long key, bool asRead) => ValueTask.FromResult(ending);

            public void GiveUp(long before)
            {
            }

            public void Dispose()
            {
            }
        }
    }
}
