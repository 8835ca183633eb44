using Dynamo.Core;

namespace Dynamo.Simulation;

internal sealed class SkipExchange : Mutant
{
    // As if both trees were always alike.
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        message is TreeGetReply or ReplicaGetReply { Id.IsSync: true } ? [] : [(from, to, message)];
}

internal sealed class ReapOverObjections : Mutant
{
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        [(from, to, message is ReapReply reply ? reply with { No = [] } : message)];
}

internal sealed class FenceInWordOnly : Mutant
{
    private long _number;

    // Each answer claims a fence far above the last one's, which no node has moved to.
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        [(from, to, message is ReapReply { Number: > 0 } reply ? reply with { Number = _number += 1000 } : message)];
}
