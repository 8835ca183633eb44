using System.Collections.Concurrent;
using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>A change that was handed over and is not durable yet, above the older ones of the same row.</summary>
/// <remarks>
/// Readers walk the chain without a lock. Only <see cref="Older"/> ever changes: it becomes null when what lies below
/// was committed or failed, and a reader that stops there reads the database, which says the same by then.
/// </remarks>
internal sealed class Pending(long write, StoreChange change, Pending? older)
{
    private volatile Pending? _older = older;

    /// <summary>The number of the write this change belongs to.</summary>
    public long Write { get; } = write;

    public StoreChange Change { get; } = change;

    public Pending? Older
    {
        get => _older;
        set => _older = value;
    }

    /// <summary>
    /// The stamp of the row's hint below this change and above it, null for no hint. Only for changes of hints.
    /// </summary>
    public ulong? StampBelow { get; set; }

    /// <inheritdoc cref="StampBelow"/>
    public ulong? StampAbove { get; set; }
}

/// <summary>
/// The pending changes of one kind of row, by the row's key. Changed under the engine's gate, read by anyone.
/// </summary>
internal sealed class PendingChanges<TRow>
    where TRow : notnull
{
    private readonly ConcurrentDictionary<TRow, Pending> _tops = new();

    /// <summary>The newest pending change of a row; null when all is settled.</summary>
    public Pending? Top(TRow row) => _tops.GetValueOrDefault(row);

    /// <summary>All rows with pending changes; rows that come or go meanwhile may be among them or not.</summary>
    public IEnumerable<KeyValuePair<TRow, Pending>> All() => _tops;

    public Pending Push(TRow row, long write, StoreChange change)
    {
        var top = new Pending(write, change, Top(row));
        _tops[row] = top;
        return top;
    }

    /// <summary>Forgets the changes of a row up to a write: they are in the database now, or failed.</summary>
    public void Settle(TRow row, long upToWrite)
    {
        if (Top(row) is not { } top) return;
        if (top.Write <= upToWrite)
        {
            _tops.TryRemove(row, out _);
            return;
        }

        while (top.Older is { } older && older.Write > upToWrite) top = older;
        top.Older = null;
    }
}

/// <summary>Where a record lies.</summary>
internal readonly record struct RecordRow(PartitionId Partition, Key Key);

/// <summary>Where a hint lies.</summary>
internal readonly record struct HintRow(NodeId Owner, Key Key);
