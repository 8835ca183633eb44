using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>What a change of the ring means for the replicas of one N: who gets and who loses which.</summary>
/// <remarks>
/// A partition's replicas lie on its preference list, so a node gains or loses some whose owner never changes. The
/// order within the list does not matter here. Ask one transition for each n_val in use.
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.8.2 (adding/removing storage nodes) and 6.2.
/// </remarks>
public sealed class RingTransition
{
    private readonly SortedDictionary<NodeId, List<PartitionId>> _gains = [];
    private readonly SortedDictionary<NodeId, List<PartitionId>> _losses = [];

    /// <summary>The transition between two rings with the same number of partitions.</summary>
    /// <param name="from">The old ring.</param>
    /// <param name="to">The new ring.</param>
    /// <param name="nVal">N, 1 or more: how many nodes hold each partition where there are as many.</param>
    public RingTransition(Ring from, Ring to, int nVal)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(nVal);
        Invariant.Holds(from.PartitionCount == to.PartitionCount, "Q is fixed for good when a cluster is created.");
        (From, To, NVal) = (from, to, nVal);
        var changed = ImmutableArray.CreateBuilder<PartitionId>();
        for (var p = 0; p < from.PartitionCount; p++)
        {
            var partition = new PartitionId(p);
            ImmutableArray<NodeId> before = Before(partition), after = After(partition);
            if (before.AsSpan().SequenceEqual(after.AsSpan())) continue;
            var count = Note(partition, after, before, _gains) + Note(partition, before, after, _losses);
            if (count > 0) changed.Add(partition);
        }

        Changed = changed.ToImmutable();
    }

    /// <summary>The old ring.</summary>
    public Ring From { get; }

    /// <summary>The new ring.</summary>
    public Ring To { get; }

    /// <summary>N: how many nodes hold each partition where there are as many.</summary>
    public int NVal { get; }

    /// <summary>The partitions that another set of nodes holds under the new ring, in ring order.</summary>
    public ImmutableArray<PartitionId> Changed { get; }

    /// <summary>The first N nodes of a partition's preference list under the old ring.</summary>
    public ImmutableArray<NodeId> Before(PartitionId partition) => From.PreferenceList(partition, NVal);

    /// <summary>The first N nodes of a partition's preference list under the new ring.</summary>
    public ImmutableArray<NodeId> After(PartitionId partition) => To.PreferenceList(partition, NVal);

    /// <summary>The nodes that hold a partition under the new ring only, in the order of the new list.</summary>
    public ImmutableArray<NodeId> Gainers(PartitionId partition) => Except(After(partition), Before(partition));

    /// <summary>The nodes that hold a partition under the old ring only, in the order of the old list.</summary>
    public ImmutableArray<NodeId> Losers(PartitionId partition) => Except(Before(partition), After(partition));

    /// <summary>The partitions that a node holds under the new ring only, in ring order; none for a stranger.</summary>
    public IReadOnlyList<PartitionId> Gains(NodeId node) => _gains.TryGetValue(node, out var gains) ? gains : [];

    /// <summary>The partitions that a node holds under the old ring only, in ring order; none for a stranger.</summary>
    public IReadOnlyList<PartitionId> Losses(NodeId node) => _losses.TryGetValue(node, out var losses) ? losses : [];

    private static ImmutableArray<NodeId> Except(ImmutableArray<NodeId> nodes, ImmutableArray<NodeId> others) =>
        nodes.RemoveAll(node => others.Contains(node));

    private static int Note(
        PartitionId partition, ImmutableArray<NodeId> nodes, ImmutableArray<NodeId> others,
        SortedDictionary<NodeId, List<PartitionId>> into)
    {
        var count = 0;
        foreach (var node in nodes)
        {
            if (others.Contains(node)) continue;
            if (!into.TryGetValue(node, out var partitions)) into.Add(node, partitions = []);
            partitions.Add(partition);
            count++;
        }

        return count;
    }
}
