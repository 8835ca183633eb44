using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

internal sealed class SkipReadRepair : Mutant
{
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        message is ReplicaPut { Reason: PutReason.ReadRepair } ? [] : [(from, to, message)];
}

internal sealed class DropSibling : Mutant
{
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        message is ReplicaPut { Record.Siblings.Length: > 1 } put
        && Record.TryCreate(put.Record.Clock, put.Record.Siblings.RemoveAt(0), out var less)
            ? [(from, to, put with { Record = less })]
            : [(from, to, message)];
}

internal sealed class AcknowledgeUnwritten(Prng random) : Mutant
{
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        message is ReplicaPut { Reason: PutReason.Write } put && random.Chance(0.3)
            ? [(to, from, new ReplicaPutReply(put.Id, Durable: true, WriteRefusal.None, put.IntendedFor))]
            : [(from, to, message)];
}

internal sealed class CountRepairs : Mutant
{
    private readonly Dictionary<(NodeId From, Key Key), RequestId> _reads = [];

    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message)
    {
        if (message is ReplicaGet get) _reads[(from, get.Key)] = get.Id;
        if (message is ReplicaDigest digest) _reads[(from, digest.Key)] = digest.Id;
        yield return message is ReplicaPut { Reason: PutReason.ReadRepair } repair && _reads.TryGetValue((from, repair.Key), out var id)
            ? (from, to, repair with { Id = id })
            : (from, to, message);
    }
}

internal sealed class NarrowContext : Mutant
{
    private Found? _earlier;

    // The context of the last single version passes for that of several.
    public override Outcome OnReply(Outcome outcome)
    {
        if (outcome is not Found found) return outcome;
        if (found.Siblings.Length == 1) _earlier = found;
        return found.Siblings.Length > 1 && _earlier is { } earlier
            && found.Siblings.Any(sibling => sibling.Dot == earlier.Siblings[0].Dot)
            ? found with { Context = earlier.Context }
            : outcome;
    }
}

internal sealed class MixUpContexts : Mutant
{
    private readonly Dictionary<Dot, ReadOnlyMemory<byte>> _read = [];

    // A get that shows what an earlier one showed, and more, is answered with the earlier one's context.
    public override Outcome OnReply(Outcome outcome)
    {
        if (outcome is not Found found) return outcome;
        foreach (var sibling in found.Siblings)
            if (_read.TryGetValue(sibling.Dot, out var context)) return found with { Context = context };
        foreach (var sibling in found.Siblings) _read[sibling.Dot] = found.Context;
        return outcome;
    }
}

internal sealed class WriteTwice(Prng random) : Mutant
{
    public override bool Repeats(ClientRequest request) => request is PutRequest && random.Chance(0.05);
}
