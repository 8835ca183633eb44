using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Akka.Event;
using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>
/// The client's shell: requests in, batches per node out, and all that is to be decided asked of <see
/// cref="RequestRouter"/>.
/// </summary>
/// <remarks>
/// Requests are gathered per node until the mailbox has drained, then a message to itself flushes them: the number of
/// remote messages is the cost. Answers find their request by number; nothing is asked with Ask, and no node is
/// watched.
/// </remarks>
internal sealed class ClientActor : UntypedActor
{
    private const int MaxTransferBytes = 64 << 20;
    private const long MaxReassemblyBytes = 256L << 20;
    private const int MaxSaid = 16;
    private static readonly TimeSpan ChunkPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);
    private readonly ILoggingAdapter _log = Logging.GetLogger(Context.System, "dynamo.client");
    private readonly ClientClock _clock = new();
    private readonly DynamoClientOptions _options;
    private readonly IReadOnlyList<Address> _contacts;
    private readonly OpenQuestions _questions;
    private readonly RequestRouter _router;
    private readonly List<RouterEffect> _effects = [];
    private readonly SortedDictionary<NodeId, NodeOutbox> _outboxes = [];
    private readonly Dictionary<Address, NodeId> _nodesAt = [];
    private readonly List<NodeOutbox> _dirty = [];
    private readonly WireWriter _writer = new(NodeOutbox.FullBatchBytes + 4096);
    private readonly ChunkAssembler<IActorRef> _assembler = new(MaxTransferBytes, MaxReassemblyBytes, ChunkPatience);
    private readonly SortedSet<string> _said = new(StringComparer.Ordinal);
    private readonly Lanes _lanes = Lanes.Of(Context.System);
    private readonly Action _flush;
    private IActorRef _receptionists = ActorRefs.Nobody;
    private ICancelable? _alarm;
    private Instant _alarmAt = Instant.Never;
    private bool _flushing;

    public ClientActor(DynamoClientOptions options, IReadOnlyList<Address> contacts, OpenQuestions questions)
    {
        var self = Self;
        _flush = () => self.Tell(Flush.Instance, ActorRefs.NoSender);
        _options = options;
        _contacts = contacts;
        _questions = questions;
        _router = new RequestRouter(options.Router);
    }

    private static IActorRefProvider Provider => ((ExtendedActorSystem)Context.System).Provider;

    protected override void PreStart()
    {
        if (_options.UseClusterClient)
            _receptionists = Context.ActorOf(ClusterClient.Props(ClusterClientSettings.Create(Context.System)
                .WithInitialContacts([.. _contacts.Select(ReceptionistAt)])));
        _router.OnTime(_clock.Now, _effects);
        CarryOut();
    }

    private static ActorPath ReceptionistAt(Address contact) => new RootActorPath(contact) / "system" / "receptionist";

    // What is still in the mailbox survives a restart, so only what this instance knows of ends here.
    protected override void PreRestart(Exception reason, object message)
    {
        foreach (var child in Context.GetChildren()) Context.Stop(child);
        EndAll();
    }

    protected override void PostStop()
    {
        EndAll();
        _questions.Close();
    }

    protected override void OnReceive(object message)
    {
        var now = _clock.Now;
        switch (message)
        {
            case Question question:
                _router.Request(question.Request, question, now, _effects, question.Coordinate);
                break;
            case DynamoCommand command:
                _router.Request(command.ToRequest(), new Teller(Sender, command), now, _effects, (command as Get)?.Coordinate);
                break;
            case ClientReplies replies:
                OnReplies(replies.Bytes.Span, now);
                break;
            case ClientChunk chunk:
                _assembler.Add(Sender, chunk.Bytes.Span, now, out var whole, out var error);
                if (error.Length > 0) Say("a chunk", error);
                else if (whole is not null) OnReplies(whole, now);
                break;
            case RingSnapshot snapshot:
                OnRing(snapshot, now);
                break;
            case Flush:
                _flushing = false;
                foreach (var outbox in _dirty) outbox.Flush(_writer, _lanes, Self);
                _dirty.Clear();
                return;
            case Alarm:
                _alarmAt = Instant.Never;
                _assembler.Expire(now);
                _router.OnTime(now, _effects);
                break;
            default:
                Unhandled(message);
                return;
        }

        CarryOut();
    }

    private void OnReplies(ReadOnlySpan<byte> bytes, Instant now)
    {
        var read = ClientCodec.TryRead(
            bytes, out List<(ulong Correlation, Outcome Outcome)> outcomes, out var ringVersion, out var error);
        if (!read) Say("a batch of answers", error);
        var from = Speaker();
        foreach (var (correlation, outcome) in outcomes) _router.OnOutcome(from, correlation, outcome, now, _effects);
        if (read) _router.OnRingVersion(ringVersion, now);
    }

    private void OnRing(RingSnapshot snapshot, Instant now)
    {
        if (_router.Founding is { } founding && founding != snapshot.Founding)
        {
            Say("a ring", $"it is another cluster's, {snapshot.Founding.ClusterName} ({snapshot.Founding.ClusterId})");
            return;
        }

        // An older ring has older addresses, too.
        if (snapshot.Version >= _router.RingVersion) TakeAddresses(snapshot);
        _router.OnRing(Speaker(), snapshot, now, _effects);
    }

    private void TakeAddresses(RingSnapshot snapshot)
    {
        var moved = false;
        foreach (var node in snapshot.Nodes)
        {
            if (!_outboxes.TryGetValue(node.Id, out var outbox)) _outboxes.Add(node.Id, outbox = new NodeOutbox());
            moved |= outbox.MoveTo(node.Address, Provider);
        }

        if (!moved) return;
        _nodesAt.Clear();
        foreach (var (node, outbox) in _outboxes) _nodesAt[outbox.Gateway.Path.Address] = node;
    }

    // The node that the message comes from; none when it came through a receptionist's tunnel.
    private NodeId Speaker() => Sender is { } sender ? _nodesAt.GetValueOrDefault(sender.Path.Address) : default;

    private void CarryOut()
    {
        foreach (var effect in _effects)
        {
            switch (effect)
            {
                case RouterEffect.Send send:
                    Enqueue(_outboxes[send.To], send);
                    break;
                case RouterEffect.Done done:
                    Answer(done);
                    break;
                case RouterEffect.AskRing ask:
                    _outboxes[ask.Node].Gateway.Tell(_router.AskForRing(), Self);
                    break;
                case RouterEffect.AskContacts when _options.UseClusterClient:
                    _receptionists.Tell(
                        new ClusterClient.Send(ClientProtocol.GatewayPath, _router.AskForRing(), localAffinity: true));
                    break;
                case RouterEffect.AskContacts:
                    foreach (var contact in _contacts)
                        NodeOutbox.GatewayAt(contact, Provider).Tell(_router.AskForRing(), Self);
                    break;
            }
        }

        _effects.Clear();
        SetAlarm();
    }

    private void Enqueue(NodeOutbox outbox, RouterEffect.Send send)
    {
        if (outbox.IsEmpty) _dirty.Add(outbox);
        outbox.Add(send.Correlation, send.Request);
        if (outbox.IsFull)
        {
            outbox.Flush(_writer, _lanes, Self);
            _dirty.Remove(outbox);
        }

        if (_flushing || _dirty.Count == 0) return;
        _flushing = true;
        Context.Dispatcher.Schedule(_flush);
    }

    private void Answer(RouterEffect.Done done)
    {
        switch (done.Asker)
        {
            case Question question:
                _questions.End(question, done.Outcome);
                break;
            case Teller teller:
                teller.Sender.Tell(new DynamoReply(teller.Command, done.Outcome), Self);
                break;
        }
    }

    private void EndAll()
    {
        _alarm?.Cancel();
        _router.Stop(_effects);
        foreach (var effect in _effects)
            if (effect is RouterEffect.Done done) Answer(done);
        _effects.Clear();
    }

    // One timer for all: it is set to the earliest deadline, and one that has become needless does nothing when it
    // rings.
    private void SetAlarm()
    {
        var deadline = _router.Deadline;
        if (deadline >= _alarmAt) return;
        _alarm?.Cancel();
        _alarmAt = deadline;
        var sleep = deadline - _clock.Now;
        _alarm = Context.System.Scheduler.ScheduleTellOnceCancelable(
            sleep > ShortestSleep ? sleep : ShortestSleep, Self, Alarm.Instance, ActorRefs.NoSender);
    }

    // Each kind of nonsense once, so that a stranger cannot fill the log.
    private void Say(string what, string why)
    {
        if (_said.Count < MaxSaid && _said.Add($"{what}|{why}"))
            _log.Warning("Refused {0} of {1}: {2}", what, Sender?.Path.Address, why.EndsWith('.') ? why : why + ".");
    }

    private sealed record Teller(IActorRef Sender, DynamoCommand Command);

    private sealed class Flush : INoSerializationVerificationNeeded
    {
        public static readonly Flush Instance = new();
    }

    private sealed class Alarm : INoSerializationVerificationNeeded
    {
        public static readonly Alarm Instance = new();
    }
}
