using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>
/// A store in this process's memory: what is applied counts as durable, and nothing outlives <see cref="Dispose"/>.
/// </summary>
/// <remarks>
/// One lock guards everything: an operation takes a fraction of a microsecond, so finer locks would cost more than
/// they save. Records are kept as bytes, and a short one is written over the one that it replaces: what the garbage collector
/// finds alive it moves twice before it rests, which holds everybody up, so a write should leave nothing new behind.
/// </remarks>
public sealed class MemoryEngine : IStorageEngine
{
    private readonly Lock _lock = new();

    // By the partition's index; null where there are no records. It grows with the highest one that was written to.
    private Partition?[] _records = [];
    private readonly SortedDictionary<NodeId, SortedShelf<Hint>> _hints = [];
    private readonly Dictionary<PartitionId, GenerationLease> _leases = [];
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _cells = new(StringComparer.Ordinal);
    private readonly WireWriter _scratch = new();
    private long _recordCount, _tombstones;

    // Written under the lock, read without.
    private int _hintOwners;
    private bool _disposed;

    // An earlier engine's stamps are forgotten with it, but a late message may still name one. The clock in 100 ns is
    // above all that an earlier run gave out, unless it gave out ten million a second.
    private ulong _lastHintStamp = (ulong)DateTime.UtcNow.Ticks;

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public string? Error => null;

    /// <inheritdoc/>
    public bool IsImmediate => true;

    /// <summary>0: nothing fails here.</summary>
    public long FailedTransactions => 0;

    /// <inheritdoc/>
    public void Enqueue(IReadOnlyList<StoreChange> changes, Action<WriteResult> done, long? asOf = null)
    {
        ArgumentNullException.ThrowIfNull(changes);
        ArgumentNullException.ThrowIfNull(done);
        bool disposed;
        lock (_lock)
        {
            disposed = _disposed;
            if (!disposed)
                foreach (var change in changes) Apply(change);
        }

        // Outside the lock, so that a callback that waits for somebody who reads this store cannot hang both.
        done(disposed ? new WriteResult("The store is closed.") : WriteResult.Durable);
    }

