using System.Diagnostics;
using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>
/// All that was handed over and is not in the database yet, so that reads see it, and the count of hints.
/// </summary>
/// <remarks>
/// The methods that change it are called under the engine's gate, in hand-over order. Readers look here first and in
/// the database second: what was settled between the two looks is found in the database.
/// </remarks>
internal sealed class Overlay(HintCounts counts, Func<HintRow, ulong?> stampInDatabase)
{
    public PendingChanges<RecordRow> Records { get; } = new();

    public PendingChanges<HintRow> Hints { get; } = new();

    public PendingChanges<PartitionId> Leases { get; } = new();

    public PendingChanges<string> Cells { get; } = new();

    /// <summary>Adds the changes of a write.</summary>
    public void Push(long write, IReadOnlyList<StoreChange> changes)
    {
        foreach (var change in changes)
        {
            switch (change)
            {
                case StoreChange.PutRecord put:
                    Records.Push(new RecordRow(put.Partition, put.Key), write, change);
                    break;
                case StoreChange.RemoveRecord remove:
                    Records.Push(new RecordRow(remove.Partition, remove.Key), write, change);
                    break;
                case StoreChange.PutHint or StoreChange.RemoveHint:
                    PushHint(RowOf(change), write, change);
                    break;
                case StoreChange.PutLease put:
                    Leases.Push(put.Partition, write, change);
                    break;
                case StoreChange.PutCell put:
                    Cells.Push(put.Name, write, change);
                    break;
                default:
                    throw new UnreachableException($"Unknown change {change.GetType().Name}.");
            }
        }
    }

    /// <summary>Whether a later change of the same row lies in the same transaction, so that this one need not be carried out.</summary>
    /// <remarks>
    /// Within one transaction only a row's last change counts: popular keys are written several times in a batch, and every write carries its
    /// partition's lease until one is durable. A removal of a hint depends on what is there: never skipped.
    /// </remarks>
    /// <param name="change">A change that was handed over.</param>
    /// <param name="lastOfBatch">The transaction's last write.</param>
    public bool IsOverwritten(StoreChange change, long lastOfBatch)
    {
        var newest = change switch
        {
            StoreChange.PutRecord put => Records.Top(new RecordRow(put.Partition, put.Key)),
            StoreChange.RemoveRecord remove => Records.Top(new RecordRow(remove.Partition, remove.Key)),
            StoreChange.PutLease put => Leases.Top(put.Partition),
            _ => null,
        };
        while (newest is not null && newest.Write > lastOfBatch) newest = newest.Older;
        return newest is not null && !ReferenceEquals(newest.Change, change);
    }

    /// <summary>
    /// Forgets the changes of a write, and of those before it, which the database has or which failed.
    /// </summary>
    public void Settle(IReadOnlyList<StoreChange> changes, long upToWrite)
    {
        foreach (var change in changes)
        {
            switch (change)
            {
                case StoreChange.PutRecord put:
                    Records.Settle(new RecordRow(put.Partition, put.Key), upToWrite);
                    break;
                case StoreChange.RemoveRecord remove:
                    Records.Settle(new RecordRow(remove.Partition, remove.Key), upToWrite);
                    break;
                case StoreChange.PutHint or StoreChange.RemoveHint:
                    Hints.Settle(RowOf(change), upToWrite);
                    break;
                case StoreChange.PutLease put:
                    Leases.Settle(put.Partition, upToWrite);
                    break;
                case StoreChange.PutCell put:
                    Cells.Settle(put.Name, upToWrite);
                    break;
            }
        }
    }

    /// <summary>
    /// Takes failed hint changes out of the count; call it for a whole failed batch before settling it.
    /// </summary>
    /// <remarks>
    /// Later removals of the same hints were judged above changes that never happened, so they are judged again from
    /// what the database holds, as its own DELETE will.
    /// </remarks>
    public void Recount(IReadOnlyList<StoreChange> failed, long upToWrite)
    {
        foreach (var change in failed)
        {
            if (change is not (StoreChange.PutHint or StoreChange.RemoveHint)) continue;
            var row = RowOf(change);
            if (Hints.Top(row) is not { } top) continue;
            var chain = new Stack<Pending>();
            for (var at = top; at is not null; at = at.Older) chain.Push(at);
            var (before, stamp) = (top.StampAbove, chain.Peek().StampBelow);
            foreach (var at in chain)
            {
                at.StampBelow = stamp;
                if (at.Write > upToWrite) stamp = StampAfter(at.Change, stamp);
                at.StampAbove = stamp;
            }

            counts.Add(row.Owner, Present(stamp) - Present(before));
        }
    }

    /// <summary>The hint of a row as reads must see it, given what the database holds.</summary>
    /// <param name="top">The row's newest pending change, read before the database was.</param>
    /// <param name="fromDatabase">Called when the pending changes alone do not tell.</param>
    public static Hint? Visible(Pending? top, Func<Hint?> fromDatabase)
    {
        var at = top;
        while (at is not null && at.Change is not StoreChange.PutHint) at = at.Older;
        var hint = at is null ? fromDatabase() : ((StoreChange.PutHint)at.Change).Hint;
        if (hint is null) return null;
        for (var later = top; later is not null && later != at; later = later.Older)
            if (later.Change is StoreChange.RemoveHint remove && remove.Stamp == hint.Stamp) return null;
        return hint;
    }

    private void PushHint(HintRow row, long write, StoreChange change)
    {
        // Under the gate nothing of this row can be between queue and database: without pending changes the database
        // is right.
        var below = Hints.Top(row) is { } top ? top.StampAbove : stampInDatabase(row);
        var pushed = Hints.Push(row, write, change);
        pushed.StampBelow = below;
        pushed.StampAbove = StampAfter(change, below);
        counts.Add(row.Owner, Present(pushed.StampAbove) - Present(below));
    }

    private static HintRow RowOf(StoreChange change) => change switch
    {
        StoreChange.PutHint put => new HintRow(put.Hint.Owner, put.Hint.Key),
        StoreChange.RemoveHint remove => new HintRow(remove.Owner, remove.Key),
        _ => throw new UnreachableException("Not a change of a hint."),
    };

    private static ulong? StampAfter(StoreChange change, ulong? below) => change switch
    {
        StoreChange.PutHint put => put.Hint.Stamp,
        StoreChange.RemoveHint remove when remove.Stamp == below => null,
        _ => below,
    };

    private static int Present(ulong? stamp) => stamp is null ? 0 : 1;
}
