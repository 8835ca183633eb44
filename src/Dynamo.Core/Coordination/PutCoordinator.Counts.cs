namespace Dynamo.Core;

/// <content>What has been met, and which owners the record has reached.</content>
public sealed partial class PutCoordinator
{
    private bool AllAreCovered()
    {
        foreach (var group in _groups)
            foreach (var owner in group.Owners)
                if (!IsCovered(group, owner)) return false;
        return true;
    }

    private void Decide()
    {
        if (Outcome is not null) return;
        if (Unmet(QuorumState.Pending) is null)
            Outcome = new Stored(ReadOnlyMemory<byte>.Empty, []);
        else if (Unmet(QuorumState.Impossible) is { } failed)
            Outcome = new Unavailable(failed.Kind, failed.Needed, failed.Got, MayTakeEffect: true);
    }

    // The first count that is not met; with Impossible, that never will be.
    private Tally? Unmet(QuorumState atLeast)
    {
        foreach (var group in _groups)
        {
            var (w, pw, dw) = Count(group);
            if (w.State >= atLeast) return w;
            if (pw.State >= atLeast) return pw;
            if (dw.State >= atLeast) return dw;
        }

        return null;
    }

    // A node counts once for the owners of one ring, however many of them it keeps the record for.
    private (Tally W, Tally PW, Tally DW) Count(WriteGroup group)
    {
        int got = 0, possible = 0, durable = 0, possibleDurable = 0, primaries = 0, possiblePrimaries = 0;
        for (var i = 0; i < _slots.Count; i++)
        {
            var slot = _slots[i];
            if (!group.Owners.Contains(slot.Owner) || !group.HasMember(slot.Node) || IsCountedBefore(i, group)) continue;
            if (slot.HasWritten) got++;
            else if (slot.IsOpen) possible++;
            if (slot.State == SlotState.Acknowledged) durable++;
            else if (slot.IsOpen) possibleDurable++;
            if (slot.Node != slot.Owner) continue;
            if (slot.HasWritten) primaries++;
            else if (slot.IsOpen) possiblePrimaries++;
        }

        return (new Tally(QuorumKind.W, group.Quorum.W, got, possible),
            new Tally(QuorumKind.PW, group.Quorum.PW, primaries, possiblePrimaries),
            new Tally(QuorumKind.DW, group.Quorum.DW, durable, possibleDurable));
    }

    private bool IsCountedBefore(int index, WriteGroup group)
    {
        for (var i = 0; i < index; i++)
            if (_slots[i].Node == _slots[index].Node && group.Owners.Contains(_slots[i].Owner)) return true;
        return false;
    }

    private TimedOut TimeOut()
    {
        if (_own is null) return new TimedOut(QuorumKind.W, _quorum.W, 0, MayTakeEffect: true);
        var failed = Unmet(QuorumState.Pending) ?? default;
        return new TimedOut(failed.Kind, failed.Needed, failed.Got, MayTakeEffect: true);
    }

    // Owners that are neither written nor remembered anywhere, and that this node was not asked to remember yet.
    private List<NodeId> Missing() => _own is null
        ? []
        : [.. _groups.SelectMany(group => group.Owners.Where(owner => !IsCovered(group, owner))).Distinct().Where(
            owner => !_slots.Exists(slot => slot.Node == _self && slot.Owner == owner))];

    private bool IsCovered(WriteGroup group, NodeId owner)
    {
        foreach (var slot in _slots)
            if (slot.Owner == owner && slot.State == SlotState.Acknowledged && group.HasMember(slot.Node)) return true;
        return false;
    }

    private bool HasSlot(WriteGroup group, NodeId owner)
    {
        foreach (var slot in _slots)
            if (slot.Owner == owner && group.HasMember(slot.Node)) return true;
        return false;
    }
}
