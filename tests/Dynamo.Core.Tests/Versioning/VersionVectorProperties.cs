using Xunit.Abstractions;

namespace Dynamo.Core.Tests;

/// <summary>Version vectors against sets of dots, at the low and at the high end of the counters.</summary>
public class VersionVectorProperties(ITestOutputHelper output)
{
    private const int Rounds = 20_000;
    private const ulong Low = 1, High = ulong.MaxValue - 11;

    private static readonly ReplicaId[] Replicas =
    [
        new(new NodeId("a"), 1), new(new NodeId("a"), 2), new(new NodeId("b"), 1),
    ];

    [Theory]
    [InlineData(Low)]
    [InlineData(High)]
    public void Vectors_behave_as_sets_of_dots(ulong lowest)
    {
        var random = new Prng(31);
        var classes = new SortedDictionary<string, int>();
        for (var round = 0; round < Rounds; round++)
        {
            var (x, setX) = Draw(random, lowest);
            var (y, setY) = random.Chance(0.3) ? Neighbour(random, x, setX, lowest) : Draw(random, lowest);
            var order = (setX.Includes(setY), setY.Includes(setX)) switch
            {
                (true, true) => CausalOrder.Equal,
                (true, false) => CausalOrder.After,
                (false, true) => CausalOrder.Before,
                _ => CausalOrder.Concurrent,
            };
            Count(classes, order.ToString());
            Assert.Equal(order, x.CompareWith(y));
            Assert.Equal(order is CausalOrder.Equal, x.Equals(y));
            if (order is CausalOrder.Equal) Assert.Equal(x.GetHashCode(), y.GetHashCode());

            var merged = x.Merge(y);
            AssertIs(setX.Union(setY), merged);
            if (merged.Ranges.Length < x.Ranges.Length + y.Ranges.Length && order is CausalOrder.Concurrent)
                Count(classes, "ranges joined");
            if (x.Ranges.Length > 2) Count(classes, "gaps");
            if (x.IsEmpty) Count(classes, "empty");

            foreach (var replica in Replicas)
            {
                var last = setX.Ranges().LastOrDefault(r => r.Replica == replica).Last;
                Assert.Equal(last, x.LastOf(replica));
                for (ulong i = 0; i < 12; i++)
                {
                    var dot = new Dot(replica, lowest + i);
                    Assert.Equal(setX.Covers(dot), x.Covers(dot));
                }
            }
        }

        Report(classes, "Equal", "Before", "After", "Concurrent", "ranges joined", "gaps", "empty");
    }

    [Theory]
    [InlineData(Low)]
    [InlineData(High)]
    public void Descends_is_a_partial_order_and_Merge_its_least_upper_bound(ulong lowest)
    {
        var random = new Prng(32);
        var classes = new SortedDictionary<string, int>();
        for (var round = 0; round < Rounds; round++)
        {
            var (x, setX) = Draw(random, lowest);
            var (y, setY) = random.Chance(0.5) ? Neighbour(random, x, setX, lowest) : Draw(random, lowest);
            var (z, _) = random.Chance(0.5) ? Neighbour(random, y, setY, lowest) : Draw(random, lowest);

            Assert.True(x.Descends(x));
            if (x.Descends(y) && y.Descends(x)) Assert.Equal(x, y);
            if (z.Descends(y) && y.Descends(x))
            {
                Count(classes, x.Equals(y) || y.Equals(z) ? "chain with equals" : "chain");
                Assert.True(z.Descends(x));
            }

            var merged = x.Merge(y);
            Assert.True(merged.Descends(x) && merged.Descends(y));
            if (z.Descends(x) && z.Descends(y))
            {
                Count(classes, z.Equals(merged) ? "least bound" : "upper bound");
                Assert.True(z.Descends(merged));
            }

            Assert.Equal(merged, y.Merge(x));
            Assert.Equal(merged.Merge(z), x.Merge(y.Merge(z)));
            Assert.Same(x, x.Merge(x));
            Assert.Equal(x.Descends(y), merged.Equals(x));
        }

        Report(classes, "chain", "chain with equals", "least bound", "upper bound");
    }

    private static (VersionVector Vector, DotSet Set) Draw(Prng random, ulong lowest)
    {
        var set = new DotSet();
        var ranges = new DotRange[random.Below(5)];
        for (var i = 0; i < ranges.Length; i++)
        {
            var first = (ulong)random.Below(12);
            ranges[i] = new DotRange(
                Replicas[random.Below(3)], lowest + first, lowest + Math.Min(11, first + (ulong)random.Below(4)));
            set.Add(ranges[i]);
        }

        var vector = VersionVector.Of(ranges);
        AssertIs(set, vector);
        return (vector, set);
    }

    // The same again in another object, or with a little more: else equality and order hardly ever come up.
    private static (VersionVector Vector, DotSet Set) Neighbour(Prng random, VersionVector of, DotSet set, ulong lowest)
    {
        if (random.Chance(0.3)) return (VersionVector.Of([.. of.Ranges]), set);
        var (more, added) = Draw(random, lowest);
        return (more.Merge(of), added.Union(set));
    }

    private static void AssertIs(DotSet set, VersionVector vector)
    {
        Assert.Equal(set.Ranges(), vector.Ranges.ToArray());
        Assert.True(VersionVector.TryFromSorted([.. vector.Ranges], out var again));
        Assert.Equal(vector, again);
    }

    private static void Count(SortedDictionary<string, int> classes, string name) =>
        classes[name] = classes.GetValueOrDefault(name) + 1;

    private void Report(SortedDictionary<string, int> classes, params string[] interesting)
    {
        output.WriteLine(string.Join(", ", classes.Select(static c => $"{c.Key}: {c.Value}")));
        Assert.All(
            interesting, name => Assert.True(classes.GetValueOrDefault(name) > Rounds / 200, $"Too few: {name}."));
    }
}
