using System.Diagnostics;

namespace Dynamo.Core;

/// <summary>The binary form of messages, client requests and outcomes, and of the frames that carry them.</summary>
/// <remarks>
/// One tag byte (<see cref="MessageTag"/>, <see cref="RequestTag"/>, <see cref="OutcomeTag"/>), then the fields in the
/// order of the record's parameters, in the primitives of <see cref="WireWriter"/>:
/// <code>
///   request id, partition, number, count   LEB128         node            text, empty for none
///   flag, enum                             1 byte         key             bucket (text), name (length, bytes)
///   optional x                             flag, then x   record, siblings, value   see RecordCodec
///   time span                              100 ns ticks, zigzag LEB128
/// </code>
/// A key's position travels only in the messages of a request to its replicas (16 bytes behind the key, big-endian): the
/// coordinator has hashed it, and hashing it again at each replica would cost more than reading the rest. From a client
/// it is never taken, so that nobody outside can place a key where it does not belong.
/// To add a message: a tag, an arm in <c>Write</c> and one in <c>Read</c>, and a sample in the round-trip test, which
/// names what is missing. Fields of an existing case change only with <see cref="Version"/>.
/// </remarks>
public static partial class WireCodec
{
    /// <summary>Appends a message.</summary>
    /// <exception cref="ArgumentException">The message never leaves its node.</exception>
    public static void Write(WireWriter to, Message message)
    {
        switch (message)
        {
            case ReplicaGet m:
                Head(to, MessageTag.ReplicaGet, m.Id);
                Partition(to, m.Partition);
                PlacedKey(to, m.Key);
                break;
            case ReplicaGetReply m:
                Head(to, MessageTag.ReplicaGetReply, m.Id);
                to.Byte((byte)m.Status);
                RecordCodec.Write(to, m.Record);
                break;
            case ReplicaDigest m:
                Head(to, MessageTag.ReplicaDigest, m.Id);
                Partition(to, m.Partition);
                PlacedKey(to, m.Key);
                break;
            case ReplicaDigestReply m:
                Head(to, MessageTag.ReplicaDigestReply, m.Id);
                to.Byte((byte)m.Status);
                to.Fixed64(m.Digest);
                break;
            case ReplicaPut m:
                Head(to, MessageTag.ReplicaPut, m.Id);
                Partition(to, m.Partition);
                PlacedKey(to, m.Key);
                RecordCodec.Write(to, m.Record);
                to.Text(m.IntendedFor.Name);
                to.Byte((byte)m.Reason);
                Fence(to, m.Fence);
                break;
            case ReplicaPutReply m:
                Head(to, MessageTag.ReplicaPutReply, m.Id);
                to.Bool(m.Durable);
                to.Byte((byte)m.Refusal);
                to.Text(m.IntendedFor.Name);
                break;
            case ForwardPut m:
                Head(to, MessageTag.ForwardPut, m.Id);
                WriteRequest(to, m.Request);
                to.Signed(m.Remaining.Ticks);
                Fence(to, m.Fence);
                break;
            case ForwardAccepted m:
                Head(to, MessageTag.ForwardAccepted, m.Id);
                break;
            case ForwardReply m:
                Head(to, MessageTag.ForwardReply, m.Id);
                WriteOutcome(to, m.Outcome);
                break;
            case Ping m:
                to.Byte((byte)MessageTag.Ping);
                to.Number(m.Number);
                break;
            case Pong m:
                to.Byte((byte)MessageTag.Pong);
                to.Number(m.Number);
                break;
            case GossipDigest m:
                to.Byte((byte)MessageTag.GossipDigest);
                to.Text(m.ClusterId);
                to.Fixed64(m.Digest);
                break;
            case GossipState m:
                to.Byte((byte)MessageTag.GossipState);
                to.Text(m.ClusterId);
                Properties(to, m.Properties);
                to.Bool(m.WantsReply);
                break;
            case ListPage m:
                Head(to, MessageTag.ListPage, m.Id);
                Partitions(to, m.Partitions);
                OptionalText(to, m.Bucket);
                OptionalKey(to, m.After);
                break;
            case ListPageReply m:
                Head(to, MessageTag.ListPageReply, m.Id);
                Keys(to, m.Keys);
                Partitions(to, m.Rest);
                OptionalKey(to, m.After);
                to.Bool(m.Failed);
                break;
            case ForwardIncrement m:
                Head(to, MessageTag.ForwardIncrement, m.Id);
                to.Fixed64(m.Ticket);
                WriteRequest(to, m.Request);
                to.Signed(m.Remaining.Ticks);
                break;
            case IncrementTicket m:
                Head(to, MessageTag.IncrementTicket, m.Id);
                to.Fixed64(m.Ticket);
                break;
            case TreeGet m:
                Head(to, MessageTag.TreeGet, m.Id);
                Partition(to, m.Partition);
                to.Count(m.NVal);
                to.Count(m.Level);
                Places(to, m.Nodes);
                break;
            case TreeGetReply m:
                Head(to, MessageTag.TreeGetReply, m.Id);
                to.Byte((byte)m.Status);
                Hashes(to, m.Hashes);
                break;
            case LeafGet m:
                Head(to, MessageTag.LeafGet, m.Id);
                Partition(to, m.Partition);
                to.Count(m.NVal);
                Places(to, m.Leaves);
                OptionalKey(to, m.After);
                to.Count(m.Limit);
                break;
            case LeafGetReply m:
                Head(to, MessageTag.LeafGetReply, m.Id);
                to.Byte((byte)m.Status);
                Entries(to, m.Entries);
                to.Bool(m.Last);
                break;
            case TreeDoubt m:
                to.Byte((byte)MessageTag.TreeDoubt);
                Partition(to, m.Partition);
                break;
            case ReapAsk m:
                Head(to, MessageTag.ReapAsk, m.Id);
                to.Byte((byte)m.Stage);
                Partition(to, m.Partition);
                Items(to, m.Items);
                break;
            case ReapReply m:
                Head(to, MessageTag.ReapReply, m.Id);
                to.Fixed64(m.Run);
                to.Number((ulong)m.Number);
                Places(to, m.No);
                break;
            case MembershipDigest m:
                to.Byte((byte)MessageTag.MembershipDigest);
                to.Text(m.ClusterId);
                to.Fixed64(m.Digest);
                break;
            case MembershipState m:
                to.Byte((byte)MessageTag.MembershipState);
                Membership(to, m);
                break;
            case LeaseAsk m:
                Head(to, MessageTag.LeaseAsk, m.Id);
                Partition(to, m.Partition);
                to.Fixed64(m.Generation);
                break;
            case LeaseReply m:
                Head(to, MessageTag.LeaseReply, m.Id);
                Partition(to, m.Partition);
                to.Number(m.Highest);
                to.Bool(m.HasLooked);
                break;
            case ReapRemove or ReapedIs or ReapedAsk or ReapedReply:
                Reaped(to, message);
                break;
            case FenceIs m:
                to.Byte((byte)MessageTag.FenceIs);
                Fence(to, m.Fence);
                break;
            case CoordinateWrite or CoordinateWriteReply or ReapCandidates or ReapCandidatesReply or SyncKeys or GainsHeld or DropRows
                or RequestsEnded:
                throw new ArgumentException($"A {message.GetType().Name} never leaves its node.", nameof(message));
            default:
                throw new UnreachableException($"No wire form is known for {message.GetType().Name}.");
        }
    }

