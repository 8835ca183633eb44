namespace Dynamo.Core;

/// <summary>What a plan makes of a node.</summary>
public enum PlannedState
{
    /// <summary>It is a member and stays one.</summary>
    Staying,

    /// <summary>It becomes a member, by joining or by replacing another.</summary>
    Joining,

    /// <summary>It hands over and goes.</summary>
    Leaving,

    /// <summary>It is dead and goes.</summary>
    Removed,

    /// <summary>Another node takes its place.</summary>
    Replaced,
}

/// <summary>A node's row in a plan.</summary>
/// <param name="Node">The node.</param>
/// <param name="Zone">Its zone; empty when zones are not used.</param>
/// <param name="WeightBefore">Its weight now; 0 when it joins.</param>
/// <param name="WeightAfter">Its weight after; 0 when it goes.</param>
/// <param name="State">What becomes of it.</param>
/// <param name="Before">Partitions it owns now.</param>
/// <param name="After">Partitions it will own.</param>
public sealed record PlannedNode(
    NodeId Node, string Zone, int WeightBefore, int WeightAfter, PlannedState State, int Before, int After);

/// <summary>A partition that gets another owner.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="From">Its owner now.</param>
/// <param name="To">Its owner after.</param>
public sealed record OwnerMove(PartitionId Partition, NodeId From, NodeId To);

/// <summary>A replica of a partition that a node does not have now and will have.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="From">
/// The node to take it from: one that loses it, else one that keeps it. <c>default</c> when every node that has it is
/// removed.
/// </param>
/// <param name="To">The node that gets it.</param>
/// <param name="Size">How much that is, as estimated; null when unknown.</param>
public sealed record ReplicaMove(PartitionId Partition, NodeId From, NodeId To, PartitionSize? Size)
{
    /// <summary>How much some moves come to; null when one of them is unknown.</summary>
    public static PartitionSize? SizeOf(IEnumerable<ReplicaMove> moves)
    {
        PartitionSize? sum = default(PartitionSize);
        foreach (var move in moves) sum += move.Size;
        return sum;
    }
}
