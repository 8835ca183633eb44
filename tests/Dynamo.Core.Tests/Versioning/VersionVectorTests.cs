namespace Dynamo.Core.Tests;

public class VersionVectorTests
{
    private static readonly ReplicaId A = new(new NodeId("a"), 1), B = new(new NodeId("b"), 1);

    [Fact]
    public void Ranges_that_touch_become_one()
    {
        AssertRanges(VersionVector.Of(new(A, 5, 9), new(A, 1, 4)), new DotRange(A, 1, 9));
        AssertRanges(VersionVector.Of(new(A, 6, 9), new(A, 1, 4)), new(A, 1, 4), new(A, 6, 9));
        AssertRanges(VersionVector.Of(new(A, 1, 9), new(A, 2, 3)), new DotRange(A, 1, 9));
        Assert.Equal(2, VersionVector.Of(new(A, 1, 4), new(B, 5, 9)).Ranges.Length);
        Assert.Equal(2, VersionVector.Of(new(A, 1, 4), new(A with { Generation = 2 }, 5, 9)).Ranges.Length);
    }

    [Fact]
    public void The_largest_counter_does_not_wrap_around()
    {
        const ulong max = ulong.MaxValue;
        AssertRanges(VersionVector.Of(new(A, max, max), new(A, 1, 1)), new(A, 1, 1), new(A, max, max));
        AssertRanges(VersionVector.Of(new(A, max, max), new(A, max - 1, max - 1)), new DotRange(A, max - 1, max));
        AssertRanges(VersionVector.Of(new(A, 1, max), new(A, max, max)), new DotRange(A, 1, max));
        var all = VersionVector.Of(new DotRange(A, 1, max));
        Assert.True(all.Covers(new Dot(A, max)));
        Assert.Same(all, all.With(new DotRange(A, 7, 7)));
        Assert.Same(all, all.Merge(VersionVector.Of(new DotRange(A, max, max))));
        Assert.Equal(max, all.LastOf(A));
    }

    [Fact]
    public void Merging_makes_no_new_vector_when_one_side_knows_all()
    {
        var small = VersionVector.Of(new DotRange(A, 1, 3));
        var large = VersionVector.Of(new(A, 1, 4), new(B, 1, 1));
        Assert.Same(large, small.Merge(large));
        Assert.Same(large, large.Merge(small));
        Assert.Same(small, small.Merge(VersionVector.Empty));
        Assert.Same(small, VersionVector.Empty.Merge(small));
    }

    [Theory]
    [InlineData(0UL, 3UL)]
    [InlineData(4UL, 3UL)]
    public void A_range_that_is_none_is_not_taken(ulong first, ulong last) =>
        Assert.False(VersionVector.TryFromSorted([new DotRange(A, first, last)], out _));

    [Fact]
    public void What_is_not_in_normal_form_is_not_taken()
    {
        Assert.True(VersionVector.TryFromSorted([], out var empty));
        Assert.Same(VersionVector.Empty, empty);
        Assert.True(VersionVector.TryFromSorted([new(A, 1, 3), new(A, 5, 5), new(B, 1, 1)], out _));
        Assert.False(VersionVector.TryFromSorted([new(A, 1, 3), new(A, 4, 5)], out _));
        Assert.False(VersionVector.TryFromSorted([new(A, 1, 3), new(A, 3, 5)], out _));
        Assert.False(VersionVector.TryFromSorted([new(A, 5, 5), new(A, 1, 3)], out _));
        Assert.False(VersionVector.TryFromSorted([new(B, 1, 1), new(A, 1, 3)], out _));
    }

    [Fact]
    public void It_prints_its_ranges() =>
        Assert.Equal("{(a~0001,1..3), (b~0001,7)}", VersionVector.Of(new(B, 7, 7), new(A, 1, 3)).ToString());

    [Fact]
    public void Generations_of_one_node_are_different_writers()
    {
        var old = VersionVector.Of(new DotRange(A, 1, 9));
        var fresh = VersionVector.Of(new DotRange(A with { Generation = 2 }, 1, 9));
        Assert.Equal(CausalOrder.Concurrent, old.CompareWith(fresh));
        Assert.Equal(0UL, old.LastOf(A with { Generation = 2 }));
    }

    private static void AssertRanges(VersionVector vector, params DotRange[] expected) =>
        Assert.Equal(expected, vector.Ranges.ToArray());
}
