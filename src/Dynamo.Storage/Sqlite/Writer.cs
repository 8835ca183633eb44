using System.Diagnostics;
using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>
/// The one thread that writes: it commits all that was queued while the disk was busy with the last commit.
/// </summary>
/// <remarks>
/// <code>
///   callers   --Enqueue-->  overlay + queue  --up to MaxBatch-->  BEGIN .. COMMIT  -->  settle overlay  -->  callbacks
///              (gate)                         (writer thread)                            (gate)
/// </code>
/// When a transaction fails, every write in it failed, and so did all that waited behind it, since they may have been made
/// from what they saw of it; the overlay forgets them. While writes fail, an idle writer probes, so that the store is well again as soon as the disk is.
/// </remarks>
internal sealed class Writer : IDisposable
{
    private const string Closed = "The store is closed.";

    // Sizes are estimates, and each commit would write a page more for them.
    private const int CommitsPerSave = 1024;

    private readonly object _gate = new();
    private readonly Queue<QueuedWrite> _queue = new();
    private readonly List<QueuedWrite> _batch = [];
    private readonly string _path;
    private readonly SqliteOptions _options;
    private readonly Overlay _overlay;
    private readonly PartitionSizes _sizes;
    private readonly RowCache _cache;
    private readonly Checkpointer _checkpointer;
    private readonly Thread _thread;
    private readonly WriterMeasures _measures = new();
    private WriterConnection? _connection;
    private long _lastWrite, _queuedWrites, _queuedBytes, _records, _tombstones;
    private long _heldWrites, _heldBytes, _heldUp;
    private long _failures, _lastFailure, _commits;
    private string? _lastSentence;
    private bool _waiting, _closing;
    private volatile string? _failure;
    private volatile string? _callbackFailure;

    public Writer(string path, SqliteOptions options, Overlay overlay, PartitionSizes sizes, RowCache cache)
    {
        (_path, _options, _overlay, _sizes, _cache) = (path, options, overlay, sizes, cache);
        var connection = _connection = new WriterConnection(path, options, cache);
        _records = connection.Number("SELECT records FROM tally");
        _tombstones = connection.Number("SELECT tombstones FROM tally");
        _checkpointer = new Checkpointer(path, options);
        _thread = new Thread(Run) { IsBackground = true, Name = "dynamo-store-writer" };
        _thread.Start();
    }

    /// <summary>Why writes do not work; null while they do.</summary>
    public string? Error => _failure ?? _checkpointer.Error ?? _callbackFailure;

    /// <summary>Committed records, and those of them that are tombstones.</summary>
    public (long Records, long Tombstones) Counts => (Volatile.Read(ref _records), Volatile.Read(ref _tombstones));

    /// <inheritdoc cref="IStorageEngine.Measures"/>
    public StoreMeasures Measures(long diskBytes, long? freeBytes)
    {
        var (seconds, writes) = _measures.Snapshot();
        var (hits, misses, cached) = _cache.Measures;
        lock (_gate)
        {
            var measures = new StoreMeasures(seconds, writes, _queuedWrites, _queuedBytes, _failures, diskBytes, freeBytes)
            {
                RowCacheHits = hits, RowCacheMisses = misses, RowCacheBytes = cached,
            };
            return _options.Buffer is null ? measures : measures with
            {
                BufferedWrites = _heldWrites, BufferedBytes = _heldBytes, HeldUpWrites = _heldUp,
            };
        }
    }

    /// <inheritdoc cref="IStorageEngine.Watch"/>
    public void Watch(Action<TimeSpan, int> committed) => _measures.Watcher = committed;

    /// <inheritdoc cref="INodeStore.Buffer"/>
    /// <remarks>While the disk fails nothing is called applied that would most likely be forgotten a moment later.</remarks>
    public StoreBuffer Buffer => _options.Buffer is not { } limits ? StoreBuffer.None
        : _failure is null && Volatile.Read(ref _heldWrites) < limits.MaxWrites && Volatile.Read(ref _heldBytes) < limits.MaxBytes ? StoreBuffer.Open
        : StoreBuffer.Full;

