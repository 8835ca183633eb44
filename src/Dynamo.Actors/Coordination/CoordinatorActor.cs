using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// All requests that this node coordinates: Core's <see cref="Coordinator"/>, and who waits for which outcome.
/// </summary>
/// <remarks>
/// One actor for all of them: an actor or FSM per request costs a third of the throughput and doubles p99.
/// Questions come and answers go by number; nothing is asked with Ask.
/// </remarks>
internal sealed class CoordinatorActor(NodeWiring wiring) : MachineActor(wiring)
{
    private readonly Coordinator _coordinator =
        new(wiring.Self, wiring.Settings, wiring.Options.Contexts, NodeWiring.Entropy()) { Backlog = () => wiring.Store.Backlog };

    private readonly Dictionary<RequestId, IAnswer> _answers = [];

    protected override Instant Deadline => _coordinator.Deadline;

    protected override bool OnInput(object message, Instant now)
    {
        switch (message)
        {
            case FromNode m:
                _coordinator.OnMessage(m.From, m.Message, now, Effects);
                break;
            case FromNodeBatch batch:
                foreach (var m in batch.Messages) _coordinator.OnMessage(batch.From, m, now, Effects);
                break;
            case Ask ask:
                Request(ask, now);
                break;
            case AskBatch batch:
                foreach (var ask in batch.Requests) Request(ask, now);
                break;
            case ClusterView view:
                _coordinator.OnView(view, now, Effects);
                break;
            default:
                return false;
        }

        Publish();
        return true;
    }

    protected override void OnTime(Instant now)
    {
        _coordinator.OnTime(now, Effects);
        Publish();
    }

    protected override void OnReply(RequestId request, Outcome outcome)
    {
        if (!_answers.TryGetValue(request, out var answer)) return;
        if (outcome is not Listing { Last: false }) _answers.Remove(request);
        answer.Give(outcome);
    }

    protected override void PreStart()
    {
        // After a restart by the supervisor the new machine knows no cluster yet, and nobody would tell it.
        if (Wiring.View is { } view) Self.Tell(view, Self);
    }

    protected override void PostStop()
    {
        var last = new Effects();
        _coordinator.Stop(Wiring.Clock.Now, last);
        foreach (var effect in last.List)
            if (effect is Effect.Reply reply) OnReply(reply.Request, reply.Outcome);
        // Requests that never reached the machine.
        foreach (var answer in _answers.Values) answer.Give(new NotReady($"{Wiring.Self} is stopping."));
        base.PostStop();
    }

    private void Request(Ask ask, Instant now)
    {
        var id = _coordinator.Request(ask.Request, now, Effects, new Arrival(ask.At ?? now, ask.Activity is not null));
        _answers[id] = ask.Answer;
        Wiring.Telemetry.Follow(id, ask.Activity);
    }

    private void Publish()
    {
        Wiring.RequestsInFlight = _coordinator.InFlight;
        Wiring.Door.Limit = _coordinator.Admission.Limit;
        Wiring.BackgroundShare = _coordinator.Background.Share;
    }
}
