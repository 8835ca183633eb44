using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>What one node says to another. A closed set: the wire codec names each case.</summary>
/// <remarks>Any message may be lost, late, doubled or out of order; machines are written for that.</remarks>
public abstract record Message
{
    private protected Message()
    {
    }
}

/// <summary>Asks a replica for its record of a key.</summary>
/// <param name="Id">The asking coordinator's number for this request.</param>
/// <param name="Partition">The key's partition.</param>
/// <param name="Key">The key.</param>
public sealed record ReplicaGet(RequestId Id, PartitionId Partition, Key Key) : Message;

/// <summary>A replica's answer to <see cref="ReplicaGet"/>.</summary>
/// <param name="Id">The number asked with.</param>
/// <param name="Status">Found, Missing, Corrupt or Failed.</param>
/// <param name="Record">The record when found, else <see cref="Core.Record.Empty"/>.</param>
public sealed record ReplicaGetReply(RequestId Id, StoreReadStatus Status, Record Record) : Message;

/// <summary>Asks a replica which versions it holds of a key, and not for them: a digest read.</summary>
/// <param name="Id">The asking coordinator's number for this request.</param>
/// <param name="Partition">The key's partition.</param>
/// <param name="Key">The key.</param>
public sealed record ReplicaDigest(RequestId Id, PartitionId Partition, Key Key) : Message;

/// <summary>A replica's answer to <see cref="ReplicaDigest"/>.</summary>
/// <param name="Id">The number asked with.</param>
/// <param name="Status">Found, Missing, Corrupt or Failed.</param>
/// <param name="Digest">The record's <see cref="RecordCodec.DigestOf(Core.Record)"/> when found, else 0.</param>
public sealed record ReplicaDigestReply(RequestId Id, StoreReadStatus Status, ulong Digest) : Message;

/// <summary>Asks this node's own replica to issue the dot of a write and store it: the coordinator's own copy.</summary>
/// <remarks>It never leaves its node.</remarks>
/// <param name="Id">The coordinator's number for this request.</param>
/// <param name="Partition">The key's partition.</param>
/// <param name="Key">The key.</param>
/// <param name="Context">The siblings to replace.</param>
/// <param name="Value">The value; null for a tombstone.</param>
/// <param name="LastWriteWins">Whether everything held is replaced.</param>
/// <param name="IntendedFor">The owner that this node stands in for when it is a fallback; <c>default</c> for its own copy.</param>
/// <param name="After">A timestamp that the new version's must be above: the highest its client has read.</param>
/// <param name="Increment">
/// What to add to the counter; then the replica itself finds value and context, and those given say nothing. Null for a
/// put or delete.
/// </param>
public sealed record CoordinateWrite(
    RequestId Id, PartitionId Partition, Key Key, VersionVector Context, Value? Value, bool LastWriteWins, NodeId IntendedFor,
    long After = 0, long? Increment = null) : Message;

/// <summary>
/// The own replica's answer to <see cref="CoordinateWrite"/>: when its copy is durable, and before that at once where the record may leave
/// already.
/// </summary>
/// <param name="Id">The number asked with.</param>
/// <param name="Record">The record after the write; <see cref="Core.Record.Empty"/> when refused.</param>
/// <param name="Written">The context given and the new write's claim; covers nothing else.</param>
/// <param name="Refusal">Why it was not written; None when it was.</param>
/// <param name="Reason">One sentence when refused, else "".</param>
/// <param name="WasHandedOver">
/// Whether the store had been given the write before it failed: a disk that fails may keep what it says it has not.
/// </param>
/// <param name="Copy">What has become of the copy; another answer follows until it is durable.</param>
public sealed record CoordinateWriteReply(
    RequestId Id, Record Record, VersionVector Written, WriteRefusal Refusal, string Reason, bool WasHandedOver = false,
    CopyState Copy = CopyState.Durable) : Message;

/// <summary>What has become of the copy that a put's own replica keeps.</summary>
public enum CopyState
{
    /// <summary>It waits for the disk and counts for nothing, but the record may go to the others.</summary>
    Issued,

    /// <summary>It is in a buffer, and counts for W and PW.</summary>
    Applied,

    /// <summary>It is durable.</summary>
    Durable,
}

/// <summary>Why a replica did not write.</summary>
public enum WriteRefusal
{
    /// <summary>It did.</summary>
    None,

    /// <summary>Its store failed.</summary>
    StoreFailed,

    /// <summary>The key has as many siblings as the limit allows.</summary>
    TooManySiblings,

    /// <summary>The record would be too large.</summary>
    TooLarge,

    /// <summary>It holds as many hints for that owner as the limit allows.</summary>
    HintsFull,

    /// <summary>The sender does not know where this node's fence stands; it has been told, and may try again at once.</summary>
    Fenced,

    /// <summary>All nodes have agreed that what the record holds is replaced.</summary>
    Outdated,

    /// <summary>It was a member and is none any more, and hands over what it has.</summary>
    Departed,

    /// <summary>Its store has fallen behind, and nothing was given to it.</summary>
    Overloaded,
}

/// <summary>Why a record is sent to a replica.</summary>
public enum PutReason
{
    /// <summary>A client's put or delete.</summary>
    Write,

    /// <summary>Read repair [section 5].</summary>
    ReadRepair,

    /// <summary>Hinted handoff [section 4.6].</summary>
    Handoff,

