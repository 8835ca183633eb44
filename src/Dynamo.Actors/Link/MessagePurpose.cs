using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>What messages between nodes are sent for.</summary>
internal static class MessagePurpose
{
    /// <summary>
    /// Whether a message belongs to a client's request. The room alone does not tell: handoff and anti-entropy speak to replicas, too.
    /// </summary>
    public static bool IsOfRequest(this Message message) => message switch
    {
        ReplicaGet get => IsOfRequest(get.Id),
        ReplicaGetReply reply => IsOfRequest(reply.Id),
        // Nobody but coordinators reads digests.
        ReplicaDigest or ReplicaDigestReply => true,
        ReplicaPut put => put.Reason is PutReason.Write or PutReason.ReadRepair,
        ReplicaPutReply reply => IsOfRequest(reply.Id),
        ForwardPut or ForwardIncrement or IncrementTicket or ForwardAccepted or ForwardReply => true,
        ListPage or ListPageReply => true,
        // These two stay within their node.
        CoordinateWrite or CoordinateWriteReply => true,
        _ => false,
    };

    private static bool IsOfRequest(RequestId id) => !id.IsHandoff && !id.IsSync;
}
