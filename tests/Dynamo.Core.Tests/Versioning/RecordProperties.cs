using Xunit.Abstractions;

namespace Dynamo.Core.Tests;

/// <summary>Record.Merge: associative, commutative, idempotent, and what sets of dots, seen and live, do.</summary>
public class RecordProperties(ITestOutputHelper output)
{
    private const int Rounds = 20_000;

    private static readonly ReplicaId[] Replicas =
    [
        new(new NodeId("a"), 1), new(new NodeId("a"), 2), new(new NodeId("b"), 1),
    ];

    [Fact]
    public void Merging_is_associative_commutative_and_idempotent_and_agrees_with_the_model()
    {
        var random = new Prng(41);
        int equal = 0, ordered = 0, concurrent = 0, superseded = 0, bothKept = 0, sameObject = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var x = Draw(random);
            var y = random.Chance(0.2) ? Copy(x) : random.Chance(0.3) ? x.Merge(Draw(random)) : Draw(random);
            var z = random.Chance(0.3) ? y.Merge(Draw(random)) : Draw(random);
            var merged = x.Merge(y);

            AssertIsModelMerge(x, y, merged);
            Assert.Equal(merged, y.Merge(x));
            Assert.Equal(merged.Merge(z), x.Merge(y.Merge(z)));
            Assert.Same(x, x.Merge(x));
            Assert.Equal(x, x.Merge(Copy(x)));
            Assert.Equal(merged, merged.Merge(x));
            Assert.Equal(merged, y.Merge(merged));
            Assert.Equal(x, x.Merge(Record.Empty));
            Assert.Equal(x, Record.Empty.Merge(x));
            Assert.True(x.HasSameVersions(y) == x.Equals(y));

            switch (x.Clock.CompareWith(y.Clock))
            {
                case CausalOrder.Equal: equal++; break;
                case CausalOrder.Concurrent: concurrent++; break;
                default: ordered++; break;
            }

            if (x.Siblings.Any(s => !merged.Siblings.Contains(s))) superseded++;
            if (merged.Siblings.Length > x.Siblings.Length && merged.Siblings.Length > y.Siblings.Length) bothKept++;
            if (ReferenceEquals(merged, x) || ReferenceEquals(merged, y)) sameObject++;
        }

        output.WriteLine(
            $"{equal} with equal clocks, {ordered} ordered, {concurrent} concurrent; {superseded} lost a sibling, "
            + $"{bothKept} gave more siblings than either had, {sameObject} made no new record.");
        Assert.All(
            new[] { equal, ordered, concurrent, superseded, bothKept, sameObject }, n => Assert.True(n > Rounds / 50));
    }

    // The value follows from the dot, as it does when no dot is issued twice.
    private static Record Draw(Prng random)
    {
        var clock = VersionVector.Of([.. Any.Many(random, 4, Range)]);
        var siblings = new List<Sibling>();
        foreach (var range in clock.Ranges)
            for (var counter = range.First; counter <= range.Last; counter++)
                if (random.Chance(0.3)) siblings.Add(new Sibling(new Dot(range.Replica, counter), (long)counter, null));
        Assert.True(Record.TryCreate(clock, [.. siblings], out var record));
        return record;
    }

    private static DotRange Range(Prng random)
    {
        var first = 1 + (ulong)random.Below(6);
        return new DotRange(Replicas[random.Below(3)], first, first + (ulong)random.Below(3));
    }

    private static Record Copy(Record record)
    {
        Assert.True(RecordCodec.TryRead(RecordCodec.ToBytes(record), out var copy));
        return copy;
    }

    private static void AssertIsModelMerge(Record x, Record y, Record merged)
    {
        var (seenX, seenY) = (DotSet.Of(x.Clock), DotSet.Of(y.Clock));
        var (liveX, liveY) = (Live(x), Live(y));
        var expected = liveX.Union(liveY)
            .Where(d => (liveX.Contains(d) || !seenX.Covers(d)) && (liveY.Contains(d) || !seenY.Covers(d)))
            .Order();
        Assert.Equal(expected, merged.Siblings.Select(static s => s.Dot));
        Assert.Equal(seenX.Union(seenY).Ranges(), merged.Clock.Ranges.ToArray());
    }

    private static HashSet<Dot> Live(Record record) => [.. record.Siblings.Select(static s => s.Dot)];
}
