using System.Numerics;
using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>Records that were committed or read lately, as bytes, so that reading one again asks no page of the database.</summary>
/// <remarks>
/// SQLite's readers forget all their pages whenever something was committed, which on a busy node is always. A record is never older here than in the
/// database: the writer puts in what it has committed before the overlay forgets it, and what a reader found goes in only when nothing was committed
/// since it began to look. After a failure, when nobody knows for certain what the database holds, everything is forgotten.
/// </remarks>
internal sealed class RowCache
{
    // A share is small enough that its bytes fit into arrays, and there are several, so that threads seldom wait for each other.
    private const long ShareBytes = 4 << 20, MaxShares = 64;

    // A row that took more would push out too many others.
    private const int ShareOfLongest = 8;

    // Nobody who chooses keys can choose which rows share a bucket.
    private readonly ulong _secret = (ulong)Random.Shared.NextInt64() | 1;
    private readonly Share[] _shares;
    private long _commits;

    /// <param name="maxBytes">How much it holds, about; 0 for nothing.</param>
    public RowCache(long maxBytes)
    {
        _shares = new Share[BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp(maxBytes / ShareBytes, 1, MaxShares))];
        var half = (int)Math.Min(maxBytes / _shares.Length / 2, Array.MaxLength);
        for (var i = 0; i < _shares.Length; i++) _shares[i] = new Share(this, half);
        LongestBody = (half / ShareOfLongest) - RowSlab.HeadBytes;
    }

    /// <summary>The longest body that is kept; longer ones are not worth what they would push out. Below 0 for none.</summary>
    public long LongestBody { get; }

    /// <summary>A number that changes with each commit, for <see cref="AddRead"/>.</summary>
    public long Commits => Volatile.Read(ref _commits);

    /// <summary>Reads that found their row here, reads that did not, and about how many bytes it holds.</summary>
    public (long Hits, long Misses, long Bytes) Measures
    {
        get
        {
            var (hits, misses, bytes) = (0L, 0L, 0L);
            foreach (var share in _shares)
            {
                var own = share.Measures;
                (hits, misses, bytes) = (hits + own.Hits, misses + own.Misses, bytes + own.Bytes);
            }

            return (hits, misses, bytes);
        }
    }

    /// <summary>A copy of the row, for a read, which is counted; null when it is not here, which says nothing about the database.</summary>
    public PackedRow? Read(RecordRow where) => ShareOf(where, out var hash).Read(hash, where);

    /// <summary>Whether nothing but tombstones is in the row, and the length of its body; null when it is not here.</summary>
    public (bool IsDeleted, int BodyBytes)? Look(RecordRow where) => ShareOf(where, out var hash).Look(hash, where);

    /// <summary>A transaction is committed.</summary>
    /// <param name="rows">What has become of its rows; null of one that is gone or is too long.</param>
    public void Commit(IReadOnlyList<(RecordRow Where, PackedRow? Row)> rows)
    {
        // The number comes first: what a reader found earlier is refused from here on, or is replaced below.
        Interlocked.Increment(ref _commits);
        foreach (var (where, row) in rows) ShareOf(where, out var hash).Set(hash, where, row);
    }

    /// <summary>A reader has found a row.</summary>
    /// <param name="where">Which.</param>
    /// <param name="row">What it holds.</param>
    /// <param name="commits">What <see cref="Commits"/> was before it looked.</param>
    public void AddRead(RecordRow where, PackedRow row, long commits) =>
        ShareOf(where, out var hash).AddRead(hash, where, row, commits);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Interlocked.Increment(ref _commits);
        foreach (var share in _shares) share.Clear();
    }

    private Share ShareOf(RecordRow where, out uint hash)
    {
        var mixed = ((ulong)where.Key.Position.Value ^ (ulong)where.Partition.Index) * _secret;
        hash = (uint)(mixed >> 32);
        return _shares[(mixed >> 16) & (ulong)(_shares.Length - 1)];
    }

    /// <summary>The rows of some of the keys: two slabs that take turns. When the young one is full, what is in the old one and was not asked for is gone, and the young one is the old one.</summary>
    private sealed class Share(RowCache cache, int half)
    {
        private readonly Lock _lock = new();
        private RowSlab _young = new(half), _old = new(half);
        private long _hits, _misses;

        public (long Hits, long Misses, long Bytes) Measures
        {
            get
            {
                lock (_lock) return (_hits, _misses, _young.LiveBytes + _old.LiveBytes);
            }
        }

        public PackedRow? Read(uint hash, RecordRow where)
        {
            lock (_lock)
            {
                var place = _young.Find(hash, where);
                if (place >= 0)
                {
                    _hits++;
                    return _young.Read(place);
                }

                place = _old.Find(hash, where);
                if (place < 0)
                {
                    _misses++;
                    return null;
                }

                _hits++;
                var row = _old.Read(place);
                _old.Remove(hash, where);
                Put(hash, where, row);
                return row;
            }
        }

        public (bool IsDeleted, int BodyBytes)? Look(uint hash, RecordRow where)
        {
            lock (_lock)
            {
                var place = _young.Find(hash, where);
                if (place >= 0) return _young.Look(place);
                place = _old.Find(hash, where);
                return place >= 0 ? _old.Look(place) : null;
            }
        }

        public void Set(uint hash, RecordRow where, PackedRow? row)
        {
            lock (_lock)
            {
                _old.Remove(hash, where);
                if (row is null) _young.Remove(hash, where);
                else Put(hash, where, row);
            }
        }

        // What is here already is as new as the database or newer.
        public void AddRead(uint hash, RecordRow where, PackedRow row, long commits)
        {
            lock (_lock)
            {
                if (commits == cache.Commits && _young.Find(hash, where) < 0 && _old.Find(hash, where) < 0) Put(hash, where, row);
            }
        }

        public void Clear()
        {
            lock (_lock)
            {
                _young.Clear();
                _old.Clear();
            }
        }

        // The old slab has no row with this key.
        private void Put(uint hash, RecordRow where, PackedRow row)
        {
            if (_young.TryPut(hash, where, row) || !_young.HasRoomFor(where.Key, row)) return;
            (_young, _old) = (_old, _young);
            _young.Clear();
            _young.TryPut(hash, where, row);
        }
    }
}
