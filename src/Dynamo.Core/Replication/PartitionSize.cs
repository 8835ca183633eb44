namespace Dynamo.Core;

/// <summary>Roughly how much lies in one replica of a partition.</summary>
/// <param name="Keys">Records, tombstones included, 0 or more.</param>
/// <param name="Bytes">Their keys and records, 0 or more; what the store needs besides is its own affair.</param>
public readonly record struct PartitionSize(long Keys, long Bytes)
{
    /// <summary>Both together.</summary>
    public static PartitionSize operator +(PartitionSize a, PartitionSize b) => new(a.Keys + b.Keys, a.Bytes + b.Bytes);
}
