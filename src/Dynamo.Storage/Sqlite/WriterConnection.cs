using System.Diagnostics;
using Dynamo.Core;
using SQLitePCL;

namespace Dynamo.Storage;

/// <summary>The connection that changes the database. It belongs to the writer thread.</summary>
internal sealed class WriterConnection : Connection
{
    // SQLITE_DBSTATUS_CACHE_WRITE: pages written since the last look.
    private const int PagesWritten = 9;

    private readonly WireWriter _scratch = new(4096);
    private readonly Statement _begin, _commit, _deleted, _putRecord, _removeRecord, _putHint, _removeHint,
        _putLease, _putCell, _tally, _saveSize;

    private readonly Dictionary<PartitionId, PartitionSize> _moreInPartitions = [];
    private readonly List<(RecordRow Where, PackedRow? Row)> _changed = [];
    private readonly RowCache _cache;
    private readonly LogSync? _sync;
    private long _moreRecords, _moreTombstones;

    public WriterConnection(string path, SqliteOptions options, RowCache cache)
        : base(path, options, readOnly: false)
    {
        _cache = cache;
        try
        {
            // Commits never move pages from the log to the database: a thread of its own does, so that no put waits
            // for it. A closing connection would: the engine does that itself, once, at the end.
            var sync = options.Sync == SyncMode.Full ? "FULL" : "NORMAL";
            Execute($"PRAGMA journal_mode = WAL; PRAGMA synchronous = {sync}; PRAGMA fullfsync = ON; "
                + "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864");
            _begin = Prepare("BEGIN IMMEDIATE");
            _commit = Prepare("COMMIT");
            _deleted = Prepare("SELECT deleted, LENGTH(body) FROM record WHERE p = ?1 AND b = ?2 AND n = ?3");
            _putRecord = Prepare("INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
            _removeRecord = Prepare("DELETE FROM record WHERE p = ?1 AND b = ?2 AND n = ?3");
            _putHint = Prepare("INSERT OR REPLACE INTO hint VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
            _removeHint = Prepare("DELETE FROM hint WHERE owner = ?1 AND b = ?2 AND n = ?3 AND stamp = ?4");
            _putLease = Prepare("INSERT OR REPLACE INTO lease VALUES (?1, ?2, ?3, ?4)");
            _putCell = Prepare("INSERT OR REPLACE INTO cell VALUES (?1, ?2, ?3)");
            _saveSize = Prepare("INSERT OR REPLACE INTO size VALUES (?1, ?2, ?3)");
            _tally = Prepare("UPDATE tally SET records = records + ?1, tombstones = tombstones + ?2");
            // Now that it has read the schema, it has opened its log.
            if (options.Sync == SyncMode.Full) _sync = LogSync.TryAttach(Handle, path + LogSync.Suffix);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How often it has synced the log by <see cref="LogSync"/>.</summary>
    public long LogSyncs => _sync?.Count ?? 0;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _sync?.Dispose();
        base.Dispose();
    }

    /// <summary>Begins a transaction, once nobody else writes.</summary>
    public void Begin()
    {
        (_moreRecords, _moreTombstones) = (0, 0);
        _moreInPartitions.Clear();
        _changed.Clear();
        _begin.Run();
    }

    /// <summary>Commits and says how many more records and tombstones there are now.</summary>
    public (long Records, long Tombstones) Commit()
    {
        if (_moreRecords != 0 || _moreTombstones != 0) _tally.Bind(1, _moreRecords).Bind(2, _moreTombstones).Run();
        _commit.Run();
        _cache.Commit(_changed);
        return (_moreRecords, _moreTombstones);
    }

    /// <summary>How much more there is in each partition since <see cref="Begin"/>; valid until the next.</summary>
    public IReadOnlyCollection<KeyValuePair<PartitionId, PartitionSize>> More => _moreInPartitions;

    /// <summary>Writes sizes of partitions down inside the open transaction.</summary>
    public void SaveSizes(IEnumerable<KeyValuePair<PartitionId, PartitionSize>> sizes)
    {
        foreach (var (partition, size) in sizes)
            _saveSize.Bind(1, partition.Index).Bind(2, size.Keys).Bind(3, size.Bytes).Run();
    }

    /// <summary>Writes something that changes nothing, to see whether writing works.</summary>
    public void Probe()
    {
        // The content of the page must differ, or SQLite spares itself the writing.
        Begin();
        Execute("UPDATE tally SET opened = opened + 1; UPDATE tally SET opened = opened - 1");
        _commit.Run();
    }

    /// <summary>Undoes an open transaction; false when the connection is no longer good for another.</summary>
    public bool TryRollback()
    {
        if (InTransaction) _ = raw.sqlite3_exec(Handle, "ROLLBACK");
        return !InTransaction;
    }

    /// <summary>Pages that went to the log since the last call.</summary>
    public int TakePagesWritten() =>
        raw.sqlite3_db_status(Handle, PagesWritten, out var pages, out _, 1) == raw.SQLITE_OK ? pages : 0;

    /// <summary>Carries a change out inside the open transaction.</summary>
    public void Apply(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.PutRecord put:
                PutRecord(put);
                break;
            case StoreChange.RemoveRecord remove:
                if (!CountOut(remove.Partition, remove.Key)) return;
                _changed.Add((new RecordRow(remove.Partition, remove.Key), null));
                _removeRecord.Bind(1, remove.Partition.Index).Bind(2, remove.Key.BucketUtf8).Bind(3, remove.Key.Name)
                    .Run();
                break;
            case StoreChange.PutHint put:
                PutHint(put.Hint);
                break;
            case StoreChange.RemoveHint remove:
                _removeHint.Bind(1, remove.Owner.Name).Bind(2, remove.Key.BucketUtf8).Bind(3, remove.Key.Name)
                    .Bind(4, remove.Stamp).Run();
                break;
            case StoreChange.PutLease { Lease: var lease } put:
                _putLease.Bind(1, put.Partition.Index).Bind(2, Rows.SumOfLease(put.Partition, lease))
                    .Bind(3, lease.Generation).Bind(4, lease.LeasedUpTo).Run();
                break;
            case StoreChange.PutCell put:
                _putCell.Bind(1, put.Name).Bind(2, Rows.SumOfCell(put.Name, put.Bytes.Span)).Bind(3, put.Bytes.Span)
                    .Run();
                break;
            default:
                throw new UnreachableException($"Unknown change {change.GetType().Name}.");
        }
    }

    private void PutRecord(StoreChange.PutRecord put)
    {
        CountOut(put.Partition, put.Key);
        var stored = put.Stored;
        var row = PackedRow.Of(stored, _scratch);
        var (body, deleted) = (row.Body, row.IsDeleted);
        var sum = Rows.SumOfRecord(
            put.Partition, put.Key.BucketUtf8, put.Key.Name, deleted, stored.Generation, stored.Floor, body);
        _putRecord.Bind(1, put.Partition.Index).Bind(2, put.Key.BucketUtf8).Bind(3, put.Key.Name)
            .Bind(4, deleted ? 1 : 0).Bind(5, sum).Bind(6, stored.Generation).Bind(7, stored.Floor).Bind(8, body).Run();
        _changed.Add((new RecordRow(put.Partition, put.Key), body.Length <= _cache.LongestBody ? row : null));
        _moreRecords++;
        if (deleted) _moreTombstones++;
        CountInPartition(put.Partition, put.Key, 1, body.Length);
    }

    private void PutHint(Hint hint)
    {
        var stored = hint.Stored;
        var body = RecordCodec.ToBytes(stored.Record, _scratch);
        var sum = Rows.SumOfHint(
            hint.Owner, hint.Partition, hint.Key.BucketUtf8, hint.Key.Name, hint.Stamp,
            stored.Generation, stored.Floor, body);
        _putHint.Bind(1, hint.Owner.Name).Bind(2, hint.Key.BucketUtf8).Bind(3, hint.Key.Name).Bind(4, hint.Stamp)
            .Bind(5, hint.Partition.Index).Bind(6, sum).Bind(7, stored.Generation).Bind(8, stored.Floor).Bind(9, body)
            .Run();
    }

    // Takes the row that is about to go out of the counts; false when there is none. A row changes once in a transaction at most.
    private bool CountOut(PartitionId partition, Key key)
    {
        if (_cache.Look(new RecordRow(partition, key)) is { } kept)
        {
            CountOut(partition, key, kept.IsDeleted, kept.BodyBytes);
            return true;
        }

        _deleted.Bind(1, partition.Index).Bind(2, key.BucketUtf8).Bind(3, key.Name);
        try
        {
            if (!_deleted.Step()) return false;
            CountOut(partition, key, _deleted.Number(0) != 0, _deleted.Number(1));
            return true;
        }
        finally
        {
            _deleted.Reset();
        }
    }

    private void CountOut(PartitionId partition, Key key, bool isDeleted, long bodyBytes)
    {
        _moreRecords--;
        if (isDeleted) _moreTombstones--;
        CountInPartition(partition, key, -1, bodyBytes);
    }

    private void CountInPartition(PartitionId partition, Key key, int sign, long bodyBytes) =>
        _moreInPartitions[partition] = _moreInPartitions.GetValueOrDefault(partition)
            + new PartitionSize(sign, sign * (key.BucketUtf8.Length + key.Name.Length + bodyBytes));
}
