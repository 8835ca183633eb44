using System.Collections.Immutable;
using Xunit.Abstractions;

namespace Dynamo.Core.Tests;

public class RingTests(ITestOutputHelper output)
{
    // Owners of eight partitions, one letter each; what a list of that length from that partition is.
    [Theory]
    [InlineData("abcabcab", 0, 3, "abc")]
    [InlineData("abcabcab", 1, 3, "bca")]
    [InlineData("abcabcab", 6, 3, "abc")] // a b, then wraps to a b, and on to c.
    [InlineData("abcabcab", 7, 3, "bac")] // b, wraps to a, skips b.
    [InlineData("aaabbbcc", 0, 3, "abc")] // Further partitions of a node already met are skipped.
    [InlineData("aaabbbcc", 2, 3, "abc")]
    [InlineData("aaabbbcc", 7, 3, "cab")]
    [InlineData("abcdefgh", 6, 4, "ghab")]
    [InlineData("abcdefgh", 0, 8, "abcdefgh")]
    [InlineData("abcdefgh", 5, 8, "fghabcde")]
    [InlineData("abcdefgh", 3, 1, "d")]
    [InlineData("abcdefgh", 3, 0, "")]
    [InlineData("aaaaaaaa", 3, 3, "a")] // Fewer than asked for: there are no more owners.
    [InlineData("abababab", 1, 5, "ba")]
    public void Preference_lists(string owners, int partition, int count, string expected)
    {
        var ring = RingOf(owners);
        Assert.Equal(expected, string.Concat(ring.PreferenceList(new PartitionId(partition), count)));
        var indexes = new int[count];
        var found = ring.PreferenceList(new PartitionId(partition), indexes);
        Assert.Equal(expected, string.Concat(indexes.Take(found).Select(i => ring.Nodes[i])));
    }

    [Fact]
    public void Preference_lists_agree_with_a_walk_over_distinct_owners()
    {
        var random = new Prng(3);
        int wrapped = 0, skipped = 0, tooFew = 0;
        for (var round = 0; round < 2000; round++)
        {
            var q = 8 << random.Below(4);
            var nodes = 1 + random.Below(12);
            var owners = string.Concat(Enumerable.Range(0, q).Select(_ => (char)('a' + random.Below(nodes))));
            var (partition, count) = (random.Below(q), 1 + random.Below(6));
            var walk = owners[partition..] + owners[..partition];
            var expected = string.Concat(walk.Distinct().Take(count));
            Assert.Equal(expected, string.Concat(RingOf(owners).PreferenceList(new PartitionId(partition), count)));
            if (walk.IndexOf(expected[^1]) + partition >= q) wrapped++;
            if (walk.IndexOf(expected[^1]) >= expected.Length) skipped++;
            if (expected.Length < count) tooFew++;
        }

        output.WriteLine($"{wrapped} wrapped, {skipped} skipped, {tooFew} were shorter than asked for.");
        Assert.True(wrapped > 100 && skipped > 100 && tooFew > 100);
    }

    [Fact]
    public void A_list_of_more_than_64_nodes()
    {
        var members = Enumerable.Range(0, 100).Select(static i => new RingMember(new NodeId($"n{i:D3}"))).ToArray();
        var ring = new Ring(members, [.. Enumerable.Range(0, 256).Select(p => members[p % 100].Node)]);
        Assert.Equal(members.Select(static m => m.Node), ring.PreferenceList(new PartitionId(0), 100));
        Assert.Equal(100, ring.PreferenceList(new PartitionId(9), 1000).Distinct().Count());
    }

    [Fact]
    public void A_lookup_allocates_nothing()
    {
        var ring = RingOf("abcdefgh");
        var key = Key.Of("b", "k");
        Span<int> nodes = stackalloc int[3];
        ring.PreferenceList(ring.PartitionOf(key), nodes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) ring.PreferenceList(ring.PartitionOf(key), nodes);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Members_are_sorted_and_indexed_whoever_owns_something()
    {
        var ring = RingOf("cabcabca", extra: "zy");
        Assert.Equal("abcyz", string.Concat(ring.Members.Select(static m => m.Node)));
        Assert.Equal(1, ring.IndexOf(new NodeId("b")));
        Assert.Equal(4, ring.IndexOf(new NodeId("z")));
        Assert.Equal(-1, ring.IndexOf(new NodeId("m")));
        Assert.Equal(-1, ring.IndexOf(default));
        Assert.Equal([3, 2, 3, 0, 0, 0], "abczym".Select(c => ring.Share(new NodeId($"{c}"))));
        Assert.Equal("c", ring.OwnerOf(new PartitionId(0)).Name);
        Assert.Equal(8, ring.PartitionCount);
    }

    [Fact]
    public void The_owner_of_a_key_is_the_owner_of_its_partition()
    {
        var ring = RingOf("abcdefgh");
        var key = Key.Of("b", "k"); // Position de3e...: 0xd is 1101, so the top three bits are 110.
        Assert.Equal(new PartitionId(6), ring.PartitionOf(key));
        Assert.Equal("g", ring.OwnerOf(ring.PartitionOf(key)).Name);
    }

    [Fact]
    public void A_ring_that_cannot_be_is_a_programming_error()
    {
        Assert.Throws<InvariantException>(static () => RingOf("abc"));
        Assert.Throws<InvariantException>(static () => new Ring([], []));
        Assert.Throws<InvariantException>(static () => new Ring(
            [new RingMember(new NodeId("a"))], [.. Enumerable.Repeat(new NodeId("b"), 8)]));
    }

    private static Ring RingOf(string owners, string extra = "")
    {
        ImmutableArray<NodeId> nodes = [.. owners.Select(static c => new NodeId($"{c}"))];
        return new Ring((owners + extra).Distinct().Select(static c => new RingMember(new NodeId($"{c}"))), nodes);
    }
}
