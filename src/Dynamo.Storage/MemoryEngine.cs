using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>
/// A store in this process's memory: what is applied counts as durable, and nothing outlives <see cref="Dispose"/>.
/// </summary>
/// <remarks>
/// One lock guards everything: an operation takes a fraction of a microsecond, so finer locks would cost more than
/// they save. Records are kept as bytes: as the dozen objects that one is in use, each of them would be moved twice by the garbage
/// collector before it rests, which holds everybody up.
/// </remarks>
public sealed class MemoryEngine : IStorageEngine
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<PartitionId, SortedShelf<Row>> _records = [];
    private readonly SortedDictionary<NodeId, SortedShelf<Hint>> _hints = [];
    private readonly Dictionary<PartitionId, GenerationLease> _leases = [];
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _cells = new(StringComparer.Ordinal);
    private readonly SortedDictionary<PartitionId, PartitionSize> _sizes = [];
    private readonly WireWriter _writer = new();
    private long _recordCount, _tombstones;
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
        Row? row;
        lock (_lock)
        {
            if (_disposed) return new StoreRead(StoreReadStatus.Failed, Error: "The store is closed.");
            row = _records.TryGetValue(partition, out var shelf) && shelf.TryGet(key, out var found) ? found : null;
        }

        return row is null ? new StoreRead(StoreReadStatus.Missing) : new StoreRead(StoreReadStatus.Found, row.Stored());
    }

    /// <inheritdoc/>
    public IReadOnlyList<(Key Key, StoredRecord Stored)> Scan(PartitionId partition, Key? after, int limit)
    {
        List<(Key Key, Row Row)> page;
        lock (_lock) page = _records.TryGetValue(partition, out var shelf) ? shelf.Page(new KeyRange(null, after), limit) : [];
        return page.ConvertAll(static item => (item.Key, item.Row.Stored()));
    }

    /// <inheritdoc/>
    public IReadOnlyList<(Key Key, bool IsDeleted)> ScanKeys(
        PartitionId partition, string? bucket, Key? after, int limit)
    {
        var range = new KeyRange(bucket, after);
        lock (_lock)
        {
            return _records.TryGetValue(partition, out var shelf)
                ? shelf.Page(range, limit).ConvertAll(item => (item.Key, item.Item.IsDeleted))
                : [];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartitionId> Partitions()
    {
        lock (_lock) return [.. _records.Keys];
    }

    /// <inheritdoc/>
    public ImmutableSortedDictionary<PartitionId, PartitionSize> Sizes()
    {
        lock (_lock) return _sizes.ToImmutableSortedDictionary();
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
        lock (_lock)
        {
            // Every get asks, and mostly there is none for anybody.
            if (_hints.Count == 0) return [];
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
        lock (_lock) return new StoreCounts(_recordCount, _tombstones, _records.Count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _records.Clear();
            _hints.Clear();
            _leases.Clear();
            _cells.Clear();
            _sizes.Clear();
            (_recordCount, _tombstones) = (0, 0);
        }
    }

    private void Apply(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.PutRecord put:
                var row = Row.Of(put.Stored, _writer);
                Count(put.Partition, put.Key, ShelfFor(_records, put.Partition).Put(put.Key, row), -1);
                Count(put.Partition, put.Key, row, +1);
                break;
            case StoreChange.RemoveRecord remove:
                Count(remove.Partition, remove.Key, Take(_records, remove.Partition, remove.Key), -1);
                break;
            case StoreChange.PutHint { Hint: var hint }:
                ShelfFor(_hints, hint.Owner).Put(hint.Key, hint);
                break;
            case StoreChange.RemoveHint remove:
                if (ReadHint(remove.Owner, remove.Key)?.Stamp == remove.Stamp)
                    Take(_hints, remove.Owner, remove.Key);
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

    private void Count(PartitionId partition, Key key, Row? row, int sign)
    {
        if (row is null) return;
        _recordCount += sign;
        if (row.IsDeleted) _tombstones += sign;
        var bytes = key.BucketUtf8.Length + key.Name.Length + row.BodyBytes;
        var size = _sizes.GetValueOrDefault(partition) + new PartitionSize(sign, sign * bytes);
        if (_records.ContainsKey(partition)) _sizes[partition] = size;
        else _sizes.Remove(partition);
    }

    private static SortedShelf<T> ShelfFor<TPlace, T>(SortedDictionary<TPlace, SortedShelf<T>> shelves, TPlace place)
        where TPlace : notnull
        where T : class
    {
        if (!shelves.TryGetValue(place, out var shelf)) shelves.Add(place, shelf = new SortedShelf<T>());
        return shelf;
    }

    private static T? Take<TPlace, T>(SortedDictionary<TPlace, SortedShelf<T>> shelves, TPlace place, Key key)
        where TPlace : notnull
        where T : class
    {
        if (!shelves.TryGetValue(place, out var shelf)) return null;
        var taken = shelf.Remove(key);
        if (shelf.Count == 0) shelves.Remove(place);
        return taken;
    }

    private sealed class Row
    {
        private readonly byte[] _bytes;
        private readonly ulong _generation, _floor;

        private Row(StoredRecord stored, byte[] bytes)
        {
            (_bytes, _generation, _floor) = (bytes, stored.Generation, stored.Floor);
            (BodyBytes, IsDeleted) = (stored.Record.BodyBytes, stored.Record.IsDeleted);
        }

        public long BodyBytes { get; }

        public bool IsDeleted { get; }

        public static Row Of(StoredRecord stored, WireWriter writer)
        {
            writer.Clear();
            RecordCodec.Write(writer, stored.Record);
            return new Row(stored, writer.ToArray());
        }

        public StoredRecord Stored() => RecordCodec.TryRead(_bytes, out var record)
            ? new StoredRecord(record, _generation, _floor)
            : throw new System.Diagnostics.UnreachableException("A record that was kept cannot be read.");
    }
}
