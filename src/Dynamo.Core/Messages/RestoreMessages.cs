using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Tells an owner's replica to remove records, or to shorten their clocks: the stage <see cref="ReapStage.Remove"/> of a reaper.</summary>
/// <param name="Id">The reaper's number for it.</param>
/// <param name="Partition">The partition of the items.</param>
/// <param name="Items">The records it is about.</param>
/// <param name="Term">The <see cref="ReapMark.Term"/> that the owner named at <see cref="ReapStage.Verify"/>: with another one nothing is removed.</param>
/// <param name="Number">The number of the removal.</param>
public sealed record ReapRemove(
    RequestId Id, PartitionId Partition, ImmutableArray<ReapItem> Items, ulong Term, ulong Number) : Message;

/// <summary>Tells every node that a removal has taken place, so that it knows which backups are older. Nobody answers.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Number">The number of the removal.</param>
public sealed record ReapedIs(PartitionId Partition, ulong Number) : Message;

/// <summary>
/// Asks a node, for the sake of a backup that is being restored, for the last removal it knows of; who answers carries out no
/// removal any more that was agreed on before.
/// </summary>
/// <param name="Id">The number asked with.</param>
/// <param name="Partition">The partition.</param>
public sealed record ReapedAsk(RequestId Id, PartitionId Partition) : Message;

/// <summary>The answer to <see cref="ReapedAsk"/>, once the promise is durable.</summary>
/// <param name="Id">The number asked with.</param>
/// <param name="Reaped">The <see cref="ReapMark.Reaped"/> of who answers.</param>
public sealed record ReapedReply(RequestId Id, ulong Reaped) : Message;
