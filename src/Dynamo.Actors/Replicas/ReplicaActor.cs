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

    protected override Instant Deadline => _replica.Deadline;

    protected override void PreStart() => Look();

    protected override bool OnInput(object message, Instant now)
    {
        switch (message)
        {
            case ReplicaInput input:
                _replica.OnMessage(input.From, input.Message, now, Effects);
                return true;
            case ClusterView:
                Look();
                return true;
            default:
                return false;
        }
    }

    protected override void OnTime(Instant now) => _replica.OnTime(now, Effects);

    protected override void OnWritten(WriteId id, WriteResult result, Instant now) =>
        _replica.OnWritten(id, result, Effects);

    // The view in force, whichever was sent: one that waited in a mailbox while this actor started may be older than it.
    private void Look()
    {
        if (Wiring.View is { } view) _replica.OnView(view);
    }
}
