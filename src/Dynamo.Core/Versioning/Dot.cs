namespace Dynamo.Core;

/// <summary>One write event: the replica that coordinated it and that replica's counter.</summary>
/// <remarks>Source: Almeida et al., Scalable and Accurate Causality Tracking for Eventually Consistent Stores (2014).</remarks>
/// <param name="Replica">The store generation that issued it.</param>
/// <param name="Counter">1 or more; it grows with each write of that generation, over all keys of the partition.</param>
public readonly record struct Dot(ReplicaId Replica, ulong Counter) : IComparable<Dot>
{
    /// <inheritdoc/>
    public int CompareTo(Dot other)
    {
        var byReplica = Replica.CompareTo(other.Replica);
        return byReplica != 0 ? byReplica : Counter.CompareTo(other.Counter);
    }

    /// <inheritdoc/>
    public override string ToString() => $"({Replica},{Counter})";
}
