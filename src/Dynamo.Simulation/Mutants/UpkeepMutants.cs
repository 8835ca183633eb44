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
    private readonly HashSet<RequestId> _asked = [];
    private long _number;

    // Each answer claims a fence far above the last one's, which no node has moved to.
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message)
    {
        if (message is ReapAsk { Stage: ReapStage.Fence } ask) _asked.Add(ask.Id);
        return [(from, to, message is ReapReply reply && _asked.Contains(reply.Id) ? reply with { Number = _number += 1000 } : message)];
    }
}

internal sealed class RestoreAll : Mutant
{
    // Nobody remembers to have reaped anything, so backups are taken as they are.
    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes) => [.. changes.Select(Forget)];

    // The second number of a mark is the last removal.
    private static StoreChange Forget(StoreChange change)
    {
        if (change is not StoreChange.PutCell cell || !cell.Name.StartsWith("reaped/", StringComparison.Ordinal)) return change;
        var bytes = cell.Bytes.ToArray();
        bytes.AsSpan(sizeof(ulong)).Clear();
        return cell with { Bytes = bytes };
    }
}
