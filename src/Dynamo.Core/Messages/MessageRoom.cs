using System.Diagnostics;

namespace Dynamo.Core;

/// <summary>Which of a node's machines a message is for.</summary>
public enum MessageRoom
{
    /// <summary>The replica of the partition that the message names.</summary>
    Replica,

    /// <summary>The coordinator's table of requests.</summary>
    Coordinator,

    /// <summary>The handoff sender of the node it came from.</summary>
    Handoff,

    /// <summary>The anti-entropy worker.</summary>
    Sync,

    /// <summary>The gate that frames of other nodes come through.</summary>
    Gate,

    /// <summary>The reaper of tombstones.</summary>
    Reaper,

    /// <summary>The cluster's state.</summary>
    Gossip,

    /// <summary>The membership.</summary>
    Membership,

    /// <summary>Whoever answers pages of listings out of the store.</summary>
    Lister,

    /// <summary>The failure detector: a ping to be answered, or a pong, which has done its work by arriving.</summary>
    FailureDetector,
}

/// <summary>Where messages belong; every runtime asks here.</summary>
public static class MessageRooms
{
    /// <summary>The room of a message, and the partition when it is a replica's.</summary>
    public static MessageRoom RoomOf(this Message message, out PartitionId partition)
    {
        partition = default;
        switch (message)
        {
            case ReplicaGet get:
                partition = get.Partition;
                return MessageRoom.Replica;
            case ReplicaDigest digest:
                partition = digest.Partition;
                return MessageRoom.Replica;
            case ReplicaPut put:
                partition = put.Partition;
                return MessageRoom.Replica;
            case CoordinateWrite write:
                partition = write.Partition;
                return MessageRoom.Replica;
            case TreeGet get:
                partition = get.Partition;
                return MessageRoom.Replica;
            case LeafGet get:
                partition = get.Partition;
                return MessageRoom.Replica;
            case TreeDoubt doubt:
                partition = doubt.Partition;
                return MessageRoom.Replica;
            case ReapCandidates candidates:
                partition = candidates.Partition;
                return MessageRoom.Replica;
            case ReapAsk { Stage: ReapStage.Idle }:
                return MessageRoom.Coordinator;
            case ReapAsk { Stage: ReapStage.Fence } or FenceIs:
                return MessageRoom.Gate;
            case ReapAsk { Stage: not ReapStage.IdleSync } ask:
                partition = ask.Partition;
                return MessageRoom.Replica;
            case ReapRemove remove:
                partition = remove.Partition;
                return MessageRoom.Replica;
            case ReapedIs reaped:
                partition = reaped.Partition;
                return MessageRoom.Replica;
            case ReapedAsk ask:
                partition = ask.Partition;
                return MessageRoom.Replica;
            case LeaseAsk lease:
                partition = lease.Partition;
                return MessageRoom.Replica;
            case LeaseReply lease:
                partition = lease.Partition;
                return MessageRoom.Replica;
            case DropRows drop:
                partition = drop.Partition;
                return MessageRoom.Replica;
            case MembershipDigest or MembershipState or GainsHeld or RequestsEnded:
                return MessageRoom.Membership;
            case ReapReply or ReapCandidatesReply:
                return MessageRoom.Reaper;
            case TreeGetReply or LeafGetReply or SyncKeys or ReapAsk or ReapedReply:
                return MessageRoom.Sync;
            case ReplicaPutReply reply:
                return reply.Id.IsHandoff ? MessageRoom.Handoff : reply.Id.IsSync ? MessageRoom.Sync : MessageRoom.Coordinator;
            case ReplicaGetReply reply:
                return reply.Id.IsSync ? MessageRoom.Sync : MessageRoom.Coordinator;
            case ReplicaDigestReply or CoordinateWriteReply or ForwardPut or ForwardAccepted or ForwardReply or ListPageReply
                or ForwardIncrement or IncrementTicket:
                return MessageRoom.Coordinator;
            case GossipDigest or GossipState:
                return MessageRoom.Gossip;
            case ListPage:
                return MessageRoom.Lister;
            case Ping or Pong:
                return MessageRoom.FailureDetector;
            default:
                throw new UnreachableException($"No room is known for {message.GetType().Name}.");
        }
    }
}
