using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>What one exchange is about: a partition, the n_val whose keys are compared, and the other owner.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="NVal">The n_val.</param>
/// <param name="Peer">An owner of such keys, as this node is.</param>
public readonly record struct SyncPair(PartitionId Partition, int NVal, NodeId Peer) : IComparable<SyncPair>
{
    /// <inheritdoc/>
    public int CompareTo(SyncPair other)
    {
        var byPartition = Partition.CompareTo(other.Partition);
        if (byPartition != 0) return byPartition;
        var byN = NVal.CompareTo(other.NVal);
        return byN != 0 ? byN : Peer.CompareTo(other.Peer);
    }

    /// <summary>
    /// Partitions of which a store has rows though its node is no owner, whatever the n_val: left by a change of the ring. None while
    /// the ring is the founding's.
    /// </summary>
    public static ImmutableArray<PartitionId> StraysOf(ClusterView view, INodeStore store)
    {
        if (view.Rings is null or { Settled.Number: 0 }) return [];
        var most = NValSet.Of(view.Properties).Max;
        return [.. store.Partitions().Where(partition => !view.Ring.PreferenceList(partition, most).Contains(view.Self))];
    }

    /// <summary>Every pair that a node has a part in: each of its partition replicas with each other owner, for each n_val in use.</summary>
    /// <param name="view">The ring and the buckets' properties.</param>
    public static List<SyncPair> Of(ClusterView view)
    {
        var pairs = new List<SyncPair>();
        if (view.SelfIndex < 0) return pairs;
        var nVals = NValSet.Of(view.Properties);
        Span<int> owners = stackalloc int[nVals.Max];
        for (var p = 0; p < view.Ring.PartitionCount; p++)
        {
            var partition = new PartitionId(p);
            var count = view.Ring.PreferenceList(partition, owners);
            foreach (var n in nVals.Values)
            {
                var ours = owners[..Math.Min(n, count)];
                if (!ours.Contains(view.SelfIndex)) continue;
                foreach (var owner in ours)
                    if (owner != view.SelfIndex) pairs.Add(new SyncPair(partition, n, view.Ring.Nodes[owner]));
            }
        }

        return pairs;
    }
}