    /// <summary>Reads a message; null, and the reader fails with a sentence, when the bytes are not one.</summary>
    public static Message? Read(ref WireReader from)
    {
        var tag = from.Byte();
        if (from.Failed) return null;
        Message? message = (MessageTag)tag switch
        {
            MessageTag.ReplicaGet => new ReplicaGet(Id(ref from), Partition(ref from), PlacedKey(ref from)),
            MessageTag.ReplicaGetReply => new ReplicaGetReply(
                Id(ref from), Enum(ref from, StoreReadStatus.Failed), RecordCodec.ReadRecord(ref from)),
            MessageTag.ReplicaDigest => new ReplicaDigest(Id(ref from), Partition(ref from), PlacedKey(ref from)),
            MessageTag.ReplicaDigestReply => new ReplicaDigestReply(Id(ref from), Enum(ref from, StoreReadStatus.Failed), from.Fixed64()),
            MessageTag.ReplicaPut => new ReplicaPut(
                Id(ref from), Partition(ref from), PlacedKey(ref from), RecordCodec.ReadRecord(ref from), from.Node(),
                Enum(ref from, PutReason.AntiEntropy), Fence(ref from)),
            MessageTag.ReplicaPutReply => new ReplicaPutReply(
                Id(ref from), from.Bool(), Enum(ref from, WriteRefusal.Overloaded), from.Node()),
            MessageTag.ForwardPut => new ForwardPut(
                Id(ref from), ReadPut(ref from), Span(ref from), Fence(ref from)),
            MessageTag.ForwardAccepted => new ForwardAccepted(Id(ref from)),
            MessageTag.ForwardReply => new ForwardReply(Id(ref from), ReadOutcome(ref from)!),
            MessageTag.Ping => new Ping(from.Number()),
            MessageTag.Pong => new Pong(from.Number()),
            MessageTag.GossipDigest => new GossipDigest(from.Text(MaxClusterIdBytes), from.Fixed64()),
            MessageTag.GossipState => new GossipState(
                from.Text(MaxClusterIdBytes), Properties(ref from), from.Bool()),
            MessageTag.ListPage => new ListPage(
                Id(ref from), Partitions(ref from), OptionalBucket(ref from), OptionalKey(ref from)),
            MessageTag.ListPageReply => new ListPageReply(
                Id(ref from), Keys(ref from), Partitions(ref from), OptionalKey(ref from), from.Bool()),
            MessageTag.ForwardIncrement => new ForwardIncrement(
                Id(ref from), from.Fixed64(), ReadIncrement(ref from), Span(ref from)),
            MessageTag.IncrementTicket => new IncrementTicket(Id(ref from), from.Fixed64()),
            MessageTag.TreeGet => new TreeGet(
                Id(ref from), Partition(ref from), from.Count(Core.BucketProperties.MaxNVal),
                from.Count(MerkleTree.Levels - 1), Places(ref from)),
            MessageTag.TreeGetReply => new TreeGetReply(
                Id(ref from), Enum(ref from, TreeStatus.Failed), Hashes(ref from)),
            MessageTag.LeafGet => new LeafGet(
                Id(ref from), Partition(ref from), from.Count(Core.BucketProperties.MaxNVal), Places(ref from),
                OptionalKey(ref from), from.Count(ReplicaTrees.MaxPage)),
            MessageTag.LeafGetReply => new LeafGetReply(
                Id(ref from), Enum(ref from, TreeStatus.Failed), Entries(ref from), from.Bool()),
            MessageTag.ReapAsk => new ReapAsk(
                Id(ref from), Enum(ref from, ReapStage.Release), Partition(ref from), Items(ref from)),
            MessageTag.ReapReply => new ReapReply(
                Id(ref from), from.Fixed64(), (long)from.Number(), Places(ref from)),
            MessageTag.MembershipDigest => new MembershipDigest(from.Text(MaxClusterIdBytes), from.Fixed64()),
            MessageTag.MembershipState => Membership(ref from),
            MessageTag.LeaseAsk => new LeaseAsk(Id(ref from), Partition(ref from), from.Fixed64()),
            MessageTag.LeaseReply => new LeaseReply(Id(ref from), Partition(ref from), from.Number(), from.Bool()),
            MessageTag.ReapRemove or MessageTag.ReapedIs or MessageTag.ReapedAsk or MessageTag.ReapedReply => Reaped((MessageTag)tag, ref from),
            MessageTag.FenceIs => new FenceIs(Fence(ref from)),
            MessageTag.TreeDoubt => new TreeDoubt(Partition(ref from)),
            _ => null,
        };
        if (message is null) from.Fail($"No message has the tag {tag}.");
        return from.Failed ? null : message;
    }

    private static PutRequest ReadPut(ref WireReader from)
    {
        var request = ReadRequest(ref from);
        if (request is not (PutRequest or null)) from.Fail("A forwarded request is not a put.");
        return (request as PutRequest)!;
    }

    private static IncrementRequest ReadIncrement(ref WireReader from)
    {
        var request = ReadRequest(ref from);
        if (request is not (IncrementRequest or null)) from.Fail("A forwarded request is not an increment.");
        return (request as IncrementRequest)!;
    }

    private static void Head(WireWriter to, MessageTag tag, RequestId id)
    {
        to.Byte((byte)tag);
        to.Number(id.Value);
    }
}
