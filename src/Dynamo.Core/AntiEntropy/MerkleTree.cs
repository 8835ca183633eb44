namespace Dynamo.Core;

/// <summary>A hash tree over the records of one partition replica and n_val, kept up to date with each write.</summary>
/// <remarks>
/// <code>
///   level 0           [root]                 one bucket; equal roots mean equal replicas
///   level 1      [0] [1] ... [15]            16 children each
///   level 2   [0]...[255]
///   level 3   [0]............[4095]          leaves, at depth 3: the next 12 bits of a key's position
/// </code>
/// A leaf is the sum of its items' hashes and an inner bucket the sum of its children's, each mixed with where it
/// stands, so a change costs one addition a level, whatever the number of keys, and the order of changes leaves no trace.
/// Two trees with equal depth are compared from the root down, and only differing branches are walked.
/// Single-threaded.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.7. Differs: sums instead of hashes of hashes.
/// </remarks>
public sealed class MerkleTree
{
    /// <summary>Children of an inner bucket.</summary>
    public const int FanOut = 16;

    /// <summary>The least and the greatest depth.</summary>
    public const int MinDepth = 1, MaxDepth = 4;

    private const int BitsPerLevel = 4;
    private readonly int _partitionBits;
    private readonly ulong[][] _levels;

    /// <summary>An empty tree.</summary>
    /// <param name="partitionCount">Q: the top bits of a position, which all keys of the partition share, are left out.</param>
    /// <param name="depth">Levels below the root, 1..4: 16 to 65536 leaves.</param>
    public MerkleTree(int partitionCount, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, MinDepth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, MaxDepth);
        _partitionBits = System.Numerics.BitOperations.Log2((uint)partitionCount);
        _levels = new ulong[depth + 1][];
        for (var level = 0; level <= depth; level++) _levels[level] = new ulong[1 << (BitsPerLevel * level)];
    }

    /// <summary>Levels below the root.</summary>
    public int Depth => _levels.Length - 1;

    /// <summary>Leaves: 16 to the power of the depth.</summary>
    public int LeafCount => _levels[^1].Length;

    /// <summary>The hash of everything.</summary>
    public ulong Root => _levels[0][0];

    /// <summary>The hash of one bucket; the root is bucket 0 of level 0.</summary>
    public ulong this[int level, int bucket] => _levels[level][bucket];

    /// <summary>The hashes of a bucket's children, 16 of them, in order.</summary>
    public ReadOnlySpan<ulong> ChildrenOf(int level, int bucket) =>
        _levels[level + 1].AsSpan(bucket * FanOut, FanOut);

    /// <summary>The leaf that a key belongs to.</summary>
    public int LeafOf(Token position) =>
        (int)(uint)(position.Value << _partitionBits >> (128 - (BitsPerLevel * Depth)));

    /// <summary>What a key with these versions adds to its leaf; 0 for a record that is not there.</summary>
    public static ulong ItemHash(Token position, Record record) =>
        record.Clock.IsEmpty ? 0 : ItemHash(position, VersionsHash(record));

    /// <summary>What a key adds to its leaf, from <see cref="VersionsHash"/>.</summary>
    public static ulong ItemHash(Token position, ulong versions) =>
        Mix((ulong)position.Value ^ Mix((ulong)(position.Value >> 64) ^ Mix(versions)));

    /// <summary>A hash of what a record knows: its clock and its siblings' dots. Equal on every node for equal versions.</summary>
    public static ulong VersionsHash(Record record)
    {
        var hash = 0x243F6A8885A308D3UL;
        foreach (ref readonly var range in record.Clock.Ranges)
            hash = Mix(hash ^ ReplicaHash(range.Replica)) + (range.First * 0x9E3779B97F4A7C15) ^ Mix(range.Last);
        foreach (var sibling in record.Siblings)
            hash = Mix(hash ^ ReplicaHash(sibling.Dot.Replica)) + Mix(sibling.Dot.Counter);
        return Mix(hash);
    }

    /// <summary>Replaces what a key adds: its old item hash goes, the new one comes. 0 stands for no record.</summary>
    public void Replace(Token position, ulong oldItem, ulong newItem)
    {
        if (oldItem == newItem) return;
        var bucket = LeafOf(position);
        var before = _levels[Depth][bucket];
        var after = before - oldItem + newItem;
        _levels[Depth][bucket] = after;
        for (var level = Depth - 1; level >= 0; level--)
        {
            var parent = bucket / FanOut;
            var was = _levels[level][parent];
            var now = was - Weighed(bucket, before) + Weighed(bucket, after);
            _levels[level][parent] = now;
            (bucket, before, after) = (parent, was, now);
        }
    }

    /// <summary>Sets a leaf to the sum of these item hashes: what a scan found when the tree had drifted.</summary>
    public void SetLeaf(int leaf, ulong sum)
    {
        // A position inside the leaf is all that Replace needs to find its way up.
        var position = new Token((UInt128)(uint)leaf << (128 - _partitionBits - (BitsPerLevel * Depth)));
        Replace(position, _levels[Depth][leaf], sum);
    }

    // An empty bucket adds nothing to its parent, so that empty trees of any history are equal.
    private static ulong Weighed(int bucket, ulong hash) => hash == 0 ? 0 : Mix(hash ^ ((ulong)(uint)bucket << 32));

    private static ulong ReplicaHash(ReplicaId replica) => StableHash.Of(replica.Node.Name) ^ Mix(replica.Generation);

    // The finalizer of SplitMix64: every input bit reaches every output bit.
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
