using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>A store in one SQLite database with a write-ahead log and group commit.</summary>
/// <remarks>
/// One writer thread commits what all partitions queued in the meantime; reads run beside it on connections of their
/// own and see queued changes in the overlay; records that were written or read lately are kept in memory (<see cref="RowCache"/>), where damage of
/// their rows is not seen. Every row has a checksum. See <see cref="Schema"/> for the file. With
/// <see cref="SqliteOptions.Buffer"/> it is the engine <c>buffered</c>: the overlay, which it has anyway, is the object buffer, and
/// the writer thread empties it as fast as the disk takes it. Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.9 (local
/// persistence component) and 6.2 (object buffer). Differs: SQLite instead of Berkeley DB or MySQL, and nothing is kept
/// waiting for a period to end.
/// </remarks>
public sealed class SqliteEngine : IStorageEngine
{
    /// <summary>The database's file name within the folder; SQLite puts two more beside it.</summary>
    public const string FileName = "store.db";

    // A stamp is the number of this opening and a count below it: 8 million openings, 10^12 hints in each.
    private const int CountBits = 40;

    private readonly FolderLock _lock;
    private readonly ReaderPool _readers;
    private readonly HintCounts _hintCounts;
    private readonly Overlay _overlay;
    private readonly PartitionSizes _sizes;
    private readonly RowCache _cache;
    private readonly Writer _writer;
    private readonly bool _isBuffered;
    private readonly string _path;
    private ulong _lastHintStamp;
    private volatile string? _damage;
    private int _disposed;

    private SqliteEngine(SqliteOptions options, FolderLock folderLock)
    {
        _lock = folderLock;
        _isBuffered = options.Buffer is not null;
        _path = Path.Combine(options.Folder, FileName);
        using (var first = new Connection(_path, options, readOnly: false))
        {
            _lastHintStamp = (ulong)Schema.Begin(first, _path) << CountBits;
            Schema.CheckCells(first, _path);
            _hintCounts = HintCounts.Read(first);
            _sizes = PartitionSizes.Read(first);
        }

        _readers = new ReaderPool(_path, options);
        _overlay = new Overlay(_hintCounts, StampInDatabase);
        _cache = new RowCache(options.RowCacheBytes);
        _writer = new Writer(_path, options, _overlay, _sizes, _cache);
    }

    /// <summary>The folder that it is the store of.</summary>
    public string Folder => Path.GetDirectoryName(_path)!;

    /// <inheritdoc/>
    public string Name => _isBuffered ? "buffered" : "sqlite";

    /// <inheritdoc/>
    public int Backlog => _writer.Backlog;

    /// <inheritdoc/>
    public StoreBuffer Buffer => _writer.Buffer;

    /// <inheritdoc/>
    /// <remarks>Damage that a read met stays reported until the store is opened again.</remarks>
    public string? Error => _writer.Error ?? _damage;

