using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// An actor around machines of Core: feeds them, carries out their effects in order, and wakes them at their deadline.
/// </summary>
/// <remarks>
/// The whole shell: what comes in is one input with the time, what comes out is a list of effects. Messages to other
/// nodes leave together at the end of the input, so that the link sees them as one batch.
/// </remarks>
/// <param name="wiring">What the actors of the node share.</param>
/// <param name="isOneOfMany">Whether there are hundreds of its kind, whose machines leave nothing to be done but in <see cref="OnReceive"/>.</param>
internal abstract class MachineActor(NodeWiring wiring, bool isOneOfMany = false) : UntypedActor
{
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);
    private readonly MachineScratch? _own = isOneOfMany ? null : new MachineScratch();
    private ICancelable? _alarm;
    private Instant _alarmAt = Instant.Never;
    private long _asOf;

    /// <summary>What the actors of the node share.</summary>
    protected NodeWiring Wiring { get; } = wiring;

    private MachineScratch Scratch => _own ?? MachineScratch.Shared;

    /// <summary>What the machines want done.</summary>
    protected Effects Effects => Scratch.Effects;

    /// <summary>When to call <see cref="OnTime"/>.</summary>
    protected virtual Instant Deadline => Instant.Never;

    /// <summary>Feeds an input to the machines; false when it is none for them.</summary>
    protected abstract bool OnInput(object message, Instant now);

    /// <summary>Tells the machines the time; earlier than asked for does nothing.</summary>
    protected virtual void OnTime(Instant now)
    {
    }

    /// <summary>Tells the machines how a write ended.</summary>
    protected virtual void OnWritten(WriteId id, WriteResult result, Instant now)
    {
    }

    /// <summary>Hands an outcome to whoever asked for it.</summary>
    protected virtual void OnReply(RequestId request, Outcome outcome)
    {
    }

    /// <summary>Looks at what a machine observed, which is counted in any case.</summary>
    protected virtual void OnObserved(Observation observation)
    {
    }

    /// <summary>The node must end, and begin again over an empty store that holds this.</summary>
    protected virtual void OnStartOver(IReadOnlyList<StoreChange> first)
    {
    }

    /// <summary>Begins a write; it must end with <see cref="Written"/>.</summary>
    protected virtual void Write(WriteId id, IReadOnlyList<StoreChange> changes)
    {
        if (Wiring.Store.IsImmediate)
        {
            // It answers before Enqueue returns, and a trip through the mailbox would be for nothing.
            var scratch = Scratch;
            scratch.Writing = id;
            Wiring.Store.Enqueue(changes, scratch.KeepWritten, _asOf);
            return;
        }

        var self = Self;
        Wiring.Store.Enqueue(changes, result => self.Tell(new Written(this, id, result)), _asOf);
    }

    /// <inheritdoc/>
    protected sealed override void OnReceive(object message)
    {
        var now = Wiring.Clock.Now;
        _asOf = Wiring.Store.FailedTransactions;
        // Another one may have failed over it, on this thread.
        if (_own is null) Scratch.Clear();
        try
        {
            switch (message)
            {
                case Written written:
                    if (!ReferenceEquals(written.Owner, this)) return;
                    OnWritten(written.Id, written.Result, now);
                    break;
                case Alarm:
                    _alarmAt = Instant.Never;
                    OnTime(now);
                    break;
                default:
                    if (!OnInput(message, now)) Unhandled(message);
                    break;
            }
        }
        catch (StoreFailedException fault)
        {
            // Nothing was changed; the message counts as lost, as any message may be.
            Effects.Clear();
            Effects.Observe(new Observation.StoreFailed(fault.Message));
        }

        CarryOut(now);
        SetAlarm(now);
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _asOf = Wiring.Store.FailedTransactions;
        if (_own is null) Scratch.Clear();
        base.PreStart();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _alarm?.Cancel();
        base.PostStop();
    }

    /// <summary>Does what the machines want, until they want nothing more.</summary>
    protected void CarryOut(Instant now)
    {
        var scratch = Scratch;
        while (scratch.Effects.List.Count > 0)
        {
            for (var i = 0; i < scratch.Effects.List.Count; i++) CarryOut(scratch.Effects.List[i], scratch.Out);
            scratch.Effects.Clear();
            while (scratch.Written.TryDequeue(out var written)) OnWritten(written.Id, written.Result, now);
        }

        if (scratch.Out.Count == 0) return;
        Wiring.Link.Tell(new ToNodes(scratch.Out.ToArray()));
        scratch.Out.Clear();
    }

    private void CarryOut(Effect effect, List<Effect.Send> toOthers)
    {
        switch (effect)
        {
            case Effect.Send send when send.To == Wiring.Self:
                Wiring.Dispatch(Wiring.Self, send.Message);
                break;
            case Effect.Send send:
                toOthers.Add(send);
                break;
            case Effect.Write write:
                Write(write.Id, write.Changes);
                break;
            case Effect.Reply reply:
                OnReply(reply.Request, reply.Outcome);
                break;
            case Effect.StartOver over:
                OnStartOver(over.First);
                break;
            case Effect.Observe observe:
                Wiring.Observe(observe.Observation);
                OnObserved(observe.Observation);
                break;
        }
    }

    // One timer for all: it is set to the earliest deadline, and one that has become needless does nothing when it
    // rings.
    private void SetAlarm(Instant now)
    {
        var deadline = Deadline;
        if (deadline >= _alarmAt) return;
        _alarm?.Cancel();
        _alarmAt = deadline;
        var sleep = deadline - now;
        _alarm = Context.System.Scheduler.ScheduleTellOnceCancelable(
            sleep > ShortestSleep ? sleep : ShortestSleep, Self, Alarm.Instance, ActorRefs.NoSender);
    }

    private sealed class Alarm : INoSerializationVerificationNeeded
    {
        public static readonly Alarm Instance = new();
    }
}
