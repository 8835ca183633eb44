namespace Dynamo.Core;

/// <summary>Asks another owner for the highest dot it has seen of one store generation of the sender.</summary>
/// <param name="Id">The sender's number for it.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Generation">The generation.</param>
public sealed record LeaseAsk(RequestId Id, PartitionId Partition, ulong Generation) : Message;

/// <summary>The answer to <see cref="LeaseAsk"/>.</summary>
/// <param name="Id">The number asked with.</param>
/// <param name="Partition">The partition, so that it finds the replica that asked.</param>
/// <param name="Highest">The highest counter seen; 0 when none was.</param>
/// <param name="HasLooked">Whether every row here has been looked at since the process started.</param>
public sealed record LeaseReply(RequestId Id, PartitionId Partition, ulong Highest, bool HasLooked) : Message;