    /// <summary>Anti-entropy [section 4.7].</summary>
    AntiEntropy,
}

/// <summary>Gives a replica a record to merge with its own.</summary>
/// <param name="Id">The sender's number for it.</param>
/// <param name="Partition">The key's partition.</param>
/// <param name="Key">The key.</param>
/// <param name="Record">The record.</param>
/// <param name="IntendedFor">The owner to keep it for as a hint; <c>default</c> when the receiver is to keep it as its own.</param>
/// <param name="Reason">Why.</param>
/// <param name="Fence">The receiver's mark as the sender knows it; put on by <see cref="FenceGate"/> when it leaves its node.</param>
public sealed record ReplicaPut(
    RequestId Id, PartitionId Partition, Key Key, Record Record, NodeId IntendedFor, PutReason Reason, Fence Fence = default)
    : Message;

/// <summary>A replica's answer to <see cref="ReplicaPut"/>.</summary>
/// <param name="Id">The number sent with it.</param>
/// <param name="Durable">Whether the merged record is durable there; false when it is applied only, and another answer follows.</param>
/// <param name="Refusal">Why it was not written; None when it was.</param>
/// <param name="IntendedFor">As it was sent: one node may be asked to keep a record for several owners at once.</param>
public sealed record ReplicaPutReply(RequestId Id, bool Durable, WriteRefusal Refusal, NodeId IntendedFor) : Message;

/// <summary>Hands a put or delete to a node that may coordinate it.</summary>
/// <param name="Id">The receiving node's number for the client's request.</param>
/// <param name="Request">The request; its context was read by the receiver and is read again here.</param>
/// <param name="Remaining">How much of the client's time is left.</param>
/// <param name="Fence">The receiver's mark as the sender knows it; put on by <see cref="FenceGate"/> when it leaves its node.</param>
public sealed record ForwardPut(RequestId Id, PutRequest Request, TimeSpan Remaining, Fence Fence = default) : Message;

/// <summary>Hands an increment to a node that may coordinate it: first a question for a ticket, then the increment itself.</summary>
/// <remarks>
/// <code>
///   ForwardIncrement, ticket 0   ->        may you coordinate? nothing is written yet, so the next node may be asked
///                                &lt;-        IncrementTicket
///   ForwardIncrement, ticket     ->        taken once, by the run of the node that gave the ticket; after this no other
///                                &lt;-        ForwardReply                                               node is asked
/// </code>
/// </remarks>
/// <param name="Id">The receiving node's number for the client's request.</param>
/// <param name="Ticket">What the node has answered with; 0 asks for it.</param>
/// <param name="Request">The request.</param>
/// <param name="Remaining">How much of the client's time is left.</param>
public sealed record ForwardIncrement(RequestId Id, ulong Ticket, IncrementRequest Request, TimeSpan Remaining) : Message;

/// <summary>Lets a node hand an increment over, once.</summary>
/// <param name="Id">The number asked with.</param>
/// <param name="Ticket">Good for one handing over; never 0.</param>
public sealed record IncrementTicket(RequestId Id, ulong Ticket) : Message;

/// <summary>Says that a forwarded put is being coordinated, so that nobody else is asked.</summary>
public sealed record ForwardAccepted(RequestId Id) : Message;

/// <summary>The outcome of a forwarded put.</summary>
public sealed record ForwardReply(RequestId Id, Outcome Outcome) : Message;

/// <summary>Asks whether the node is alive.</summary>
public sealed record Ping(ulong Number) : Message;

/// <summary>It is.</summary>
public sealed record Pong(ulong Number) : Message;

/// <summary>Says what state of the cluster the sender holds [section 4.8.1].</summary>
/// <param name="ClusterId">The cluster; another one is refused.</param>
/// <param name="Digest">A hash of the state: equal digests need no exchange.</param>
public sealed record GossipDigest(string ClusterId, ulong Digest) : Message;

/// <summary>The sender's whole cluster state, to be merged.</summary>
/// <param name="ClusterId">The cluster; another one is refused.</param>
/// <param name="Properties">Every bucket's properties that were ever set.</param>
/// <param name="WantsReply">Whether the sender asks for the receiver's state in return.</param>
public sealed record GossipState(
    string ClusterId, ImmutableSortedDictionary<string, PropertyEntry> Properties, bool WantsReply) : Message;

/// <summary>Asks for one page of the keys that a node holds in some partitions.</summary>
/// <param name="Id">The asking coordinator's number.</param>
/// <param name="Partitions">The partitions asked for, in order.</param>
/// <param name="Bucket">Only this bucket's keys; null asks for the distinct buckets.</param>
/// <param name="After">Where the last page of the first partition ended; null at its beginning.</param>
public sealed record ListPage(
    RequestId Id, ImmutableArray<PartitionId> Partitions, string? Bucket, Key? After) : Message;

/// <summary>A page of keys.</summary>
/// <param name="Id">The number asked with.</param>
/// <param name="Keys">Live keys, or one key of each bucket found.</param>
/// <param name="Rest">The partitions not finished yet, the current one first; empty when the node is done.</param>
/// <param name="After">What to pass on with the next page.</param>
/// <param name="Failed">Whether the store could not be read.</param>
public sealed record ListPageReply(
    RequestId Id, ImmutableArray<Key> Keys, ImmutableArray<PartitionId> Rest, Key? After, bool Failed) : Message;