    /// <summary>
    /// Opens the store of a folder, which is created when missing, and keeps other processes out of it.
    /// </summary>
    /// <exception cref="StorageOpenException">
    /// It cannot be opened; the message is one sentence that says why.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static SqliteEngine Open(SqliteOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Check() is { Count: > 0 } errors)
            throw new ArgumentException(string.Join(' ', errors), nameof(options));
        var folderLock = FolderLock.Take(options.Folder);
        try
        {
            return new SqliteEngine(options, folderLock);
        }
        catch (SqliteFailure e)
        {
            folderLock.Dispose();
            throw new StorageOpenException(e.Sentence(Path.Combine(options.Folder, FileName)), e);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Removes the store of a folder that no process has open.</summary>
    /// <exception cref="StorageOpenException">It cannot be removed; the message is one sentence that says why.</exception>
    public static void Delete(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            // The log first: alone it would be taken for that of the next database.
            foreach (var file in (string[])[path + "-wal", path + "-shm", path]) File.Delete(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StorageOpenException($"The store {path} cannot be removed: {fault.Message}", fault);
        }
    }

    /// <inheritdoc/>
    public long FailedTransactions => _writer.FailedTransactions;

    /// <inheritdoc/>
    public void Enqueue(IReadOnlyList<StoreChange> changes, Action<WriteResult> done, long? asOf = null)
    {
        ArgumentNullException.ThrowIfNull(changes);
        ArgumentNullException.ThrowIfNull(done);
        _writer.Enqueue(changes, done, asOf);
    }

    /// <inheritdoc/>
    public StoreRead Read(PartitionId partition, Key key)
    {
        var row = new RecordRow(partition, key);
        if (_overlay.Records.Top(row) is { } pending)
        {
            return pending.Change is StoreChange.PutRecord put
                ? new StoreRead(StoreReadStatus.Found, put.Stored, Queued: true)
                : new StoreRead(StoreReadStatus.Missing, Queued: true);
        }

        // What asks the database is a method of its own: what its lambda captures would be allocated for every read.
        return Volatile.Read(ref _disposed) == 0 && _cache.Read(row) is { } kept
            ? new StoreRead(StoreReadStatus.Found, kept.Stored())
            : ReadRow(row);
    }

    /// <inheritdoc/>
    public IReadOnlyList<(Key Key, StoredRecord Stored)> Scan(PartitionId partition, Key? after, int limit)
    {
        var pending = PendingRecords(partition, new KeyRange(null, after));
        return Query(reader => MergedPage.Of<StoredRecord, (Key, StoredRecord)>(
            reader.Records(partition, after), pending, limit, Show));

        static bool Show(Key key, bool _, StoredRecord stored, Pending? top, out (Key, StoredRecord) shown)
        {
            shown = (key, top?.Change is StoreChange.PutRecord put ? put.Stored : stored);
            return top?.Change is not StoreChange.RemoveRecord;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<(Key Key, bool IsDeleted)> ScanKeys(
        PartitionId partition, string? bucket, Key? after, int limit)
    {
        var range = new KeyRange(bucket, after);
        if (range.IsEmpty) return [];
        var pending = PendingRecords(partition, range);
        return Query(reader => MergedPage.Of<bool, (Key, bool)>(reader.Keys(partition, range), pending, limit, Show));

        static bool Show(Key key, bool _, bool deleted, Pending? top, out (Key, bool) shown)
        {
            shown = (key, top?.Change is StoreChange.PutRecord put ? put.Stored.Record.IsDeleted : deleted);
            return top?.Change is not StoreChange.RemoveRecord;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartitionId> Partitions()
    {
        var added = new HashSet<PartitionId>();
        var thinned = new HashSet<PartitionId>();
        foreach (var (row, top) in _overlay.Records.All())
            (top.Change is StoreChange.PutRecord ? added : thinned).Add(row.Partition);
        var partitions = new SortedSet<PartitionId>(Query(reader => reader.Partitions()));
        partitions.UnionWith(added);

        // Where removals are pending and nothing else, they may be all there is.
        foreach (var partition in thinned)
            if (!added.Contains(partition) && ScanKeys(partition, null, null, 1).Count == 0)
                partitions.Remove(partition);
        return [.. partitions];
    }

    /// <inheritdoc/>
    /// <remarks>As of the last commit.</remarks>
    public ImmutableSortedDictionary<PartitionId, PartitionSize> Sizes() => _sizes.All();

    /// <inheritdoc/>
    public GenerationLease? Lease(PartitionId partition) =>
        _overlay.Leases.Top(partition)?.Change is StoreChange.PutLease put
            ? put.Lease
            : Query(reader => reader.Lease(partition));

    /// <inheritdoc/>
    public Hint? ReadHint(NodeId owner, Key key)
    {
        var row = new HintRow(owner, key);
        var top = _overlay.Hints.Top(row);
        return Overlay.Visible(top, () =>
        {
            var (hint, stamp) = Query(reader => (reader.Hint(row, out var stamp), stamp));
            if (hint is null && stamp is { } damaged && top is null) Discard(row, damaged);
            return hint;
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<Hint> HintsFor(Key key)
    {
        // A seek per owner that has hints, of which there are few, spares every hint an entry in a second index.
        var found = new List<Hint>();
        foreach (var owner in HintOwners())
            if (ReadHint(owner, key) is { } hint) found.Add(hint);
        return found;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Hint> ScanHints(NodeId owner, Key? after, int limit)
    {
        var pending = MergedPage.Select(
            _overlay.Hints, row => row.Owner == owner ? row.Key : null, new KeyRange(null, after));
        var damaged = new List<(HintRow Row, ulong Stamp)>();
        var page = Query(reader => MergedPage.Of<(Hint? Hint, ulong Stamp), Hint>(
            reader.Hints(owner, after), pending, limit, Show));
        foreach (var (row, stamp) in damaged) Discard(row, stamp);
        return page;

        bool Show(Key key, bool inDatabase, (Hint? Hint, ulong Stamp) item, Pending? top, out Hint shown)
        {
            shown = Overlay.Visible(top, () => item.Hint)!;
            if (inDatabase && item.Hint is null && top is null) damaged.Add((new HintRow(owner, key), item.Stamp));
            return shown is not null;
        }
    }

    /// <inheritdoc/>
    public long HintCount(NodeId owner) => _hintCounts.Of(owner);

    /// <inheritdoc/>
    public IReadOnlyList<NodeId> HintOwners() => _hintCounts.Owners();

    /// <inheritdoc/>
    public ulong NextHintStamp() => Interlocked.Increment(ref _lastHintStamp);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte>? Cell(string name) =>
        _overlay.Cells.Top(name)?.Change is StoreChange.PutCell put ? put.Bytes : Query(reader => reader.Cell(name));

    /// <inheritdoc/>
    /// <remarks>Records and tombstones are as of the last commit.</remarks>
    public StoreCounts Counts()
    {
        var (records, tombstones) = _writer.Counts;
        return new StoreCounts(records, tombstones, Partitions().Count);
    }

    /// <inheritdoc/>
    public StoreMeasures Measures()
    {
        var (used, free) = (DiskSpace.UsedBy(_path), DiskSpace.Free(_path));
        return _writer.Measures(used, free);
    }

    /// <inheritdoc/>
    public void Watch(Action<TimeSpan, int> committed) => _writer.Watch(committed);

    /// <inheritdoc/>
    /// <remarks>Writes what is queued and answers for it first; so not from within an answer.</remarks>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _writer.Dispose();
        _readers.Dispose();
        _lock.Dispose();
    }

    private StoreRead ReadRow(RecordRow row)
    {
        try
        {
            var commits = _cache.Commits;
            var (read, found) = _readers.Read(reader => (reader.Record(row.Partition, row.Key, _cache.LongestBody, out var found), found));
            if (found is not null) _cache.AddRead(row, found, commits);
            return read;
        }
        catch (SqliteFailure e)
        {
            return new StoreRead(StoreReadStatus.Failed, Error: Note(e));
        }
        catch (ObjectDisposedException)
        {
            return new StoreRead(StoreReadStatus.Failed, Error: "The store is closed.");
        }
    }

    private List<(Key Key, Pending Pending)> PendingRecords(PartitionId partition, KeyRange range) =>
        MergedPage.Select(_overlay.Records, row => row.Partition == partition ? row.Key : null, range);

    // A hint that cannot be read is no use to its owner, who gets the record by anti-entropy; left alone it would be
    // counted for ever.
    private void Discard(HintRow row, ulong stamp) =>
        Enqueue([new StoreChange.RemoveHint(row.Owner, row.Key, stamp)], _ => { });

    private ulong? StampInDatabase(HintRow row)
    {
        try
        {
            return _readers.Read(reader => reader.Hint(row, out var stamp) is { } hint ? hint.Stamp : stamp);
        }
        catch (SqliteFailure e)
        {
            Note(e);
            return null;
        }
    }

    private T Query<T>(Func<ReaderConnection, T> read)
    {
        try
        {
            return _readers.Read(read);
        }
        catch (SqliteFailure e)
        {
            throw new StoreFailedException(Note(e), e);
        }
        catch (ObjectDisposedException e)
        {
            throw new StoreFailedException("The store is closed.", e);
        }
    }

    private string Note(SqliteFailure failure)
    {
        var sentence = failure.Sentence(_path);
        if (failure.IsDamage) _damage = sentence;
        return sentence;
    }
}
