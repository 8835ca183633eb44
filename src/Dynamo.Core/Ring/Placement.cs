using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Decides which node owns which partition: a pure function, the same on every machine.</summary>
/// <remarks>
/// In this order, and the earlier wins where they collide: any N consecutive partitions lie on N distinct nodes when
/// there are that many; on N distinct zones when there are that many; every node owns floor or ceiling of its weighted
/// share; and a change moves few more partitions than the growth of the shares explains. With fewer zones than N,
/// preference lists stand in as many zones as the shares allow.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 6.2, strategy 3.
/// Differs: the paper's nodes take random partitions on a join and hand them out at random on a leave; here zones,
/// weights and distinctness across the wrap are kept, and no coordinator is asked.
/// </remarks>
public static class Placement
{
    /// <summary>The largest N that is spread for; preference lists may be longer.</summary>
    public const int MaxTargetN = 12;

    /// <summary>The owner of every partition.</summary>
    /// <param name="members">The ring's nodes, 1 or more, names distinct, weights 1..1024; in any order.</param>
    /// <param name="q">Q, a power of two, 8..65536.</param>
    /// <param name="targetN">The N to spread for, 1..12; the cluster's <c>target_n_val</c>.</param>
    /// <param name="previous">
    /// The owner of each partition before the change, Q entries; owners that are not members have left. Empty for a
    /// new cluster.
    /// </param>
    /// <exception cref="ArgumentException">An argument is outside its range.</exception>
    public static PlacementResult Assign(
        IReadOnlyList<RingMember> members, int q, int targetN, ReadOnlySpan<NodeId> previous)
    {
        Check(members, q);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(targetN);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(targetN, MaxTargetN);
        if (!previous.IsEmpty && previous.Length != q)
            throw new ArgumentException($"There are {previous.Length} previous owners for {q} partitions.");
        var problem = new PlacementProblem(members, q, targetN, previous);
        var owners = problem.IsCycle ? PlacementCycle.Assign(problem) : Best(problem);
        return new PlacementResult(
            [.. owners.Select(i => problem.Nodes[i])],
            PlacementAudit.Violations(problem, owners),
            PlacementAudit.Moved(problem, owners));
    }

    /// <summary>The weighted share of every node, by name, before distinctness cuts any.</summary>
    /// <param name="members">As in <see cref="Assign"/>.</param>
    /// <param name="q">As in <see cref="Assign"/>.</param>
    public static ImmutableArray<PlacementShare> Shares(IReadOnlyList<RingMember> members, int q)
    {
        Check(members, q);
        return PlacementShares.Of(new PlacementProblem(members, q, 1, default));
    }

    private static int[] Best(PlacementProblem problem)
    {
        var shares = PlacementShares.Capped(problem);
        return problem.HasPrevious
            ? PlacementChange.Assign(problem, shares)
            : PlacementChange.Fresh(problem, shares);
    }

    private static void Check(IReadOnlyList<RingMember> members, int q)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (!PartitionId.IsValidCount(q))
            throw new ArgumentException($"Q is {q}, which is no power of two in 8..65536.");
        if (members.Count == 0) throw new ArgumentException("A ring needs at least one node.");
        var names = new SortedSet<NodeId>();
        foreach (var member in members)
        {
            if (member.Weight is < 1 or > RingMember.MaxWeight)
                throw new ArgumentException(
                    $"{member.Node} has weight {member.Weight}, outside 1..{RingMember.MaxWeight}.");
            if (member.Node.IsNone || !names.Add(member.Node))
                throw new ArgumentException($"The node {member.Node} is named twice or not at all.");
        }
    }
}
