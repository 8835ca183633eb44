using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>One node that a request is sent to, and on whose behalf.</summary>
/// <param name="Node">The node.</param>
/// <param name="Owner">The owner it answers for: itself for a primary, an owner that cannot be reached for a fallback.</param>
public readonly record struct ReplicaTarget(NodeId Node, NodeId Owner)
{
    /// <summary>Whether the node is itself an owner of the key.</summary>
    public bool IsPrimary => Node == Owner;
}

/// <summary>Whom a request for one key concerns: its owners, and the first N nodes that can be reached.</summary>
/// <remarks>
/// <code>
///   preference list:  n1  n2  n3 | n4  n5  n6        N = 3, n2 unreachable
///                     primaries    fallbacks
///   targets:          n1  n3  n4 (for n2)            the sloppy quorum
/// </code>
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.6.
/// </remarks>
public sealed class ReplicaTargets
{
    private readonly ClusterView _view;
    private int _fallbacksUsed;

    private ReplicaTargets(
        ClusterView view, PartitionId partition, int n, ImmutableArray<NodeId> primaries,
        ImmutableArray<ReplicaTarget> targets, ImmutableArray<NodeId> uncovered, int fallbacksUsed)
    {
        _view = view;
        Partition = partition;
        N = n;
        Primaries = primaries;
        Targets = targets;
        Uncovered = uncovered;
        _fallbacksUsed = fallbacksUsed;
        foreach (var target in targets)
            if (target.IsPrimary) ReachablePrimaries++;
    }

    /// <summary>The ring that the owners follow from.</summary>
    public Ring Ring => _view.Ring;

    /// <summary>The key's partition.</summary>
    public PartitionId Partition { get; }

    /// <summary>How many owners were asked for.</summary>
    public int N { get; }

    /// <summary>The owners, in ring order; fewer than N only when the ring has fewer nodes.</summary>
    public ImmutableArray<NodeId> Primaries { get; }

    /// <summary>The first N reachable nodes of the preference list, primaries first.</summary>
    public ImmutableArray<ReplicaTarget> Targets { get; }

    /// <summary>Unreachable owners that no reachable fallback is left for.</summary>
    public ImmutableArray<NodeId> Uncovered { get; }

    /// <summary>How many of <see cref="Targets"/> are primaries.</summary>
    public int ReachablePrimaries { get; }

    /// <summary>Chooses the targets of a key in <paramref name="partition"/> with <paramref name="n"/> replicas.</summary>
    public static ReplicaTargets Choose(ClusterView view, PartitionId partition, int n)
    {
        Span<int> list = stackalloc int[n];
        var count = view.Ring.PreferenceList(partition, list);
        var nodes = view.Ring.Nodes;
        var primaries = ImmutableArray.CreateBuilder<NodeId>(count);
        var targets = ImmutableArray.CreateBuilder<ReplicaTarget>(count);
        List<NodeId>? away = null;
        foreach (var index in list[..count])
        {
            primaries.Add(nodes[index]);
            if (view.IsReachable(index)) targets.Add(new ReplicaTarget(nodes[index], nodes[index]));
            else (away ??= []).Add(nodes[index]);
        }

        var used = 0;
        var covered = 0;
        for (; away is not null && covered < away.Count; covered++)
        {
            var fallback = FallbackAt(view, partition, count, ref used);
            if (fallback.IsNone) break;
            targets.Add(new ReplicaTarget(fallback, away[covered]));
        }

        ImmutableArray<NodeId> uncovered = away is null ? [] : [.. away.Skip(covered)];
        return new ReplicaTargets(
            view, partition, n, primaries.DrainToImmutable(), targets.DrainToImmutable(), uncovered, used);
    }

    /// <summary>The next reachable fallback not used yet, to stand in for an owner that stays silent; <c>default</c> when none is left.</summary>
    public NodeId NextFallback() => FallbackAt(_view, Partition, Primaries.Length, ref _fallbacksUsed);

    /// <summary>The nodes that may coordinate a put: reachable primaries, or fallbacks when there are none.</summary>
    public IEnumerable<NodeId> Coordinators() => Targets.Where(MayCoordinate).Select(static target => target.Node);

    /// <summary>Whether <paramref name="node"/> is one of <see cref="Coordinators"/>.</summary>
    public bool IsCoordinator(NodeId node)
    {
        foreach (var target in Targets)
            if (target.Node == node) return MayCoordinate(target);
        return false;
    }

    /// <summary>Whether <paramref name="node"/> is one of <see cref="Targets"/>.</summary>
    public bool Includes(NodeId node)
    {
        foreach (var target in Targets)
            if (target.Node == node) return true;
        return false;
    }

    /// <summary>The same choice, of which no fallback has been used.</summary>
    internal ReplicaTargets Copy() => new(_view, Partition, N, Primaries, Targets, Uncovered, _fallbacksUsed);

    private bool MayCoordinate(ReplicaTarget target) => target.IsPrimary || ReachablePrimaries == 0;

    // Fallbacks are counted from the end of the primaries; `skip` is how many positions were looked at so far.
    private static NodeId FallbackAt(ClusterView view, PartitionId partition, int primaries, ref int skip)
    {
        var total = view.Ring.Nodes.Length;
        for (var window = 8; primaries + skip < total; window *= 4)
        {
            var list = new int[Math.Min(total, primaries + skip + window)];
            var count = view.Ring.PreferenceList(partition, list);
            while (primaries + skip < count)
            {
                var index = list[primaries + skip++];
                if (view.IsReachable(index)) return view.Ring.Nodes[index];
            }

            if (count < list.Length) break;
        }

        return default;
    }
}