    /// <inheritdoc cref="INodeStore.FailedTransactions"/>
    public long FailedTransactions => Volatile.Read(ref _failures);

    /// <summary>Writes that wait for the next transaction.</summary>
    public int Backlog => (int)Volatile.Read(ref _queuedWrites);

    /// <inheritdoc cref="IStorageEngine.Enqueue"/>
    public void Enqueue(IReadOnlyList<StoreChange> changes, Action<WriteResult> done, long? asOf)
    {
        var bytes = QueuedWrite.SizeOf(changes);
        lock (_gate)
        {
            if (!_closing)
            {
                Push(changes, bytes, done, asOf);
                return;
            }
        }

        done(new WriteResult(Closed));
    }

    /// <summary>Writes what is queued, answers for it and ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.Pulse(_gate);
        }

        if (Thread.CurrentThread != _thread) _thread.Join();
        _checkpointer.Dispose();
        _connection?.Dispose();
    }

    private void Push(IReadOnlyList<StoreChange> changes, long bytes, Action<WriteResult> done, long? asOf)
    {
        // A write that is refused still takes its place in the queue, so that answers keep the order of the writes.
        string? refusal = changes.Count == 0 ? Distrust() : null;
        if (_queuedWrites >= _options.MaxQueued || (_queuedBytes > 0 && _queuedBytes + bytes > _options.MaxQueuedBytes))
        {
            refusal = $"The store is overloaded: {_queuedWrites} writes of {_queuedBytes} bytes wait already.";
            // Who has called it applied while there was room must learn as of a failure that it never was.
            if (_options.Buffer is not null && changes.Count > 0) Count(refusal);
        }

        if (asOf is { } seen && seen != _failures) refusal = $"A write that this one was made from failed: {_lastSentence}";
        if (refusal is not null)
        {
            _queue.Enqueue(new QueuedWrite(_lastWrite, [], 0, done, refusal, _failures));
        }
        else
        {
            if (changes.Count > 0)
            {
                if (_options.Buffer is not null && Buffer == StoreBuffer.Full) _heldUp++;
                _overlay.Push(++_lastWrite, changes);
                _heldWrites++;
                _heldBytes += bytes;
            }

            _queuedWrites++;
            _queuedBytes += bytes;
            _queue.Enqueue(new QueuedWrite(_lastWrite, changes, bytes, done, null, _failures));
        }

        if (_waiting) Monitor.Pulse(_gate);
    }

    private void Run()
    {
        while (TakeBatch())
        {
            if (_batch.Count == 0) Probe();
            else Process();
        }

        SaveSizes();
    }

    // Waits for writes; an empty batch means that it is time to probe. False when the store closes and all is written.
    private bool TakeBatch()
    {
        _batch.Clear();
        lock (_gate)
        {
            while (_queue.Count == 0)
            {
                if (_closing) return false;
                _waiting = true;
                var woken = _failure is null ? Monitor.Wait(_gate) : Monitor.Wait(_gate, _options.RetryInterval);
                _waiting = false;
                if (!woken && _queue.Count == 0) return true;
            }

            while (_batch.Count < _options.MaxBatch && _queue.TryDequeue(out var write))
            {
                _batch.Add(write);
                if (write.Refusal is null) _queuedWrites--;
                _queuedBytes -= write.Bytes;
            }
        }

        return true;
    }

    private void Process()
    {
        var failure = _batch.Exists(static write => write.Changes.Count > 0) ? MeasuredCommit() : null;
        Settle(failure);
        var result = new WriteResult(failure);
        foreach (var write in _batch)
            Answer(write, write.Refusal is { } refusal ? new WriteResult(refusal)
                : write.Changes.Count == 0 && write.Failures != _failures ? new WriteResult(_lastSentence)
                : result);
    }

    private string? MeasuredCommit()
    {
        var began = Stopwatch.GetTimestamp();
        var failure = Commit();
        _measures.Record(Stopwatch.GetElapsedTime(began), _batch.Count);
        return failure;
    }

    private string? Commit() => _failure = Attempt(connection =>
    {
        var last = _batch[^1].Number;
        connection.Begin();
        foreach (var write in _batch)
            foreach (var change in write.Changes)
                if (!_overlay.IsOverwritten(change, last)) connection.Apply(change);
        if (++_commits % CommitsPerSave == 0) connection.SaveSizes(_sizes.TakeUnsaved());
        var (records, tombstones) = connection.Commit();
        _sizes.Add(connection.More);
        Volatile.Write(ref _records, _records + records);
        Volatile.Write(ref _tombstones, _tombstones + tombstones);
    });

    // The last thing before it closes. Where it fails, nothing is lost that the next opening would not set right.
    private void SaveSizes()
    {
        if (_connection is not { } connection || _failure is not null) return;
        try
        {
            connection.Begin();
            connection.SaveSizes(_sizes.TakeUnsaved());
            connection.Commit();
        }
        catch (SqliteFailure)
        {
            connection.TryRollback();
        }
    }

    private void Probe() => _failure = Attempt(connection => connection.Probe());

    // Runs one transaction on a sound connection; gives the sentence of its failure.
    private string? Attempt(Action<WriterConnection> transaction)
    {
        try
        {
            var connection = _connection ??= new WriterConnection(_path, _options, _cache);
            _checkpointer.Finish(connection);
            _options.BeforeTransaction?.Invoke(connection.Handle);
            transaction(connection);
            _checkpointer.Wrote(connection.TakePagesWritten());
            return null;
        }
        catch (SqliteFailure e)
        {
            Abandon(broken: e.NeedsNewConnection);
            return e.Sentence(_path);
        }
#pragma warning disable CA1031 // Whatever else goes wrong is our fault; the thread must live and answer for the batch.
        catch (Exception e)
        {
            Abandon(broken: true);
            return $"A write to {_path} failed unexpectedly: {e.Message}";
        }
#pragma warning restore CA1031
    }

    private void Abandon(bool broken)
    {
        _cache.Clear();
        if (_connection is null || (_connection.TryRollback() && !broken)) return;
        _connection.Dispose();
        _connection = null;
    }

    private void Settle(string? failure)
    {
        var last = _batch[^1].Number;
        lock (_gate)
        {
            if (failure is not null)
            {
                while (_queue.TryDequeue(out var later))
                {
                    _batch.Add(later);
                    if (later.Refusal is null) _queuedWrites--;
                    _queuedBytes -= later.Bytes;
                }

                last = _lastWrite;
                foreach (var write in _batch) _overlay.Recount(write.Changes, last);
            }

            foreach (var write in _batch)
            {
                _overlay.Settle(write.Changes, last);
                if (write.Refusal is not null || write.Changes.Count == 0) continue;
                _heldWrites--;
                _heldBytes -= write.Bytes;
            }

            // Counted after the overlay has forgotten: who reads this number first and the rows then, sees none of it.
            if (failure is not null) Count(failure);
        }
    }

    private void Count(string failure)
    {
        _lastSentence = failure;
        _lastFailure = Environment.TickCount64;
        Volatile.Write(ref _failures, _failures + 1);
    }

    // Why a barrier asked for now could lie: who asks may have read a change that has failed since.
    private string? Distrust() =>
        _failures > 0 && Environment.TickCount64 - _lastFailure < _options.DistrustAfterFailure.TotalMilliseconds
            ? $"A write failed a moment ago: {_lastSentence}"
            : null;

    private void Answer(in QueuedWrite write, WriteResult result)
    {
#pragma warning disable CA1031 // One caller's fault must neither end the process nor leave the other writes unanswered.
        try
        {
            write.Done(result);
        }
        catch (Exception e)
        {
            _callbackFailure = $"The answer to a write was not taken: {e.Message}";
        }
#pragma warning restore CA1031
    }
}
