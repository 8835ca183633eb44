namespace Dynamo.Core;

/// <summary>During which stay of its node in the cluster a store was filled, so that old rows never come back with the node.</summary>
/// <remarks>
/// <code>
///   history:   founding ...... node3 leaves ......... node3 joins
///   node3:     [==== a stay =====]                    [==== another ====
/// </code>
/// What was deleted in between and reaped is remembered by nobody but such a store. It is written before the first row, in the
/// store itself, so that it is lost and copied with the rows that it speaks of.
/// </remarks>
internal sealed class StoreStay
{
    private readonly NodeId _self;

    // The commit that the stay began with, 0 for the founding; null while the store holds nothing.
    private ulong? _begun;

    /// <summary>The stay that a store says it is of; rows that say nothing are of the founding's.</summary>
    public StoreStay(NodeId self, INodeStore store)
    {
        _self = self;
        var reader = new WireReader(store.Cell(Membership.StayCell) is { } cell ? cell.Span : default);
        var begun = reader.Fixed64();
        if (!reader.Failed) _begun = begun;
        else if (store.Partitions().Count > 0 || store.HintOwners().Count > 0) _begun = 0;
    }

    /// <summary>The commit that the stay began with, 0 for the founding.</summary>
    public ulong Begun => _begun ?? 0;

    /// <summary>Whether the stay has ended and the node is to begin another: what the store holds must go first.</summary>
    /// <param name="fold">The history.</param>
    /// <param name="settled">The number of the ring that this node has come to.</param>
    public bool IsOver(MembershipFold fold, int settled)
    {
        if (_begun is not { } begun) return false;
        var moves = fold.MovesOf(_self).ToList();
        // The history that tells of it may not have come yet, or, when the commit died with its author, never comes.
        if (begun != 0 && !moves.Exists(move => move.Commit == begun))
            return Present(fold, settled) != 0;
        var (within, isOver, returns) = (begun == 0, false, false);
        foreach (var (version, comes, commit) in moves)
        {
            within |= comes && commit == begun;
            // Until it has come to the ring without itself it still hands over.
            if (within && !comes && version <= settled) isOver = true;
            returns |= isOver && comes;
        }

        return isOver && returns;
    }

    /// <summary>Notes the stay when the store's first one begins; null when there is nothing to write.</summary>
    public StoreChange? Begin(MembershipFold fold, int settled)
    {
        if (_begun is not null) return null;
        _begun = Present(fold, settled);
        return Change(_begun.Value);
    }

    /// <summary>What an emptied store begins with.</summary>
    public StoreChange Next(MembershipFold fold, int settled) => Change(Present(fold, settled));

    // The stay that the node is in by the ring it has come to, or the first one that is to come.
    private ulong Present(MembershipFold fold, int settled)
    {
        ulong? present = null;
        foreach (var (version, comes, commit) in fold.MovesOf(_self))
        {
            if (version > settled && present is not null) break;
            present = comes ? commit : null;
        }

        return present ?? 0;
    }

    /// <summary>Notes a stay.</summary>
    public static StoreChange Change(ulong commit)
    {
        var writer = new WireWriter();
        writer.Fixed64(commit);
        return new StoreChange.PutCell(Membership.StayCell, writer.ToArray());
    }
}
