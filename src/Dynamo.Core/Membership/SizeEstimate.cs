using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>How much a replica of a partition has, as far as one node can tell without asking another.</summary>
/// <remarks>
/// Of what it holds itself it knows the size. Keys are spread evenly over partitions, so for the others the average of its own
/// is near enough to think about a plan by, unless few keys make most of the bytes. Nobody depends on it.
/// </remarks>
internal static class SizeEstimate
{
    /// <summary>The estimate of one partition; null when the node holds none, or its store does not count.</summary>
    /// <param name="sizes">What the node's store has; null when it does not count.</param>
    /// <param name="ring">The ring that the node reads by.</param>
    /// <param name="self">The node.</param>
    /// <param name="nVal">How many nodes hold a partition.</param>
    public static Func<PartitionId, PartitionSize?> Of(
        ImmutableSortedDictionary<PartitionId, PartitionSize>? sizes, Ring ring, NodeId self, int nVal)
    {
        if (sizes is null) return static _ => null;
        var own = new bool[ring.PartitionCount];
        var (count, total) = (0, default(PartitionSize));
        for (var p = 0; p < own.Length; p++)
        {
            var partition = new PartitionId(p);
            own[p] = ring.PreferenceList(partition, nVal).Contains(self);
            if (!own[p]) continue;
            count++;
            total += sizes.GetValueOrDefault(partition);
        }

        if (count == 0) return static _ => null;
        var average = new PartitionSize(total.Keys / count, total.Bytes / count);
        return partition => own[partition.Index] ? sizes.GetValueOrDefault(partition) : average;
    }
}
