namespace Dynamo.Core.Tests.AntiEntropy;

/// <summary>The tree of sums by itself. Section 4.7 of the paper.</summary>
public class MerkleTreeTests
{
    private const int Q = 8;

    [Fact]
    public void The_order_of_changes_does_not_matter_and_a_way_back_leads_to_the_same_sums()
    {
        var random = new Prng(7);
        var records = Enumerable.Range(0, 200).Select(i => (Key: Key.Of("b", $"k{i}"), Record: Any.Record(random))).ToList();
        var there = new MerkleTree(Q);
        foreach (var (key, record) in records) there.Change(key, Record.Empty, record);
        var back = new MerkleTree(Q);
        foreach (var (key, record) in Enumerable.Reverse(records))
        {
            var other = Any.Record(random);
            back.Change(key, Record.Empty, other);
            back.Change(key, other, record);
        }

        Assert.Equal(Sums(there), Sums(back));
        foreach (var (key, record) in records) back.Change(key, record, Record.Empty);
        Assert.Equal(Sums(new MerkleTree(Q)), Sums(back));
    }

    [Fact]
    public void A_node_is_the_sum_of_its_children()
    {
        var random = new Prng(8);
        var tree = new MerkleTree(Q);
        for (var i = 0; i < 500; i++) tree.Change(Key.Of("b", $"k{i}"), Record.Empty, Any.Record(random));
        for (var level = 0; level + 1 < MerkleTree.Levels; level++)
            for (var node = 0; node < MerkleTree.NodesAt(level); node++)
                for (var child = 0; child < MerkleTree.FanOut; child++)
                    Assert.Equal(tree.Children(level, node)[child], Sum(tree.Children(level + 1, (node * MerkleTree.FanOut) + child)));
    }

    [Fact]
    public void A_key_changes_its_own_leaf_and_the_way_to_it_and_nothing_else()
    {
        var key = Key.Of("carts", "alice");
        var tree = new MerkleTree(Q);
        tree.Change(key, Record.Empty, Any.Record(new Prng(3)) is { Clock.IsEmpty: false } record ? record : throw new InvalidOperationException());
        var leaf = MerkleTree.LeafOf(key, Q);
        for (var level = 0; level < MerkleTree.Levels; level++)
        {
            var nonzero = Enumerable.Range(0, MerkleTree.NodesAt(level))
                .SelectMany(node => Enumerable.Range(0, MerkleTree.FanOut)
                    .Where(child => tree.Children(level, node)[child] != 0).Select(child => (node * MerkleTree.FanOut) + child));
            Assert.Equal([leaf >> (4 * (MerkleTree.Levels - 1 - level))], nonzero);
        }
    }

    [Fact]
    public void Keys_of_one_partition_spread_over_the_leaves()
    {
        var counts = new int[MerkleTree.Leaves];
        var keys = Enumerable.Range(0, 40_000).Select(static i => Key.Of("b", $"k{i}"))
            .Where(static key => PartitionId.Of(key.Position, Q).Index == 3).ToList();
        foreach (var key in keys) counts[MerkleTree.LeafOf(key, Q)]++;
        Assert.True(keys.Count > 4_000);
        Assert.True(counts.Max() <= 12, $"{counts.Max()} of {keys.Count} keys fall into one leaf of {MerkleTree.Leaves}.");
    }

    [Fact]
    public void Records_that_differ_in_anything_have_different_hashes()
    {
        var random = new Prng(5);
        var hashes = new Dictionary<ulong, Record>();
        var pairs = 0;
        for (var i = 0; i < 3_000; i++)
        {
            var record = Any.Record(random);
            if (!hashes.TryAdd(VersionsHash.Of(record), record))
            {
                Assert.True(hashes[VersionsHash.Of(record)].HasSameVersions(record));
                pairs++;
            }
        }

        Assert.True(hashes.Count > 1_000, $"{hashes.Count} different records were drawn, {pairs} came twice.");
        Assert.Equal(0UL, VersionsHash.Of(Record.Empty));
    }

    private static ulong[] Sums(MerkleTree tree) =>
    [
        .. Enumerable.Range(0, MerkleTree.Levels).SelectMany(level => Enumerable.Range(0, MerkleTree.NodesAt(level))
            .SelectMany(node => tree.Children(level, node).ToArray())),
    ];

    private static ulong Sum(ReadOnlySpan<ulong> sums)
    {
        var sum = 0UL;
        foreach (var one in sums) sum += one;
        return sum;
    }
}
