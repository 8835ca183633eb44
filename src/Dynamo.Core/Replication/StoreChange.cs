namespace Dynamo.Core;

/// <summary>One change to a node's store. Changes of one write are applied in order, all or none.</summary>
public abstract record StoreChange
{
    private StoreChange()
    {
    }

    /// <summary>Stores a record of a partition replica, replacing what was there.</summary>
    public sealed record PutRecord(PartitionId Partition, Key Key, StoredRecord Stored) : StoreChange;

    /// <summary>Removes a record; nothing happens when there is none.</summary>
    public sealed record RemoveRecord(PartitionId Partition, Key Key) : StoreChange;

    /// <summary>Stores a hint, replacing the one for the same owner and key.</summary>
    public sealed record PutHint(Hint Hint) : StoreChange;

    /// <summary>Removes the hint for an owner and key if it still bears <paramref name="Stamp"/>.</summary>
    public sealed record RemoveHint(NodeId Owner, Key Key, ulong Stamp) : StoreChange;

    /// <summary>Records the counter lease of a partition.</summary>
    public sealed record PutLease(PartitionId Partition, GenerationLease Lease) : StoreChange;

    /// <summary>Stores a small named piece of node state (founding, bucket properties), replacing what was there.</summary>
    public sealed record PutCell(string Name, ReadOnlyMemory<byte> Bytes) : StoreChange;
}
