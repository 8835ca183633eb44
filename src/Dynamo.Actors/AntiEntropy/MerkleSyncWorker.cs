using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// Brings this node's replicas and those of the other owners together: Core's <see cref="SyncWorker"/>.
/// </summary>
/// <remarks>
/// One for all partitions, because a node begins one exchange at a time. The trees themselves live with their replicas,
/// which answer its questions as they answer another node's.
/// After a restart by the supervisor a repair that was under way is forgotten, which its progress shows: it began with
/// no pairs.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.7.
/// </remarks>
internal sealed class MerkleSyncWorker(NodeWiring wiring) : MachineActor(wiring)
{
    private readonly SyncWorker _worker = new(wiring.Self, wiring.Settings, NodeWiring.Entropy(), wiring.Backup, wiring.Share);

    protected override Instant Deadline => _worker.Deadline;

    protected override void PreStart()
    {
        if (Wiring.View is not { } view) return;
        // At once, because questions may be waiting already; by the mailbox as well, because an input sets the alarm.
        _worker.OnView(view, SyncPair.StraysOf(view, Wiring.Store), Wiring.Clock.Now, Effects);
        Self.Tell(view, Self);
    }

    protected override bool OnInput(object message, Instant now)
    {
        Wiring.Restore = _worker.Restore;
        switch (message)
        {
            case FromNode m:
                _worker.OnMessage(m.From, m.Message, now, Effects);
                return true;
            case ClusterView view:
                _worker.OnView(view, SyncPair.StraysOf(view, Wiring.Store), now, Effects);
                return true;
            case Repair repair:
                _worker.Repair(now);
                repair.Begun.Give(_worker.Progress);
                return true;
            case RepairProgress asked:
                asked.Answer.Give(_worker.Progress);
                return true;
            default:
                return false;
        }
    }

    protected override void OnTime(Instant now)
    {
        _worker.OnTime(now, Effects);
        Wiring.Restore = _worker.Restore;
    }
}
