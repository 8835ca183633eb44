using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// One partition replica: Core's <see cref="Replica"/> over the node's store, writes through its group commit.
/// </summary>
/// <remarks>
/// Reads happen on the actor's thread: they are a few microseconds, and a change of the same key waits for them anyway.
/// </remarks>
internal sealed class ReplicaActor(NodeWiring wiring, PartitionId partition) : MachineActor(wiring)
{
    private readonly Replica _replica =
        new(wiring.Self, partition, wiring.Store, wiring.Settings, NodeWiring.Entropy());

    protected override bool OnInput(object message, Instant now)
    {
        if (message is not ReplicaInput input) return false;
        _replica.OnMessage(input.From, input.Message, now, Effects);
        return true;
    }

    protected override void OnWritten(WriteId id, WriteResult result, Instant now) =>
        _replica.OnWritten(id, result, Effects);
}
