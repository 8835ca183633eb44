using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// Delivers the hints for one owner: Core's <see cref="HandoffSender"/> over the hints in the node's store.
/// </summary>
/// <remarks>
/// The mailbox holds nothing itself: a hint is durable in the same group commit as the records, and its removal too.
/// Differs from a persistent actor per owner, which Akka.Persistence.Sqlite would give: a storm of 100,000 hints took that
/// 121 s (829 a second) and the storage port 7 s on the same busy machine, durable in both.
/// </remarks>
internal sealed class HintedHandoffMailbox(NodeWiring wiring, NodeId owner) : MachineActor(wiring)
{
    private readonly HandoffSender _sender = new(owner, wiring.Store, wiring.Settings, NodeWiring.Entropy(), wiring.Share);

    protected override Instant Deadline => _sender.Deadline;

    protected override void PreStart()
    {
        if (Wiring.View is { } view) Self.Tell(view, Self);
    }

    protected override bool OnInput(object message, Instant now)
    {
        switch (message)
        {
            case HintWaits when Wiring.View is { } view:
                _sender.OnReachability(view.IsReachable(owner), now, Effects);
                return true;
            case HintWaits:
                return true;
            case ClusterView view:
                _sender.OnReachability(view.IsReachable(owner), now, Effects);
                return true;
            case FromNode { Message: ReplicaPutReply reply }:
                _sender.OnReply(reply, now, Effects);
                return true;
            default:
                return false;
        }
    }

    protected override void OnTime(Instant now) => _sender.OnTime(now, Effects);

    protected override void OnWritten(WriteId id, WriteResult result, Instant now) =>
        _sender.OnWritten(id, result, now, Effects);
}
