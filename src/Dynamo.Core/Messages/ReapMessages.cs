using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>The steps in which all nodes agree that nothing older than a record is left anywhere.</summary>
public enum ReapStage
{
    /// <summary>Asks the owners' replicas: do you hold exactly this record, durably?</summary>
    Agree,

    /// <summary>Asks every node's replica of the partition: refuse from now on what this record has replaced; and have you no hint for the key?</summary>
    Guard,

    /// <summary>Asks every node's coordinator: is no request for the key under way?</summary>
    Idle,

    /// <summary>Asks every node's anti-entropy worker: is the key not being repaired?</summary>
    IdleSync,

    /// <summary>Asks every node to move its fence, and where it stood.</summary>
    Fence,

    /// <summary>Asks as Agree and Guard did, to be sure that nobody has lost his record or his guard meanwhile.</summary>
    Verify,

    /// <summary>Tells the owners' replicas to remove the record, or to shorten its clock, by <see cref="ReapRemove"/>.</summary>
    Remove,

    /// <summary>Tells every node that the guards are not needed any more.</summary>
    Release,
}

/// <summary>A record that all owners are to let go of, or to shorten.</summary>
/// <param name="Key">The key.</param>
/// <param name="NVal">Its bucket's n_val.</param>
/// <param name="Versions">The <see cref="VersionsHash"/> of the record.</param>
/// <param name="Clock">What it knows.</param>
/// <param name="Live">The dots of its siblings; empty when it is deleted.</param>
public sealed record ReapItem(Key Key, int NVal, ulong Versions, VersionVector Clock, VersionVector Live)
{
    /// <summary>Whether another record holds a value that this one knows to be replaced.</summary>
    public bool Outdates(Record record)
    {
        foreach (var sibling in record.Siblings)
            if (!sibling.IsTombstone && Clock.Covers(sibling.Dot) && !Live.Covers(sibling.Dot)) return true;
        return false;
    }
}

/// <summary>One question of a reaper; asked again until it is answered, so each is fit to be asked twice.</summary>
/// <param name="Id">The reaper's number for it.</param>
/// <param name="Stage">The question.</param>
/// <param name="Partition">The partition of the items.</param>
/// <param name="Items">The records it is about; none for <see cref="ReapStage.Fence"/>.</param>
public sealed record ReapAsk(RequestId Id, ReapStage Stage, PartitionId Partition, ImmutableArray<ReapItem> Items) : Message
{
    /// <summary>The answer of who has no run to speak of: no for the keys that <paramref name="isBusy"/> names.</summary>
    public ReapReply Refuse(Func<Key, bool> isBusy)
    {
        var no = ImmutableArray.CreateBuilder<int>();
        for (var i = 0; i < Items.Length; i++)
            if (isBusy(Items[i].Key)) no.Add(i);
        return new ReapReply(Id, 0, 0, no.DrainToImmutable());
    }
}

/// <summary>The answer to <see cref="ReapAsk"/>.</summary>
/// <param name="Id">The number asked with.</param>
/// <param name="Run">A random number that changes when the answering part of the node has lost its memory.</param>
/// <param name="Number">
/// The fence's number at <see cref="ReapStage.Fence"/>, the <see cref="ReapMark.Term"/> at <see cref="ReapStage.Verify"/>, else 0.
/// </param>
/// <param name="No">Which of the items, by index, the answer is no for.</param>
public sealed record ReapReply(RequestId Id, ulong Run, long Number, ImmutableArray<int> No) : Message;

/// <summary>Says where the sender's fence stands.</summary>
public sealed record FenceIs(Fence Fence) : Message;

/// <summary>Asks this node's own replica which of its records are fit to be reaped. It never leaves its node.</summary>
public sealed record ReapCandidates(RequestId Id, PartitionId Partition) : Message;

/// <summary>The own replica's answer. It never leaves its node.</summary>
public sealed record ReapCandidatesReply(RequestId Id, PartitionId Partition, ImmutableArray<ReapItem> Items) : Message;

/// <summary>Asks this node's anti-entropy worker to repair some keys that a pair does not agree on. It never leaves its node.</summary>
public sealed record SyncKeys(SyncPair Pair, ImmutableArray<Key> Keys) : Message;
