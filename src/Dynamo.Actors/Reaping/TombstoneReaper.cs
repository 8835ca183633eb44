using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// Has the tombstones of the partitions that this node is the first owner of removed: Core's <see cref="Reaper"/>.
/// </summary>
/// <remarks>
/// It asks the replicas, coordinators, anti-entropy workers and links of all nodes, its own among them. That their answers
/// are about everything said before rests on mailboxes being queues: what an actor has told another lies there before
/// any question that came later.
/// </remarks>
internal sealed class TombstoneReaper(NodeWiring wiring) : MachineActor(wiring)
{
    private readonly Reaper _reaper = new(wiring.Settings, NodeWiring.Entropy(), wiring.Share);

    protected override Instant Deadline => _reaper.Deadline;

    protected override void PreStart()
    {
        if (Wiring.View is { } view) Self.Tell(view, Self);
    }

    protected override bool OnInput(object message, Instant now)
    {
        switch (message)
        {
            case FromNode m:
                _reaper.OnMessage(m.From, m.Message, now, Effects);
                return true;
            case ClusterView view:
                _reaper.OnView(view);
                return true;
            default:
                return false;
        }
    }

    protected override void OnTime(Instant now) => _reaper.OnTime(now, Effects);
}
