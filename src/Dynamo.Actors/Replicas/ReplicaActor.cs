using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// One partition replica: Core's <see cref="Replica"/> over the node's store, writes through its group commit.
/// </summary>
/// <remarks>
/// Reads happen on the actor's thread: they are a few microseconds, and a change of the same key waits for them anyway.
/// </remarks>
internal sealed class ReplicaActor(NodeWiring wiring, PartitionId partition) : MachineActor(wiring, isOneOfMany: true)
{
    private readonly Replica _replica =
        new(wiring.Self, partition, wiring.Store, wiring.Settings, NodeWiring.Entropy());

    private ClusterView? _seen;

    protected override Instant Deadline => _replica.Deadline;

    protected override bool OnInput(object message, Instant now)
    {
        if (message is not ReplicaInput input) return false;
        Look();
        _replica.OnMessage(input.From, input.Message, now, Effects);
        return true;
    }

    protected override void OnTime(Instant now)
    {
        Look();
        _replica.OnTime(now, Effects);
    }

    protected override void OnWritten(WriteId id, WriteResult result, Instant now) =>
        _replica.OnWritten(id, result, Effects);

    protected override void PreStart()
    {
        base.PreStart();
        _replica.Start(Effects);
        CarryOut(Wiring.Clock.Now);
    }

    // The store is closed after all actors have stopped, so the seal is the last word of this partition; after a restart by
    // the supervisor the next write takes it away again. A buffer that fails in between has lost what the seal would vouch for.
    protected override void PostStop()
    {
        var asOf = Wiring.Store.FailedTransactions;
        if (_replica.Seal() is { } seal) Wiring.Store.Enqueue([seal], static _ => { }, asOf);
        base.PostStop();
    }

    // Hundreds of replicas look for themselves when they have something to do: telling each of them whenever a node comes
    // or goes would be a storm of messages, and after a restart by the supervisor nobody would tell it.
    private void Look()
    {
        if (Wiring.View is not { } view || ReferenceEquals(view, _seen)) return;
        _seen = view;
        _replica.OnView(view);
    }
}
