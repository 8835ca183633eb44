using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>Records that were committed or read lately, as bytes, so that reading one again asks no page of the database.</summary>
/// <remarks>
/// SQLite's readers forget all their pages whenever something was committed, which on a busy node is always. A record is never older here than in the
/// database: the writer puts in what it has committed before the overlay forgets it, and what a reader found goes in only when nothing was committed
/// since it began to look. After a failure, when nobody knows for certain what the database holds, everything is forgotten. Two halves take turns: when the young
/// one is full, it becomes the old one, and what was in that one and was not asked for is gone.
/// </remarks>
/// <param name="maxBytes">How much it holds, about; 0 for nothing.</param>
internal sealed class RowCache(long maxBytes)
{
    // Of a row beside its body: the key with its arrays, the objects' heads, and the dictionary's entry.
    private const long RowOverhead = 300;

    private readonly Lock _lock = new();
    private Dictionary<RecordRow, PackedRow> _young = [];
    private Dictionary<RecordRow, PackedRow> _old = [];
    private long _youngBytes, _oldBytes;
    private long _commits, _hits, _misses;

    /// <summary>The longest body that is kept; longer ones are not worth what they would push out. Below 0 for none.</summary>
    public long LongestBody { get; } = (maxBytes / 2) - RowOverhead;

    /// <summary>A number that changes with each commit, for <see cref="AddRead"/>.</summary>
    public long Commits => Volatile.Read(ref _commits);

    /// <summary>Reads that found their row here, reads that did not, and about how many bytes it holds.</summary>
    public (long Hits, long Misses, long Bytes) Measures
    {
        get
        {
            lock (_lock) return (_hits, _misses, _youngBytes + _oldBytes);
        }
    }

    /// <summary>The row, for a read, which is counted; null when it is not here, which says nothing about the database.</summary>
    public PackedRow? Read(RecordRow where)
    {
        lock (_lock)
        {
            var row = Find(where);
            if (row is null) _misses++;
            else _hits++;
            return row;
        }
    }

    /// <summary>The row; null when it is not here.</summary>
    public PackedRow? Find(RecordRow where)
    {
        lock (_lock)
        {
            if (_young.TryGetValue(where, out var row)) return row;
            if (!_old.Remove(where, out row)) return null;
            _oldBytes -= BytesOf(row);
            Add(where, row);
            return row;
        }
    }

    /// <summary>A transaction is committed.</summary>
    /// <param name="rows">What has become of its rows; null of one that is gone or is too long.</param>
    public void Commit(IReadOnlyList<(RecordRow Where, PackedRow? Row)> rows)
    {
        lock (_lock)
        {
            Volatile.Write(ref _commits, _commits + 1);
            foreach (var (where, row) in rows)
            {
                Remove(where);
                if (row is not null) Add(where, row);
            }
        }
    }

    /// <summary>A reader has found a row.</summary>
    /// <param name="where">Which.</param>
    /// <param name="row">What it holds.</param>
    /// <param name="commits">What <see cref="Commits"/> was before it looked.</param>
    public void AddRead(RecordRow where, PackedRow row, long commits)
    {
        lock (_lock)
        {
            if (commits == _commits && !_young.ContainsKey(where)) Add(where, row);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            Volatile.Write(ref _commits, _commits + 1);
            (_young, _old, _youngBytes, _oldBytes) = ([], [], 0, 0);
        }
    }

    private static long BytesOf(PackedRow row) => row.Body.Length + RowOverhead;

    private void Remove(RecordRow where)
    {
        if (_old.Remove(where, out var old)) _oldBytes -= BytesOf(old);
        if (_young.Remove(where, out var young)) _youngBytes -= BytesOf(young);
    }

    private void Add(RecordRow where, PackedRow row)
    {
        _young.Add(where, row);
        _youngBytes += BytesOf(row);
        if (_youngBytes <= maxBytes / 2) return;
        (_young, _old, _youngBytes, _oldBytes) = ([], _young, 0, _youngBytes);
    }
}
