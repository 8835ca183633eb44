using SQLitePCL;

namespace Dynamo.Storage;

/// <summary>What a durable write survives.</summary>
public enum SyncMode
{
    /// <summary>The loss of power: every commit waits until the disk has it (SQLite synchronous FULL).</summary>
    Full,

    /// <summary>
    /// The death of the process, not of the machine (SQLite synchronous NORMAL). For benchmarks, which name it.
    /// </summary>
    Process,
}

/// <summary>How much a buffer takes before writes are answered for only when they are durable; further ones are not lost by that.</summary>
public sealed record BufferLimits
{
    /// <summary>Writes handed over and not durable yet, 1 or more. Default: 4,096.</summary>
    public int MaxWrites { get; init; } = 4_096;

    /// <summary>Bytes of the values in them, 1 or more. Default: 64 MiB.</summary>
    public long MaxBytes { get; init; } = 64 << 20;
}

/// <summary>How a <see cref="SqliteEngine"/> is opened.</summary>
public sealed record SqliteOptions
{
    /// <summary>The folder of one node's store; created when missing. One process at a time may have it open.</summary>
    public required string Folder { get; init; }

    /// <summary>What a durable write survives. Default: <see cref="SyncMode.Full"/>.</summary>
    public SyncMode Sync { get; init; } = SyncMode.Full;

    /// <summary>
    /// Page cache in bytes, of the writer and of each reading connection, 64 KiB or more. Default: 8 MiB.
    /// </summary>
    /// <remarks>There are as many reading connections as reads at one time, mostly not more than cores.</remarks>
    public long CacheBytes { get; init; } = 8 << 20;

    /// <summary>Bytes of records that were written or read lately and are kept in memory; 0 keeps none. Default: 16 MiB.</summary>
    public long RowCacheBytes { get; init; } = 16 << 20;

    /// <summary>The most writes that share one transaction, 1 or more. Default: 512.</summary>
    public int MaxBatch { get; init; } = 512;

    /// <summary>
    /// The most writes that may wait; further ones are refused with a sentence. 1 or more. Default: 65,536.
    /// </summary>
    public int MaxQueued { get; init; } = 65_536;

    /// <summary>
    /// The most bytes of values that may wait, 1 or more; further writes are refused. Default: 256 MiB.
    /// </summary>
    public long MaxQueuedBytes { get; init; } = 256 << 20;

    /// <summary>
    /// Makes what waits a buffer that answers by itself (the engine <c>buffered</c>), as long as it is not fuller than this. Default: null,
    /// none.
    /// </summary>
    public BufferLimits? Buffer { get; init; }

    /// <summary>How long a lock that another program holds on the database is waited for. Default: 2 s.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a store whose writes fail tries by itself whether they work again. Default: 1 s.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Pages in the write-ahead log at which it starts over, 100 or more; they are moved into the database all the while. Default: 4,000
    /// (16 MB).
    /// </summary>
    public int CheckpointPages { get; init; } = 4_000;

    /// <summary>How long after a failed write barriers fail too. Default: 5 s.</summary>
    /// <remarks>
    /// Between reading a queued change and asking with a barrier whether it is durable, its write can fail and another
    /// one succeed. Nobody takes so long for that step, so a barrier this long after the last failure tells the truth.
    /// </remarks>
    internal TimeSpan DistrustAfterFailure { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For tests: called by the writer thread with its connection before each transaction.</summary>
    internal Action<sqlite3>? BeforeTransaction { get; init; }

    /// <summary>Every setting that is out of range, one sentence each; empty when all are good.</summary>
    public IReadOnlyList<string> Check()
    {
        var errors = new List<string>();
        Require(!string.IsNullOrWhiteSpace(Folder), "The storage folder is empty.");
        Require(CacheBytes >= 64 << 10, $"The storage cache is {CacheBytes} bytes; at least 65536 are needed.");
        Require(RowCacheBytes >= 0, $"The storage row cache is {RowCacheBytes} bytes; it must be 0 or more.");
        Require(MaxBatch >= 1, $"The storage batch is {MaxBatch} writes; it must be 1 or more.");
        Require(MaxQueued >= 1, $"The storage queue is {MaxQueued} writes; it must be 1 or more.");
        Require(MaxQueuedBytes >= 1, $"The storage queue is {MaxQueuedBytes} bytes; it must be 1 or more.");
        if (Buffer is { } buffer)
        {
            // Above the limits of the queue it would refuse what it has called applied.
            Require(buffer.MaxWrites >= 1, $"The storage buffer is {buffer.MaxWrites} writes; it must be 1 or more.");
            Require(buffer.MaxWrites <= MaxQueued, $"The storage buffer is {buffer.MaxWrites} writes; the queue behind it takes {MaxQueued}.");
            Require(buffer.MaxBytes >= 1, $"The storage buffer is {buffer.MaxBytes} bytes; it must be 1 or more.");
            Require(
                buffer.MaxBytes <= MaxQueuedBytes, $"The storage buffer is {buffer.MaxBytes} bytes; the queue behind it takes {MaxQueuedBytes}.");
        }

        Require(LockTimeout >= TimeSpan.Zero, "The storage lock timeout is negative.");
        Require(RetryInterval > TimeSpan.Zero, "The storage retry interval must be longer than 0.");
        Require(CheckpointPages >= 100, $"The storage checkpoint is at {CheckpointPages} pages; 100 are the least.");
        return errors;

        void Require(bool good, string sentence)
        {
            if (!good) errors.Add(sentence);
        }
    }
}
