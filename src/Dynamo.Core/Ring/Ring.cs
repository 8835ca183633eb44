using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Who owns which partition: an immutable snapshot that every node computes alike.</summary>
/// <remarks>
/// <code>
///              p0  node1
///        p7 ,-------.  p1  node2       A key's preference list starts at the owner of its
///          /         \                 partition and goes clockwise: the first N distinct
///      p6 |           |  p2  node3     nodes are its primaries, the rest its fallbacks.
///          \         /                 Further partitions of a node already met are skipped.
///        p5 `-------'  p3  node1
///              p4
/// </code>
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.2, 4.3, 4.6 and 6.2 (strategy 3).
/// </remarks>
public sealed class Ring
{
    private readonly ushort[] _owners;
    private readonly NodeId[] _nodes;
    private readonly int[] _shares;

    /// <summary>A ring out of a placement.</summary>
    /// <param name="members">Every member, in any order; 1 or more.</param>
    /// <param name="owners">Partition to owner, all of them members; the length is Q.</param>
    public Ring(IEnumerable<RingMember> members, ImmutableArray<NodeId> owners)
    {
        Members = [.. members.OrderBy(static m => m.Node)];
        Invariant.Holds(Members.Length > 0, "A ring has at least one member.");
        Invariant.Holds(PartitionId.IsValidCount(owners.Length), "Q is a power of two, 8 to 65536.");
        _nodes = [.. Members.Select(static m => m.Node)];
        _owners = new ushort[owners.Length];
        _shares = new int[_nodes.Length];
        for (var p = 0; p < owners.Length; p++)
        {
            var index = IndexOf(owners[p]);
            Invariant.Holds(index >= 0, "Every owner is a member.");
            _owners[p] = (ushort)index;
            _shares[index]++;
        }
    }

    /// <summary>The members, sorted by name.</summary>
    public ImmutableArray<RingMember> Members { get; }

    /// <summary>The members' names, in the order of <see cref="Members"/>: a node's index is its position here.</summary>
    public ReadOnlySpan<NodeId> Nodes => _nodes;

    /// <summary>The owner of each partition, as its index in <see cref="Nodes"/>.</summary>
    public ImmutableArray<ushort> OwnerIndexes => [.. _owners];

    /// <summary>Q, the number of partitions.</summary>
    public int PartitionCount => _owners.Length;

    /// <summary>The partition of a key.</summary>
    public PartitionId PartitionOf(Key key) => PartitionId.Of(key.Position, _owners.Length);

    /// <summary>The node that owns a partition.</summary>
    public NodeId OwnerOf(PartitionId partition) => _nodes[_owners[partition.Index]];

    /// <summary>A node's index in <see cref="Nodes"/>; -1 when it is no member.</summary>
    public int IndexOf(NodeId node)
    {
        int low = 0, high = _nodes.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = _nodes[middle].CompareTo(node);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return -1;
    }

    /// <summary>Fills in the preference list of a partition: distinct nodes in ring order, primaries first.</summary>
    /// <param name="partition">The key's partition.</param>
    /// <param name="into">Receives node indexes; its length bounds how many are wanted.</param>
    /// <returns>How many were filled in: fewer than asked for only when the ring has fewer owners.</returns>
    public int PreferenceList(PartitionId partition, Span<int> into)
    {
        var found = 0;
        var at = partition.Index;
        for (var step = 0; step < _owners.Length && found < into.Length; step++)
        {
            int owner = _owners[at];
            if (!into[..found].Contains(owner)) into[found++] = owner;
            at = at + 1 == _owners.Length ? 0 : at + 1;
        }

        return found;
    }

    /// <summary>The preference list of a partition by name, the first <paramref name="count"/> nodes of it.</summary>
    public ImmutableArray<NodeId> PreferenceList(PartitionId partition, int count)
    {
        Span<int> indexes = stackalloc int[Math.Min(count, 64)];
        if (count > 64) indexes = new int[Math.Min(count, _nodes.Length)];
        var found = PreferenceList(partition, indexes);
        var builder = ImmutableArray.CreateBuilder<NodeId>(found);
        for (var i = 0; i < found; i++) builder.Add(_nodes[indexes[i]]);
        return builder.MoveToImmutable();
    }

    /// <summary>How many partitions a node owns.</summary>
    public int Share(NodeId node)
    {
        var index = IndexOf(node);
        return index < 0 ? 0 : _shares[index];
    }
}
