using Akka.Actor;
using Dynamo.Core;
using Dynamo.Telemetry;

namespace Dynamo.Actors;

/// <summary>
/// What this node knows of its cluster: founding, bucket properties and who can be reached; it makes everybody's view.
/// </summary>
/// <remarks>
/// <code>
///   RingHistory --recovered--> founding, properties -.
///   link: heard, gossip ------> FailureDetector,      +--> ClusterView --> coordinator, mailboxes,
///   Akka.Cluster's verdict ---> Gossip ---------------'                   anti-entropy, islands
/// </code>
/// </remarks>
internal sealed class RingActor : MachineActor, IWithTimers
{
    private const ulong OfMembership = 1UL << 62;
    private static readonly WriteId FoundingWrite = new(ulong.MaxValue);
    private static readonly TimeSpan HistoryPause = TimeSpan.FromSeconds(5);
    private readonly FailureDetector _detector;
    private readonly TaskCompletionSource _ready;
    private readonly Dictionary<RequestId, TaskCompletionSource<string>> _setting = [];
    private readonly SortedSet<ulong> _saving = [];
    private Gossip? _gossip;
    private Membership? _membership;
    private IReadOnlyList<NodeId> _peers = [];
    private IReadOnlyList<NodeId> _departed = [];
    private PeersAre? _peersAre;
    private IActorRef _history = ActorRefs.Nobody;
    private string _historyError = "it stopped";
    private int _published = -1;

    /// <summary>A ring that has recovered nothing yet.</summary>
    /// <param name="wiring">The node.</param>
    /// <param name="ready">Ends when the first view is out, or with <see cref="DynamoStartException"/>.</param>
    public RingActor(NodeWiring wiring, TaskCompletionSource ready)
        : base(wiring)
    {
        _ready = ready;
        _detector = new FailureDetector(
            wiring.Self, wiring.Founding.Members.Select(static m => m.Node), wiring.Settings);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override Instant Deadline => _gossip is null || _membership is null
        ? Instant.Never
        : Instant.Min(_membership.Deadline, Instant.Min(_detector.Deadline, _gossip.Deadline));

    protected override void PreStart() => OpenHistory();

    // What stops the history before it could say a word, such as a journal that cannot be made, would otherwise go unsaid.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(fault =>
    {
        _historyError = fault.GetBaseException().Message;
        return Directive.Stop;
    });

    protected override bool OnInput(object message, Instant now)
    {
        switch (message)
        {
            case RingHistory.Recovered recovered when _gossip is null:
                OnRecovered(recovered, now);
                break;
            case RingHistory.Recovered:
                break;
            case RingHistory.Saved saved:
                OnWritten(saved.Id, saved.Result, now);
                break;
            case RingHistory.Failed failed:
                _historyError = failed.Reason;
                Context.Stop(_history);
                break;
            case Terminated:
                OnHistoryStopped(now);
                break;
            case ReopenHistory:
                OpenHistory();
                break;
            case Heard heard:
                _detector.OnHeard(heard.Node, Effects);
                break;
            case ClusterVerdict verdict:
                _detector.OnClusterVerdict(verdict.Node, verdict.Reachable, Effects);
                break;
            case SetProperties set:
                Set(set);
                break;
            case AskMembership ask:
                Answer(ask);
                break;
            case FromNode { Message: MembershipDigest or MembershipState or GainsHeld or RequestsEnded } m:
                if (_membership?.OnMessage(m.From, m.Message, Effects) == true) OnRings();
                break;
            case FromNode m:
                if (_gossip is { } gossip && gossip.OnMessage(m.From, m.Message, Effects)) _published = -1;
                break;
            default:
                return false;
        }

        Publish();
        return true;
    }

    protected override void OnTime(Instant now)
    {
        _detector.OnTime(now, Effects);
        _gossip?.OnTime(now, Effects);
        if (_membership?.OnTime(now, Effects) == true) OnRings();
        Publish();
    }

    // Gossip and membership keep their state in cells of the store; here each cell is an event of the ring's history.
    protected override void Write(WriteId id, IReadOnlyList<StoreChange> changes)
    {
        foreach (var change in changes)
        {
            if (change is not StoreChange.PutCell cell) continue;
            // What speaks of the store's rows lies beside them.
            if (cell.Name == Membership.StayCell) base.Write(new WriteId(id.Value | OfMembership), [cell]);
            else if (cell.Name == Membership.Cell) Save(new WriteId(id.Value | OfMembership), new MembershipChanged(cell.Bytes));
            else Save(id, new PropertiesChanged(cell.Bytes));
        }
    }

    protected override void OnWritten(WriteId id, WriteResult result, Instant now)
    {
        _saving.Remove(id.Value);
        if (id == FoundingWrite)
        {
            Begin(null, null, now);
            return;
        }

        if ((id.Value & OfMembership) != 0)
        {
            if (_membership!.OnWritten(new WriteId(id.Value & ~OfMembership), result, Effects)) OnRings();
            Publish();
            return;
        }

        foreach (var (request, error) in _gossip!.OnWritten(id, result))
            if (_setting.Remove(request, out var done)) done.TrySetResult(error);
    }

