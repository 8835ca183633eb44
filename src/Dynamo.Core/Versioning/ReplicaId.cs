namespace Dynamo.Core;

/// <summary>One store generation of a node's replica: the writer that dots are counted by.</summary>
/// <remarks>
/// A generation belongs to a node and the partition of the key it appears with, so the partition need not be named.
/// It ends when the store is empty, restored, found corrupt or meets its own dot above its lease; the next one
/// has another number, so no dot is ever issued twice.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.4. Differs: the paper counts per node and keeps counters for ever.
/// </remarks>
/// <param name="Node">The node.</param>
/// <param name="Generation">Drawn at random when the generation began; 0 only in <c>default</c>.</param>
public readonly record struct ReplicaId(NodeId Node, ulong Generation) : IComparable<ReplicaId>
{
    /// <inheritdoc/>
    public int CompareTo(ReplicaId other)
    {
        var byNode = Node.CompareTo(other.Node);
        return byNode != 0 ? byNode : Generation.CompareTo(other.Generation);
    }

    /// <inheritdoc/>
    public override int GetHashCode() => Generation.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"{Node}~{Generation & 0xFFFF:x4}";
}
