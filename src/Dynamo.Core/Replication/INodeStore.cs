using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>The reading half of a node's store, as machines see it. Changes go through <see cref="Effects.Write"/>.</summary>
/// <remarks>
/// A read sees every change that was handed to the store before it, durable or not; <see cref="StoreRead.Queued"/> says when
/// not, and a machine then answers only after an empty write has come back durable, unless the store is a <see cref="Buffer"/>.
/// What a disk does is a status where there is one; a scan, hint, lease or cell that cannot be read throws
/// <see cref="StoreFailedException"/>, because an empty or short answer would be taken for the truth.
/// </remarks>
public interface INodeStore
{
    /// <summary>The record of a key in a partition replica.</summary>
    StoreRead Read(PartitionId partition, Key key);

    /// <summary>Records of a partition in key order, after <paramref name="after"/> (from the first when null), at most <paramref name="limit"/>.</summary>
    /// <remarks>Damaged records are left out.</remarks>
    IReadOnlyList<(Key Key, StoredRecord Stored)> Scan(PartitionId partition, Key? after, int limit);

    /// <summary>Keys and deletion state of a partition's records in one bucket (all buckets when null), in key order, after <paramref name="after"/>.</summary>
    /// <remarks>Cheaper than <see cref="Scan"/>: it does not read bodies.</remarks>
    IReadOnlyList<(Key Key, bool IsDeleted)> ScanKeys(PartitionId partition, string? bucket, Key? after, int limit);

    /// <summary>The partitions for which this store has records, in order.</summary>
    IReadOnlyList<PartitionId> Partitions();

    /// <summary>
    /// Roughly how much lies in each partition that has records; counted as it is written, cheap. null for a store that does
    /// not count.
    /// </summary>
    ImmutableSortedDictionary<PartitionId, PartitionSize>? Sizes() => null;

    /// <summary>Writes that were handed to the store and are not durable yet; cheap. 0 for a store that keeps none waiting.</summary>
    int Backlog => 0;

    /// <summary>Whether a write is durable as soon as it is handed over, so that none ever waits.</summary>
    bool IsImmediate => false;

    /// <summary>Whether what waits may be answered for before it is durable; cheap.</summary>
    StoreBuffer Buffer => StoreBuffer.None;

    /// <summary>
    /// How many transactions have failed since the store was opened, each with every write that waited then; cheap. Who
    /// reads it before the rows sees, when it has grown, nothing of what failed.
    /// </summary>
    long FailedTransactions => 0;

    /// <summary>The lease of a partition; null when the store has none, so that a new generation must begin.</summary>
    GenerationLease? Lease(PartitionId partition);

    /// <summary>The hint for an owner and key; null when there is none.</summary>
    Hint? ReadHint(NodeId owner, Key key);

    /// <summary>Every hint for a key, whoever the owner.</summary>
    IReadOnlyList<Hint> HintsFor(Key key);

    /// <summary>Hints for an owner in key order, after <paramref name="after"/> (from the first when null), at most <paramref name="limit"/>.</summary>
    IReadOnlyList<Hint> ScanHints(NodeId owner, Key? after, int limit);

    /// <summary>How many hints wait for an owner; counted in memory, cheap.</summary>
    long HintCount(NodeId owner);

    /// <summary>The owners that hints wait for, in order; cheap.</summary>
    IReadOnlyList<NodeId> HintOwners();

    /// <summary>A stamp for the next hint, above all given out before, in this run and in earlier ones.</summary>
    ulong NextHintStamp();

    /// <summary>A named piece of node state; null when there is none.</summary>
    ReadOnlyMemory<byte>? Cell(string name);
}

/// <summary>Whether a store's memory of what waits to be durable is a buffer that counts by itself [section 4.9].</summary>
public enum StoreBuffer
{
    /// <summary>It is none: what is not durable is neither acknowledged nor shown.</summary>
    None,

    /// <summary>What is applied may be acknowledged as applied, and shown.</summary>
    Open,

    /// <summary>As many writes wait as the buffer takes: what waits is shown, and further writes are answered for when they are durable.</summary>
    Full,
}

/// <summary>How a read ended.</summary>
public enum StoreReadStatus
{
    /// <summary>There is no record.</summary>
    Missing,

    /// <summary>There is one.</summary>
    Found,

    /// <summary>There is one, but its checksum fails: it must not be served.</summary>
    Corrupt,

    /// <summary>The store could not be read.</summary>
    Failed,
}

/// <summary>What a read found.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Stored">The record when <see cref="StoreReadStatus.Found"/>, else null.</param>
/// <param name="Queued">Whether a change of this key is not durable yet.</param>
/// <param name="Error">One sentence when <see cref="StoreReadStatus.Failed"/>.</param>
public readonly record struct StoreRead(
    StoreReadStatus Status, StoredRecord? Stored = null, bool Queued = false, string? Error = null);
