using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// Turns hints for nodes that are no members any more into hints for the present owners: Core's <see cref="HintRehoming"/>.
/// </summary>
internal sealed class HintRehomer(NodeWiring wiring) : MachineActor(wiring)
{
    private readonly HintRehoming _rehoming = new(wiring.Store, wiring.Settings, NodeWiring.Entropy(), wiring.Share);

    protected override Instant Deadline => _rehoming.Deadline;

    protected override void PreStart()
    {
        if (Wiring.View is { } view) Self.Tell(view, Self);
    }

    protected override bool OnInput(object message, Instant now)
    {
        switch (message)
        {
            case ClusterView view:
                _rehoming.OnView(view, now);
                return true;
            case HintWaits hint:
                _rehoming.OnHint(hint.Owner, now);
                return true;
            case FromNode { Message: ReplicaPutReply reply }:
                _rehoming.OnReply(reply, now, Effects);
                return true;
            default:
                return false;
        }
    }

    protected override void OnTime(Instant now) => _rehoming.OnTime(now, Effects);

    protected override void OnWritten(WriteId id, WriteResult result, Instant now) =>
        _rehoming.OnWritten(id, result, Effects);
}
