using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>How a store does its work; all zero where an engine has no such thing, as the memory engine has none.</summary>
/// <param name="CommitSeconds">How long each transaction took, failed ones included.</param>
/// <param name="BatchWrites">Writes that each transaction held.</param>
/// <param name="QueuedWrites">Writes that wait for their turn now.</param>
/// <param name="QueuedBytes">Bytes of the values in them.</param>
/// <param name="FailedTransactions">Transactions that failed since the store was opened.</param>
/// <param name="DiskBytes">Bytes of the store's files, its write-ahead log included.</param>
/// <param name="FreeBytes">Bytes that the disk they lie on has left; null where there is no disk, or it does not say.</param>
public sealed record StoreMeasures(
    HistogramSnapshot CommitSeconds, HistogramSnapshot BatchWrites, long QueuedWrites, long QueuedBytes, long FailedTransactions,
    long DiskBytes, long? FreeBytes)
{
    /// <summary>Reads of a record that found it among those kept in memory.</summary>
    public long RowCacheHits { get; init; }

    /// <summary>Reads of a record that had to ask the database.</summary>
    public long RowCacheMisses { get; init; }

    /// <summary>Bytes of the records kept in memory, about.</summary>
    public long RowCacheBytes { get; init; }

    /// <summary>Writes in the buffer: handed over, answered for or not, and not durable yet. 0 for an engine without one, as all below.</summary>
    public long BufferedWrites { get; init; }

    /// <summary>Bytes of the values in them.</summary>
    public long BufferedBytes { get; init; }

    /// <summary>Writes that found the buffer full, or the disk failing, and so were answered for only when they were durable.</summary>
    public long HeldUpWrites { get; init; }

    /// <summary>Of a store that has no transactions and no files.</summary>
    public static readonly StoreMeasures None = new(
        HistogramSnapshot.Empty(Histogram.Seconds), HistogramSnapshot.Empty(Histogram.Numbers), 0, 0, 0, 0, null);
}
