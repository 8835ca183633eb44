namespace Dynamo.Core.Tests.Kernel;

public class HistogramTests
{
    [Fact]
    public void A_value_counts_in_the_first_bucket_whose_bound_it_does_not_exceed()
    {
        var histogram = new Histogram([1, 2, 5]);
        foreach (var value in (double[])[0, 1, 1.5, 2, 5, 6, 1000]) histogram.Record(value);
        var counted = histogram.Snapshot();
        Assert.Equal([2, 2, 1, 2], counted.Counts.AsEnumerable());
        Assert.Equal((7, 1015.5, 1015.5 / 7), (counted.Count, counted.Sum, counted.Mean));
    }

    [Fact]
    public void Bounds_must_rise() => Assert.Throws<ArgumentException>(static () => new Histogram([1, 1]));

    [Fact]
    public void A_quantile_lies_in_the_bucket_that_the_sorted_values_say()
    {
        var random = new Prng(4711);
        var inTop = 0;
        for (var round = 0; round < 200; round++)
        {
            var histogram = new Histogram(Histogram.Seconds);
            // From 30 microseconds to 60 seconds, so that both ends of the bounds are passed.
            var values = Enumerable.Range(0, 1 + (int)(random.Next() % 500))
                .Select(_ => 0.00003 * Math.Pow(2, random.Next() % 2100 / 100.0)).Order().ToList();
            foreach (var value in values) histogram.Record(value);
            var counted = histogram.Snapshot();
            Assert.Equal(values.Count, counted.Count);
            foreach (var share in (double[])[0.5, 0.95, 0.99, 1])
            {
                var exact = values[Math.Max(0, (int)Math.Ceiling(share * values.Count) - 1)];
                var read = counted.Quantile(share);
                var at = Histogram.Seconds.IndexOf(Histogram.Seconds.FirstOrDefault(b => b >= exact, Histogram.Seconds[^1]));
                if (exact > Histogram.Seconds[^1]) inTop++;
                Assert.InRange(read, at == 0 ? 0 : exact > Histogram.Seconds[^1] ? 30 : Histogram.Seconds[at - 1], Histogram.Seconds[at]);
            }
        }

        Assert.True(inTop > 50, $"only {inTop} quantiles were above all bounds");
    }

    [Fact]
    public void What_was_added_since_and_what_two_have_together()
    {
        var histogram = new Histogram([1, 2]);
        histogram.Record(1);
        var before = histogram.Snapshot();
        histogram.Record(2);
        histogram.Record(3);
        var since = histogram.Snapshot().Since(before);
        Assert.Equal([0, 1, 1], since.Counts.AsEnumerable());
        Assert.Equal(5, since.Sum);
        Assert.Equal([1, 1, 1], since.Plus(before).Counts.AsEnumerable());
        Assert.Equal([1, 0, 0], before.Since(histogram.Snapshot()).Counts.AsEnumerable());
        Assert.Equal(0, HistogramSnapshot.Empty([1, 2]).Quantile(0.5));
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var counters = new NodeCounters();
        Observation[] all =
        [
            new Observation.RequestEnded("get", new Found([new Sibling(default, 1, new Value { Body = new byte[3] })], default), TimeSpan.FromMilliseconds(1)),
            new Observation.RequestEnded("put", new Stored(default, []), TimeSpan.FromMilliseconds(1)) { Bytes = 3 },
            Observation.ReplicaRead.Instance, Observation.ReplicaWritten.Instance,
        ];
        Count(2);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Count(1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1002, counters.Snapshot()[CounterNames.NodeGets]);

        void Count(int times)
        {
            for (var i = 0; i < times; i++)
                foreach (var observation in all) counters.Count(observation);
        }
    }
}
