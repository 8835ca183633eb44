namespace Dynamo.Core;

/// <content>Digest reads: what the others hold is mostly what this node holds, so they say which versions that are, and not what is in them.</content>
public sealed partial class GetCoordinator
{
    /// <summary>Takes a replica's answer to a digest read; late and repeated ones are welcome.</summary>
    public void OnDigest(NodeId from, ReplicaDigestReply reply, Effects effects)
    {
        if (IsFinished || SlotOf(from) is not { Answered: null, Digest: null } slot) return;
        if (reply.Status == StoreReadStatus.Found) slot.Digest = reply.Digest;
        else Note(slot, reply.Status, Record.Empty);
        MatchDigests(effects);
        Decide();
        if (_answers == _slots.Count) Finish(effects);
    }

    // Whose digest is that of a record which is here has answered with that record. One with another digest is asked for its own as soon
    // as this node's copy is known, or, when that is late because its disk is, as soon as R could answer without it. Of those with the
    // same digest one is asked. True when anybody was.
    private bool MatchDigests(Effects effects)
    {
        var spoken = 0;
        bool isOwnAwaited = false, isAnyLeft = false, hasAsked = false;
        foreach (var slot in _slots)
        {
            if (slot is { Answered: null, Digest: { } digest })
            {
                if (RecordWith(digest) is { } record) Note(slot, StoreReadStatus.Found, record);
                else isAnyLeft = true;
            }

            if (slot.Answered is not null || slot.Digest is not null) spoken++;
            else if (slot.Target.Node == _self) isOwnAwaited = !slot.IsSilent;
        }

        if (!isAnyLeft || (isOwnAwaited && spoken < _quorum.R)) return false;
        foreach (var slot in _slots)
        {
            if (slot is not { Answered: null, Digest: { } digest, IsAskedWhole: false } || IsAsked(digest)) continue;
            slot.IsAskedWhole = hasAsked = true;
            effects.Send(slot.Target.Node, _question);
        }

        return hasAsked;
    }

    private Record? RecordWith(ulong digest)
    {
        foreach (var slot in _slots)
            if (slot.Answered == StoreReadStatus.Found && (slot.Digest ??= RecordCodec.DigestOf(slot.Record)) == digest) return slot.Record;
        return null;
    }

    private bool IsAsked(ulong digest)
    {
        foreach (var slot in _slots)
            if (slot is { Answered: null, IsAskedWhole: true, IsSilent: false } && slot.Digest == digest) return true;
        return false;
    }
}
