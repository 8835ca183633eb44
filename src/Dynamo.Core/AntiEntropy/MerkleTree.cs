using System.Numerics;

namespace Dynamo.Core;

/// <summary>A tree of sums over the keys of one partition: two replicas compare it from the root and find where they differ.</summary>
/// <remarks>
/// <code>
///   root           16 sums, one for each child
///    +- child      16 sums                       bits of a key's position:
///        +- child  16 sums, the leaves            | partition | 4 | 4 | 4 | the rest |
///                                                               root child leaf
/// </code>
/// A leaf is the sum of what its keys add (<see cref="VersionsHash"/>), so a write changes one number and never reads a
/// neighbour: old out, new in. An inner node is the sum of its children, and added up when somebody asks: writes come by the
/// thousand a second, exchanges once in minutes. The rows of sixteen leaves are made
/// when the first key falls into them, so that a partition with few keys costs a few kilobytes.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.7. Differs: sums in place of hashes of hashes.
/// </remarks>
public sealed class MerkleTree
{
    /// <summary>Children of a node.</summary>
    public const int FanOut = 16;

    /// <summary>Levels of nodes that have children: the sums at the last are the leaves'.</summary>
    public const int Levels = 3;

    /// <summary>Leaves of a tree.</summary>
    public const int Leaves = 1 << (4 * Levels);

    private static readonly ulong[] None = new ulong[FanOut];
    private readonly ulong[]?[] _rows = new ulong[]?[Leaves / FanOut];
    private readonly int _partitions;

    /// <summary>The tree of a partition without keys.</summary>
    /// <param name="partitions">Q: the bits above the tree's are the partition's.</param>
    public MerkleTree(int partitions) => _partitions = partitions;

    /// <summary>The children of any node of a tree without keys.</summary>
    public static ReadOnlySpan<ulong> NoChildren => None;

    /// <summary>How many nodes a level has, 0 being the root's.</summary>
    public static int NodesAt(int level) => 1 << (4 * level);

    /// <summary>The sum over all keys: 0 when there are none.</summary>
    public ulong Root
    {
        get
        {
            var sum = 0UL;
            foreach (var child in Children(0, 0)) sum += child;
            return sum;
        }
    }

    /// <summary>The leaf that a key falls into in its partition's tree, 0..<see cref="Leaves"/>-1, with Q partitions.</summary>
    public static int LeafOf(Key key, int partitions) =>
        (int)(uint)(key.Position.Value >> (128 - BitOperations.Log2((uint)partitions) - (4 * Levels))) & (Leaves - 1);

    /// <summary>A key's record was changed; <see cref="Record.Empty"/> stands for no record.</summary>
    public void Change(Key key, Record before, Record after)
    {
        var difference = 0UL;
        if (!after.IsEmpty) difference += VersionsHash.OfItem(key, after);
        if (!before.IsEmpty) difference -= VersionsHash.OfItem(key, before);
        var leaf = LeafOf(key, _partitions);
        var row = _rows[leaf / FanOut] ??= new ulong[FanOut];
        row[leaf % FanOut] += difference;
    }

    /// <summary>The sums of a node's sixteen children.</summary>
    /// <param name="level">0 for the root, up to <see cref="Levels"/> - 1 for the parents of leaves.</param>
    /// <param name="node">Which node of the level, 0..<see cref="NodesAt"/>-1.</param>
    public ReadOnlySpan<ulong> Children(int level, int node)
    {
        if (level == Levels - 1) return _rows[node] ?? None;
        var sums = new ulong[FanOut];
        // Rows of leaves below each child.
        var rows = 1 << (4 * (Levels - 2 - level));
        for (var child = 0; child < FanOut; child++)
            foreach (var row in _rows.AsSpan(((node * FanOut) + child) * rows, rows))
                if (row is not null)
                    foreach (var leaf in row) sums[child] += leaf;
        return sums;
    }
}
