namespace Dynamo.Core;

/// <summary>A record as it lies in one store, with what only that store knows about it.</summary>
/// <param name="Record">The record.</param>
/// <param name="Generation">The store generation that <paramref name="Floor"/> counts in.</param>
/// <param name="Floor">
/// That generation's counter when the row was created here, or when a dot was last issued for another row of the same
/// key (a hint beside the store's own row, say): of this key, this store issued no dot in (Floor, last own dot
/// in the record], and none after it, that the record does not know. So the next write may claim the range
/// above the larger of both, and a row that was lost and came back from elsewhere claims nothing it forgot.
/// </param>
public sealed record StoredRecord(Record Record, ulong Generation, ulong Floor);

/// <summary>The counter of one store generation: what this node's dots for one partition are drawn from.</summary>
/// <param name="Generation">Its number, random, not 0.</param>
/// <param name="LeasedUpTo">The highest counter that may be issued before the next lease; all up to it count as used after a restart.</param>
/// <param name="IsSealed">
/// Whether the store was closed in order after the last dot, which then is <paramref name="LeasedUpTo"/>. The first write that
/// bears a dot again replaces the seal.
/// </param>
public sealed record GenerationLease(ulong Generation, ulong LeasedUpTo, bool IsSealed = false);

/// <summary>A record kept for another node until that node has it.</summary>
/// <param name="Owner">The node it is intended for.</param>
/// <param name="Partition">The key's partition.</param>
/// <param name="Key">The key.</param>
/// <param name="Stored">The record, and its floor in this node's generation for the partition.</param>
/// <param name="Stamp">Grows with every change of a hint in this store: removing names it, so that a hint that grew meanwhile stays.</param>
public sealed record Hint(NodeId Owner, PartitionId Partition, Key Key, StoredRecord Stored, ulong Stamp);
