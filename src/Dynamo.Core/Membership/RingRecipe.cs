using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>A ring that was placed, and what gave way.</summary>
internal sealed record PlacedRing(Ring Ring, ImmutableArray<PlacementViolation> Violations);

/// <summary>How a ring comes out of the one before it; carried out only when somebody needs the owners.</summary>
/// <param name="Founding">The cluster.</param>
/// <param name="Members">The members of the ring, 1 or more.</param>
/// <param name="Replaced">Who took whose partitions over, in this order.</param>
/// <param name="SharesChanged">
/// Whether something changed that shares depend on; after replacements alone everybody keeps what he has.
/// </param>
internal sealed record RingRecipe(
    Founding Founding, ImmutableSortedDictionary<NodeId, RingMember> Members,
    ImmutableArray<(NodeId Old, NodeId New)> Replaced, bool SharesChanged)
{
    /// <summary>The N to spread for: placement spreads for no more than <see cref="Placement.MaxTargetN"/>.</summary>
    private int Spread => Math.Min(Founding.TargetNVal, Placement.MaxTargetN);

    /// <summary>The recipe of the first ring.</summary>
    public static RingRecipe Of(Founding founding) =>
        new(founding, founding.Members.ToImmutableSortedDictionary(static m => m.Node, static m => m), [], SharesChanged: true);

    /// <summary>Places the members on the owners that were there before; null for the first ring.</summary>
    public PlacedRing Place(Ring? before)
    {
        RingMember[] members = [.. Members.Values];
        var owners = before is null ? [] : Owners(before);
        if (SharesChanged)
        {
            var placed = Placement.Assign(members, Founding.PartitionCount, Spread, owners);
            return new PlacedRing(new Ring(members, placed.Owners), placed.Violations);
        }

        // Placement would leave such a ring alone as far as anybody has seen; here it is promised.
        var kept = new PlacementProblem(members, Founding.PartitionCount, Spread, owners);
        return new PlacedRing(new Ring(members, [.. owners]), PlacementAudit.Violations(kept, kept.Previous));
    }

    private NodeId[] Owners(Ring before)
    {
        var owners = new NodeId[before.PartitionCount];
        for (var p = 0; p < owners.Length; p++) owners[p] = before.OwnerOf(new PartitionId(p));
        foreach (var (old, by) in Replaced)
            for (var p = 0; p < owners.Length; p++)
                if (owners[p] == old) owners[p] = by;
        return owners;
    }
}
