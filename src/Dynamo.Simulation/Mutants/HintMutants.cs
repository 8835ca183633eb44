using Dynamo.Core;

namespace Dynamo.Simulation;

internal sealed class DropHint : Mutant
{
    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes) =>
        [.. changes.Where(static change => change is not StoreChange.PutHint)];
}

internal sealed class ForgetHintEarly : Mutant
{
    // The owner's word is forged the moment the hint leaves, and the hint itself is lost.
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        message is ReplicaPut { Reason: PutReason.Handoff } put
            ? [(to, from, new ReplicaPutReply(put.Id, Durable: true, WriteRefusal.None, put.IntendedFor))]
            : [(from, to, message)];
}

internal sealed class IgnoreHintStamp : Mutant
{
    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes)
    {
        try
        {
            return [.. changes.Select(change => change is StoreChange.RemoveHint remove && disk.ReadHint(remove.Owner, remove.Key) is { } now
                ? remove with { Stamp = now.Stamp }
                : change)];
        }
        catch (StoreFailedException)
        {
            // The disk cannot be read just now; the bug waits for another time.
            return changes;
        }
    }
}

internal sealed class MisdeliverHint : Mutant
{
    // It goes back to its holder, whose answer passes for the owner's.
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        message is ReplicaPut { Reason: PutReason.Handoff }
            ? [(to, from, message)]
            : message is ReplicaPutReply { Id.IsHandoff: true } ? [(to, from, message)] : [(from, to, message)];
}
