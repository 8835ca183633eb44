using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Who owns each partition after a change of membership, and what had to give way.</summary>
/// <remarks>Source: DeCandia et al., Dynamo (SOSP 2007), section 6.2, strategy 3.</remarks>
public sealed class PlacementResult
{
    internal PlacementResult(ImmutableArray<NodeId> owners, ImmutableArray<PlacementViolation> violations, int moved)
    {
        Owners = owners;
        Violations = violations;
        Moved = moved;
    }

    /// <summary>The owner of each partition: Q entries, the index is the partition's.</summary>
    public ImmutableArray<NodeId> Owners { get; }

    /// <summary>What gave way, gravest first: distinct nodes, zones, shares, movement. Often empty.</summary>
    public ImmutableArray<PlacementViolation> Violations { get; }

    /// <summary>Partitions whose owner differs from the previous one, 0..Q; 0 for a new cluster.</summary>
    public int Moved { get; }
}

/// <summary>The demands on a placement, gravest first: when two collide, the later one gives way.</summary>
public enum PlacementDemand
{
    /// <summary>N consecutive partitions lie on N distinct nodes.</summary>
    DistinctNodes,

    /// <summary>The N nodes of a preference list stand in as many distinct zones as there are, up to N.</summary>
    DistinctZones,

    /// <summary>Every node owns floor or ceiling of its weighted share.</summary>
    Shares,

    /// <summary>Few more partitions move than the growth of the shares explains.</summary>
    Movement,
}

/// <summary>One demand that gave way.</summary>
/// <param name="Demand">Which one.</param>
/// <param name="Node">The node whose share it is; <c>default</c> for the other demands.</param>
/// <param name="Wanted">
/// What the demand asks: distinct nodes or zones per preference list; the nearest share; the most moves allowed.
/// </param>
/// <param name="Got">The worst that was reached, in the same unit.</param>
/// <param name="Partitions">The partitions concerned, 1..Q.</param>
/// <param name="Sentence">All of it for an administrator, one English sentence.</param>
public sealed record PlacementViolation(
    PlacementDemand Demand, NodeId Node, int Wanted, int Got, int Partitions, string Sentence)
{
    /// <inheritdoc/>
    public override string ToString() => Sentence;
}