    // The history stays: it is in the journal.
    protected override void OnStartOver(IReadOnlyList<StoreChange> first)
    {
        Wiring.Say(EventLevel.Warning, EventNames.StartsOver, "dynamo.ring", _membership!.State.Absence);
        Wiring.StartsOver.TrySetResult([.. first.Where(static change => change is not StoreChange.PutCell { Name: Membership.Cell })]);
    }

    private void OnRecovered(RingHistory.Recovered recovered, Instant now)
    {
        if (recovered.Founding is not { } bytes)
        {
            var writer = new WireWriter();
            Wiring.Founding.Write(writer);
            Save(FoundingWrite, new Founded(writer.ToArray()));
            return;
        }

        var reader = new WireReader(bytes.Span);
        var founded = Founding.Read(ref reader);
        if (founded is null)
            _ready.TrySetException(new DynamoStartException($"The ring's history cannot be read: {reader.Error}"));
        else if (founded != Wiring.Founding)
            _ready.TrySetException(new DynamoStartException(
                $"This node belongs to the cluster {founded.ClusterName} with the id {founded.ClusterId}, and the "
                + $"configuration describes another one with the id {Wiring.Founding.ClusterId}: its name, partitions, "
                + "target-n-val or first members differ."));
        else
            Begin(recovered.Properties, recovered.Membership, now);
    }

    private void Begin(ReadOnlyMemory<byte>? properties, ReadOnlyMemory<byte>? membership, Instant now)
    {
        _gossip = new Gossip(
            Wiring.Self, Wiring.Founding, Gossip.Recall(properties), Wiring.Settings, NodeWiring.Entropy());
        _membership = new Membership(
            Wiring.Self, Wiring.Founding, membership, Wiring.Store, Wiring.Settings, NodeWiring.Entropy())
        {
            NVals = () => NValSet.Of(_gossip.Properties),
            StoreSizes = Wiring.Store.Sizes,
        };
        _membership.Start(Effects);
        OnRings();
        Publish();
        OnTime(now);
        _ready.TrySetResult();
    }

    private void Set(SetProperties set)
    {
        if (_gossip is null) set.Done.TrySetResult("The node does not know its cluster yet.");
        else if (_membership?.State.Absence is { Length: > 0 } absence) set.Done.TrySetResult(absence);
        else _setting.Add(_gossip.Set(set.Bucket, set.Properties, Effects), set.Done);
        _published = -1;
    }

    // Whom to watch and to talk to follows from the rings.
    private void OnRings()
    {
        _published = -1;
        List<NodeId> peers = [.. _membership!.Peers];
        List<NodeId> departed = [.. _membership.Departed];
        if (peers.SequenceEqual(_peers) && departed.SequenceEqual(_departed)) return;
        (_peers, _departed) = (peers, departed);
        _detector.OnMembers(peers);
        _gossip!.OnMembers(peers);
        _peersAre = new PeersAre(peers, departed);
    }

    private void Answer(AskMembership ask)
    {
        if (_membership is null)
        {
            ask.Refuse($"{Wiring.Self} does not know its cluster yet.");
            return;
        }

        ask.Answer(new MembershipDesk(_membership, Wiring.View, Effects));
        OnRings();
    }

    private void Publish()
    {
        if (_gossip is null || _membership is null || _published == _detector.Revision) return;
        _published = _detector.Revision;
        var rings = _membership.State;
        var view = new ClusterView(Wiring.Self, rings.Ring, _detector.IsReachable, _gossip.Properties, rings);
        Wiring.View = view;
        Wiring.Coordinator.Tell(view);
        Wiring.Handoff.Tell(view);
        Wiring.Sync.Tell(view);
        Wiring.Reaper.Tell(view);
        Wiring.Rehoming.Tell(view);
        Wiring.Link.Tell(view);
        // After the view, which says from whom among them no record is taken yet.
        if (_peersAre is not null) Wiring.Link.Tell(_peersAre);
        _peersAre = null;
        Wiring.Islands.Tell(view);
    }

    private void Save(WriteId id, object @event)
    {
        _saving.Add(id.Value);
        _history.Tell(new RingHistory.Save(id, @event));
        if (_history.IsNobody()) OnWritten(id, new WriteResult(HistorySentence), Wiring.Clock.Now);
    }

    private string HistorySentence => $"The ring's history cannot be kept: {_historyError}";

    private void OpenHistory()
    {
        _history = Context.ActorOf(Props.Create(() => new RingHistory(Wiring.Self)));
        Context.Watch(_history);
    }

    // What was not durable yet counts as failed; it is still in memory, and goes to the journal with the next change.
    private void OnHistoryStopped(Instant now)
    {
        _history = ActorRefs.Nobody;
        if (_gossip is null)
        {
            _ready.TrySetException(new DynamoStartException(HistorySentence));
            return;
        }

        Wiring.Say(EventLevel.Error, EventNames.HistoryFailed, "dynamo.ring", HistorySentence);
        foreach (var id in _saving.ToList()) OnWritten(new WriteId(id), new WriteResult(HistorySentence), now);
        Timers.StartSingleTimer(nameof(ReopenHistory), new ReopenHistory(), HistoryPause);
    }

    private sealed record ReopenHistory : INoSerializationVerificationNeeded;
}