    /// <inheritdoc/>
    public StoreRead Read(PartitionId partition, Key key)
    {
        lock (_lock)
        {
            if (_disposed) return new StoreRead(StoreReadStatus.Failed, Error: "The store is closed.");
            return Rows(partition) is { } rows && rows.Shelf.TryGet(key, out var row)
                ? new StoreRead(StoreReadStatus.Found, row.Stored())
                : new StoreRead(StoreReadStatus.Missing);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<(Key Key, StoredRecord Stored)> Scan(PartitionId partition, Key? after, int limit)
    {
        lock (_lock)
        {
            return Rows(partition) is { } rows
                ? rows.Shelf.Page(new KeyRange(null, after), limit).ConvertAll(static item => (item.Key, item.Item.Stored()))
                : [];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<(Key Key, bool IsDeleted)> ScanKeys(
        PartitionId partition, string? bucket, Key? after, int limit)
    {
        var range = new KeyRange(bucket, after);
        lock (_lock)
        {
            return Rows(partition) is { } rows
                ? rows.Shelf.Page(range, limit).ConvertAll(item => (item.Key, item.Item.IsDeleted))
                : [];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartitionId> Partitions()
    {
        lock (_lock) return [.. Kept().Select(static p => p.Id)];
    }

    /// <inheritdoc/>
    public ImmutableSortedDictionary<PartitionId, PartitionSize> Sizes()
    {
        lock (_lock) return Kept().ToImmutableSortedDictionary(static p => p.Id, static p => p.Rows.Size);
    }

    /// <inheritdoc/>
    public GenerationLease? Lease(PartitionId partition)
    {
        lock (_lock) return _leases.GetValueOrDefault(partition);
    }

    /// <inheritdoc/>
    public Hint? ReadHint(NodeId owner, Key key)
    {
        lock (_lock) return _hints.TryGetValue(owner, out var shelf) && shelf.TryGet(key, out var hint) ? hint : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Hint> HintsFor(Key key)
    {
        // Every get asks, and mostly there is none for anybody.
        if (Volatile.Read(ref _hintOwners) == 0) return [];
        lock (_lock)
        {
            var found = new List<Hint>();
            foreach (var shelf in _hints.Values)
                if (shelf.TryGet(key, out var hint)) found.Add(hint);
            return found;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Hint> ScanHints(NodeId owner, Key? after, int limit)
    {
        lock (_lock)
        {
            return _hints.TryGetValue(owner, out var shelf)
                ? shelf.Page(new KeyRange(null, after), limit).ConvertAll(item => item.Item)
                : [];
        }
    }

    /// <inheritdoc/>
    public long HintCount(NodeId owner)
    {
        lock (_lock) return _hints.TryGetValue(owner, out var shelf) ? shelf.Count : 0;
    }

    /// <inheritdoc/>
    public IReadOnlyList<NodeId> HintOwners()
    {
        if (Volatile.Read(ref _hintOwners) == 0) return [];
        lock (_lock) return [.. _hints.Keys];
    }

    /// <inheritdoc/>
    public ulong NextHintStamp() => Interlocked.Increment(ref _lastHintStamp);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte>? Cell(string name)
    {
        // Not "bytes : null": that null would become an empty memory, by way of an array.
        lock (_lock) return _cells.TryGetValue(name, out var bytes) ? bytes : new ReadOnlyMemory<byte>?();
    }

    /// <inheritdoc/>
    public StoreCounts Counts()
    {
        lock (_lock) return new StoreCounts(_recordCount, _tombstones, Kept().Count());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _records = [];
            _hints.Clear();
            _hintOwners = 0;
            _leases.Clear();
            _cells.Clear();
            (_recordCount, _tombstones) = (0, 0);
        }
    }

    private void Apply(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.PutRecord put:
                if (put.Partition.Index >= _records.Length) Array.Resize(ref _records, Math.Max(put.Partition.Index + 1, _records.Length * 2));
                var rows = _records[put.Partition.Index] ??= new Partition();
                if (rows.Shelf.TryGet(put.Key, out var row)) Count(rows, put.Key, row, -1);
                else rows.Shelf.Put(put.Key, row = new Row());
                row.Keep(put.Stored, RecordCodec.ToBytes(put.Stored.Record, _scratch));
                Count(rows, put.Key, row, +1);
                break;
            case StoreChange.RemoveRecord remove when Rows(remove.Partition) is { } held:
                Count(held, remove.Key, held.Shelf.Remove(remove.Key), -1);
                if (held.Shelf.Count == 0) _records[remove.Partition.Index] = null;
                break;
            case StoreChange.RemoveRecord:
                break;
            case StoreChange.PutHint { Hint: var hint }:
                if (!_hints.TryGetValue(hint.Owner, out var hints)) _hints.Add(hint.Owner, hints = new SortedShelf<Hint>());
                hints.Put(hint.Key, hint);
                Volatile.Write(ref _hintOwners, _hints.Count);
                break;
            case StoreChange.RemoveHint remove:
                if (!_hints.TryGetValue(remove.Owner, out var waiting) || !waiting.TryGet(remove.Key, out var old) || old.Stamp != remove.Stamp) break;
                waiting.Remove(remove.Key);
                if (waiting.Count == 0) _hints.Remove(remove.Owner);
                Volatile.Write(ref _hintOwners, _hints.Count);
                break;
            case StoreChange.PutLease put:
                _leases[put.Partition] = put.Lease;
                break;
            case StoreChange.PutCell put:
                _cells[put.Name] = put.Bytes;
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"Unknown change {change.GetType().Name}.");
        }
    }

    private Partition? Rows(PartitionId partition) => partition.Index < _records.Length ? _records[partition.Index] : null;

    private IEnumerable<(PartitionId Id, Partition Rows)> Kept() =>
        _records.Index().Where(static p => p.Item is not null).Select(static p => (new PartitionId(p.Index), p.Item!));

    private void Count(Partition rows, Key key, Row? row, int sign)
    {
        if (row is null) return;
        _recordCount += sign;
        if (row.IsDeleted) _tombstones += sign;
        rows.Size += new PartitionSize(sign, sign * (key.BucketUtf8.Length + key.Name.Length + row.Length));
    }

    private sealed class Partition
    {
        public SortedShelf<Row> Shelf { get; } = new();

        public PartitionSize Size { get; set; }
    }

    // Changed and read under the lock.
    private sealed class Row
    {
        // Longer ones are shared with the records that come in and go out: to copy them would cost more than it saves.
        private const int LongestCopied = 1024;

        private byte[] _body = [];
        private ulong _generation, _floor;

        public int Length { get; private set; }

        public bool IsDeleted { get; private set; }

        public void Keep(StoredRecord stored, byte[] body)
        {
            (_generation, _floor) = (stored.Generation, stored.Floor);
            (Length, IsDeleted) = (body.Length, stored.Record.IsDeleted);
            if (body.Length > LongestCopied)
            {
                _body = body;
                return;
            }

            // A little longer than need be: the next one has a longer number or another node in its clock.
            if (_body.Length < body.Length || _body.Length > LongestCopied) _body = new byte[(body.Length + 63) & ~31];
            body.CopyTo(_body, 0);
        }

        public StoredRecord Stored() => new(
            RecordCodec.OfBytes(Length > LongestCopied ? _body : _body.AsSpan(0, Length).ToArray()), _generation, _floor);
    }
}
