using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>A connection that reads the database as the last commit left it. Used by one thread at a time.</summary>
internal sealed class ReaderConnection(string path, SqliteOptions options) : Connection(path, options, readOnly: true)
{
    private const string RecordColumns = "deleted, sum, generation, floor, body";
    private const string HintColumns = "stamp, p, sum, generation, floor, body";

    private Statement? _record, _scan, _scanKeys, _scanBucket, _nextPartition, _lease, _hint, _scanHints, _cell;

    /// <summary>A record.</summary>
    /// <param name="partition">Its partition.</param>
    /// <param name="key">Its key.</param>
    /// <param name="longest">The longest body to give as a row.</param>
    /// <param name="found">The row, when there is a sound one and it is not too long.</param>
    public StoreRead Record(PartitionId partition, Key key, long longest, out PackedRow? found)
    {
        found = null;
        var row = _record ??= Prepare($"SELECT {RecordColumns} FROM record WHERE p = ?1 AND b = ?2 AND n = ?3");
        row.Bind(1, partition.Index).Bind(2, key.BucketUtf8).Bind(3, key.Name);
        try
        {
            if (!row.Step()) return new StoreRead(StoreReadStatus.Missing);
            if (!Rows.TryReadRecord(row, 0, partition, key, out var stored)) return new StoreRead(StoreReadStatus.Corrupt);
            var packed = PackedRow.Of(stored);
            if (packed.Body.Length <= longest) found = packed;
            return new StoreRead(StoreReadStatus.Found, stored);
        }
        finally
        {
            row.Reset();
        }
    }

    /// <summary>Records in key order; damaged ones are left out.</summary>
    public IEnumerable<(Key Key, StoredRecord Item)> Records(PartitionId partition, Key? after)
    {
        var rows = _scan ??= Prepare(
            $"SELECT b, n, {RecordColumns} FROM record WHERE p = ?1 AND (b, n) > (?2, ?3) ORDER BY b, n");
        rows.Bind(1, partition.Index);
        return Walk<StoredRecord>(BindAfter(rows, after), row =>
            TryReadKey(row, out var key) && Rows.TryReadRecord(row, 2, partition, key, out var stored)
                ? (key, stored)
                : null);
    }

    /// <summary>Keys in order and whether they are deleted.</summary>
    public IEnumerable<(Key Key, bool Item)> Keys(PartitionId partition, KeyRange range)
    {
        Statement rows;
        if (range.BucketUtf8 is null)
        {
            rows = _scanKeys ??= Prepare(
                "SELECT b, n, deleted FROM record WHERE p = ?1 AND (b, n) > (?2, ?3) ORDER BY b, n");
            BindAfter(rows, range.After);
        }
        else
        {
            rows = _scanBucket ??= Prepare(
                "SELECT b, n, deleted FROM record WHERE p = ?1 AND b = ?2 AND n > ?3 ORDER BY n");
            rows.Bind(2, range.BucketUtf8).Bind(3, range.After is null ? default : range.After.Name);
        }

        rows.Bind(1, partition.Index);
        return Walk<bool>(rows, row => TryReadKey(row, out var key) ? (key, row.Number(2) != 0) : null);
    }

    /// <summary>The partitions that have records, in order.</summary>
    public List<PartitionId> Partitions()
    {
        // One seek per partition; DISTINCT would walk all records.
        var next = _nextPartition ??= Prepare("SELECT p FROM record WHERE p > ?1 ORDER BY p LIMIT 1");
        var found = new List<PartitionId>();
        try
        {
            next.Bind(1, -1);
            while (next.Step())
            {
                found.Add(new PartitionId((int)next.Number(0)));
                next.Reset();
                next.Bind(1, found[^1].Index);
            }
        }
        finally
        {
            next.Reset();
        }

        return found;
    }

    /// <summary>The lease of a partition; null when there is none or it is damaged.</summary>
    public GenerationLease? Lease(PartitionId partition)
    {
        var row = _lease ??= Prepare("SELECT sum, generation, upto FROM lease WHERE p = ?1");
        row.Bind(1, partition.Index);
        try
        {
            if (!row.Step()) return null;
            var lease = new GenerationLease(row.Unsigned(1), row.Unsigned(2));
            var asSealed = lease with { IsSealed = true };
            return row.Number(0) == Rows.SumOfLease(partition, lease) ? lease
                : row.Number(0) == Rows.SumOfLease(partition, asSealed) ? asSealed
                : null;
        }
        finally
        {
            row.Reset();
        }
    }

    /// <summary>The hint of a row; null when there is none or it is damaged.</summary>
    /// <param name="where">The row.</param>
    /// <param name="stamp">Its stamp as the row has it, also of a damaged one; null when there is no row.</param>
    public Hint? Hint(HintRow where, out ulong? stamp)
    {
        var row = _hint ??= Prepare($"SELECT {HintColumns} FROM hint WHERE owner = ?1 AND b = ?2 AND n = ?3");
        row.Bind(1, where.Owner.Name).Bind(2, where.Key.BucketUtf8).Bind(3, where.Key.Name);
        stamp = null;
        try
        {
            if (!row.Step()) return null;
            stamp = row.Unsigned(0);
            return Rows.TryReadHint(row, 0, where.Owner, where.Key, out var hint) ? hint : null;
        }
        finally
        {
            row.Reset();
        }
    }

    /// <summary>Hints of an owner in key order; null stands for a damaged one, with its stamp.</summary>
    public IEnumerable<(Key Key, (Hint? Hint, ulong Stamp) Item)> Hints(NodeId owner, Key? after)
    {
        var rows = _scanHints ??= Prepare(
            $"SELECT b, n, {HintColumns} FROM hint WHERE owner = ?1 AND (b, n) > (?2, ?3) ORDER BY b, n");
        rows.Bind(1, owner.Name);
        return Walk<(Hint?, ulong)>(BindAfter(rows, after), row =>
        {
            if (!TryReadKey(row, out var key)) return null;
            return (key, (Rows.TryReadHint(row, 2, owner, key, out var hint) ? hint : null, row.Unsigned(2)));
        });
    }

    /// <summary>A cell; null when there is none.</summary>
    /// <exception cref="SqliteFailure">It is damaged.</exception>
    public ReadOnlyMemory<byte>? Cell(string name)
    {
        var row = _cell ??= Prepare("SELECT sum, bytes FROM cell WHERE name = ?1");
        row.Bind(1, name);
        try
        {
            if (!row.Step()) return null;
            var bytes = row.Bytes(1).ToArray();
            if (row.Number(0) == Rows.SumOfCell(name, bytes)) return bytes;
            throw new SqliteFailure(SQLitePCL.raw.SQLITE_CORRUPT, $"the checksum of cell '{name}' fails");
        }
        finally
        {
            row.Reset();
        }
    }

    private static Statement BindAfter(Statement rows, Key? after) => after is null
        ? rows.Bind(2, ReadOnlySpan<byte>.Empty).Bind(3, ReadOnlySpan<byte>.Empty)
        : rows.Bind(2, after.BucketUtf8).Bind(3, after.Name);

    private static bool TryReadKey(Statement row, out Key key) => Rows.TryReadKey(row.Bytes(0), row.Bytes(1), out key);

    // Rows for which read gives null are left out. The reset ends the snapshot, which would keep the log from being
    // emptied.
    private static IEnumerable<(Key Key, T Item)> Walk<T>(Statement rows, Func<Statement, (Key, T)?> read)
    {
        try
        {
            while (rows.Step())
                if (read(rows) is { } row) yield return row;
        }
        finally
        {
            rows.Reset();
        }
    }
}
