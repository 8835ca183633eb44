namespace Dynamo.Core;

/// <summary>All requests that one node is coordinating: a table of small machines, one a request, and one deadline for all.</summary>
/// <remarks>Single-threaded. Any number of requests share it; each ends in exactly one <see cref="Effect.Reply"/>.</remarks>
public sealed partial class Coordinator
{
    private readonly NodeId _self;
    private readonly NodeSettings _settings;
    private readonly ContextCodec _contexts;
    private readonly Dictionary<RequestId, Pending> _pending = [];
    private readonly PriorityQueue<RequestId, Instant> _deadlines = new();
    private readonly RecentForwards _forwards = new();
    private readonly IncrementTickets _tickets;
    private ulong _nextId;
    private ulong _awaited;
    private ulong _endedUpTo;
    private int _earlier;
    private int _traced;

    /// <summary>A coordinator that knows no cluster yet; give it a view before the first request.</summary>
    /// <param name="self">The node.</param>
    /// <param name="settings">Times and limits.</param>
    /// <param name="contexts">Reads and makes context tokens.</param>
    /// <param name="entropy">Random, so that answers meant for an earlier run of this node fit no request of this one.</param>
    public Coordinator(NodeId self, NodeSettings settings, ContextCodec contexts, ulong entropy)
    {
        _self = self;
        _settings = settings;
        _contexts = contexts;
        Admission = new AdmissionControl(settings);
        Background = new BackgroundPace(settings);
        _nextId = entropy >> 16;
        _tickets = new IncrementTickets(new Prng(entropy).Next());
    }

    /// <summary>The cluster as last seen; null before <see cref="OnView"/>.</summary>
    public ClusterView? View { get; private set; }

    /// <summary>Requests under way, those included that are answered and still repair or hint.</summary>
    public int InFlight => _pending.Count;

    /// <summary>Requests that nobody has been answered yet; listings, which may last for minutes, are not among them.</summary>
    public int Open { get; private set; }

    /// <summary>How many may be open; a runtime in which requests wait before they get here asks it at its own door as well.</summary>
    public AdmissionControl Admission { get; }

    /// <summary>What the requests here leave to background work.</summary>
    public BackgroundPace Background { get; }

    /// <summary>Writes that wait in the node's store.</summary>
    public Func<int> Backlog { private get; init; } = static () => 0;

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline =>
        Instant.Min(Background.Deadline, _deadlines.TryPeek(out _, out var deadline) ? deadline : Instant.Never);

    /// <summary>A new view of the cluster.</summary>
    public void OnView(ClusterView view, Instant now, Effects effects)
    {
        View = view;
        AwaitEarlier(view.Rings?.Stamp ?? 0);
        SayEnded(effects);
        GoOnWithHeld(now, effects);
        foreach (var (id, pending) in _pending.ToArray())
        {
            if (pending.Forwarder is null) continue;
            pending.Forwarder.OnView(view, now, effects);
            Advance(id, pending, now, effects);
        }
    }

    /// <summary>Takes a client's request and returns the number its answer will bear.</summary>
    /// <param name="request">What the client asks.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Receives what is to be done.</param>
    /// <param name="arrival">When it reached the node; null when that is now. Its deadline counts from now in any case.</param>
    public RequestId Request(ClientRequest request, Instant now, Effects effects, Arrival? arrival = null)
    {
        var id = NextId();
        Begin(id, new ReplyAddress(default, id), request, null, now, effects, arrival);
        return id;
    }

    /// <summary>Whether a request for a key is under way, so that a record of it may be held in memory here.</summary>
    public bool IsBusyWith(Key key) => _pending.Values.Any(pending => key.Equals(pending.PutRequest?.Key ?? pending.Key));

    /// <summary>Takes a message of another node's coordinator or of a replica.</summary>
    public void OnMessage(NodeId from, Message message, Instant now, Effects effects)
    {
        if (_traced > 0) ObserveAnswer(from, message, effects);
        switch (message)
        {
            case ReapAsk ask:
                effects.Send(from, ask.Refuse(IsBusyWith));
                break;
            case ForwardPut forward:
                OnForward(from, forward, now, effects);
                break;
            case ForwardIncrement forward:
                OnForward(from, forward, now, effects);
                break;
            case IncrementTicket ticket when Find(ticket.Id) is { Forwarder: { } forwarder } pending:
                forwarder.OnTicket(from, ticket.Ticket, now, effects);
                Advance(ticket.Id, pending, now, effects);
                break;
            case ReplicaGetReply reply when Find(reply.Id) is { Get: { } get } pending:
                get.OnReply(from, reply, effects);
                if (from == _self) NoteLag(pending, now);
                Advance(reply.Id, pending, now, effects);
                break;
            case ReplicaDigestReply reply when Find(reply.Id) is { Get: { } get } pending:
                get.OnDigest(from, reply, effects);
                Advance(reply.Id, pending, now, effects);
                break;
            case ReplicaGetReply reply when from == _self && Find(reply.Id) is { OwnerRead: { } read } pending:
                read.OnReply(reply, _contexts);
                NoteLag(pending, now);
                Advance(reply.Id, pending, now, effects);
                break;
            case CoordinateWriteReply reply when Find(reply.Id) is { Put: { } put } pending:
                put.OnCoordinated(reply, now, effects);
                // The store's writer is one of the queues.
                if (reply.Copy != CopyState.Issued) NoteLag(pending, now);
                Advance(reply.Id, pending, now, effects);
                break;
            case ReplicaPutReply reply when Find(reply.Id) is { Put: { } put } pending:
                put.OnReply(from, reply, effects);
                Advance(reply.Id, pending, now, effects);
                break;
            case ForwardAccepted accepted when Find(accepted.Id) is { Forwarder: { } forwarder } pending:
                forwarder.OnAccepted(from);
                Advance(accepted.Id, pending, now, effects);
                break;
            case ForwardReply reply when Find(reply.Id) is { Forwarder: { } forwarder } pending:
                forwarder.OnReply(from, reply.Outcome, now, effects);
                Advance(reply.Id, pending, now, effects);
                break;
            case ListPageReply reply when Find(reply.Id) is { List: { } list } pending:
                list.OnReply(from, reply, effects);
                Advance(reply.Id, pending, now, effects);
                break;
        }
    }

    /// <summary>Tells the time.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        Background.OnTime(now);
        while (_deadlines.TryPeek(out var id, out var deadline) && deadline <= now)
        {
            _deadlines.Dequeue();
            if (Find(id) is not { } pending) continue;
            pending.Queued = Instant.Never;
            if (pending.Held is not null && now >= pending.Ends) Answer(pending, new NotReady(AskingSentence), now, effects);
            pending.Get?.OnTime(now, effects);
            pending.OwnerRead?.OnTime(now);
            pending.Put?.OnTime(now, effects);
            pending.Forwarder?.OnTime(now, effects);
            pending.List?.OnTime(now);
            Advance(id, pending, now, effects);
        }
    }

    /// <summary>The node stops: whoever waits is answered, and told when a write may still take effect.</summary>
    public void Stop(Instant now, Effects effects)
    {
        foreach (var (_, pending) in _pending.Where(static p => !p.Value.Answered).OrderBy(static p => p.Key.Value).ToList())
        {
            var begun = pending.Put is not null || pending.Forwarder is not null;
            Answer(
                pending,
                begun ? new Unavailable(QuorumKind.W, pending.W, 0, MayTakeEffect: true) : new NotReady($"{_self} is stopping."),
                now, effects);
        }

        _pending.Clear();
        _traced = 0;
    }

    /// <summary>Throws when a rule of a machine is broken.</summary>
    public void CheckInvariants()
    {
        foreach (var pending in _pending.Values)
        {
            pending.Get?.CheckInvariants();
            pending.Put?.CheckInvariants();
        }
    }

    private RequestId NextId() => new(++_nextId);

    private Pending? Find(RequestId id) => _pending.GetValueOrDefault(id);

    // Puts a request forward after any input: answers it when its outcome is known, goes on to its next stage,
    // removes it when nothing is waited for, and queues its next deadline.
    private void Advance(RequestId id, Pending pending, Instant now, Effects effects)
    {
        if (pending.Get is { Result: { } read } && !pending.Answered) OnRead(id, pending, read, now, effects);
        if (pending.OwnerRead is { Outcome: { } owned } && !pending.Answered) Answer(pending, owned, now, effects);
        if (pending.Put is { Outcome: { } written } put && !pending.Answered)
        {
            if (put.ShouldMoveOn && MoveOn(id, pending, now, effects)) return;
            Answer(pending, Complete(pending, put, written), now, effects);
        }

        if (pending.Forwarder is { IsExhausted: true, Outcome: null } && !pending.Answered && TakeOver(id, pending, now, effects))
            return;
        if (pending.Forwarder is { Outcome: { } forwarded } && !pending.Answered) Answer(pending, forwarded, now, effects);
        if (pending.List is { } list && !pending.Answered)
        {
            foreach (var page in list.TakePages())
                effects.Reply(pending.ReplyTo.Request, page);
            if (list.Outcome is { } ended) Answer(pending, ended, now, effects);
        }

        if (pending.IsFinished)
        {
            _pending.Remove(id);
            ForgetDeadlines();
            if (pending.IsTraced) _traced--;
            if (pending.IsEarlier && --_earlier == 0) SayEnded(effects);
            return;
        }

        var deadline = pending.Deadline;
        if (deadline >= pending.Queued) return;
        pending.Queued = deadline;
        _deadlines.Enqueue(id, deadline);
    }

    // Nobody need be woken for a request that has ended: almost every one ends long before its deadline.
    private void ForgetDeadlines()
    {
        while (_deadlines.TryPeek(out var first, out _) && !_pending.ContainsKey(first)) _deadlines.Dequeue();
    }

    private void Answer(Pending pending, Outcome outcome, Instant now, Effects effects)
    {
        pending.Answered = true;
        if (pending.IsOpen) Open--;
        pending.IsOpen = false;
        if (pending.ReplyTo.Node.IsNone)
        {
            // What was turned away at the door is counted there, and would only blur what the others took; but a trace must have an end.
            if (!pending.IsShed || pending.IsTraced)
                effects.Observe(new Observation.RequestEnded(pending.Operation, outcome, now - pending.Began)
                {
                    Request = pending.ReplyTo.Request,
                    Bytes = pending.PutRequest?.Value?.Body.Length ?? 0,
                    Tally = TallyOf(pending),
                });
            effects.Reply(pending.ReplyTo.Request, outcome);
        }
        else
        {
            effects.Send(pending.ReplyTo.Node, new ForwardReply(pending.ReplyTo.Request, outcome));
            _forwards.Ended(pending.ReplyTo, outcome);
        }
    }

    // What a request meets in this node's own queues is told once a stage.
    private void NoteLag(Pending pending, Instant now)
    {
        if (pending.LagFrom == Instant.Never) return;
        var lag = now - pending.LagFrom;
        pending.LagFrom = Instant.Never;
        Admission.OnLag(lag, Open, now);
        Background.OnLag(lag, Backlog(), now);
    }

    private Outcome Complete(Pending pending, PutCoordinator put, Outcome outcome)
    {
        if (outcome is not Stored) return outcome;
        var (record, written) = put.Result;
        var key = pending.PutRequest!.Key;
        // Nobody has read a counter to add to it, so there is no context to go on from.
        if (pending.Increment is not null && !pending.PutRequest.Options.ReturnBody)
            return new Stored(ReadOnlyMemory<byte>.Empty, []);
        return pending.PutRequest.Options.ReturnBody
            ? new Stored(
                _contexts.Encode(key, new CausalContext(record.Clock, Timestamp: record.LatestTimestamp)), record.Visible(pending.LastWriteWins))
            : new Stored(_contexts.Encode(key, new CausalContext(written, Timestamp: record.LatestTimestamp)), []);
    }

    // What this node says of itself holds for its requests only when those that began before have ended. A listing holds
    // nothing that anybody relies on.
    private void AwaitEarlier(ulong stamp)
    {
        if (stamp <= _awaited) return;
        _awaited = stamp;
        foreach (var pending in _pending.Values)
        {
            if (pending.IsEarlier || pending.List is not null || pending.Held is not null) continue;
            pending.IsEarlier = true;
            _earlier++;
        }
    }

    private void SayEnded(Effects effects)
    {
        if (_earlier > 0 || _awaited <= _endedUpTo) return;
        _endedUpTo = _awaited;
        effects.Send(_self, new RequestsEnded(_awaited));
    }

    // Where an answer goes: to a client of this node (no node named), or to the node that forwarded the request.
    internal readonly record struct ReplyAddress(NodeId Node, RequestId Request);

    private sealed class Pending(string operation, ReplyAddress replyTo, Instant began)
    {
        public string Operation { get; } = operation;
        public ReplyAddress ReplyTo { get; } = replyTo;
        public Instant Began { get; } = began;
        public GetCoordinator? Get { get; set; }
        public OwnerReader? OwnerRead { get; set; }
        public PutCoordinator? Put { get; set; }
        public PutForwarder? Forwarder { get; set; }
        public ListCoordinator? List { get; set; }
        public Key? Key { get; set; }
        public PutRequest? PutRequest { get; set; }
        public DeleteRequest? Delete { get; set; }
        public long? Increment { get; set; }
        public NodeId[] Tried { get; set; } = [];
        public Instant Ends { get; set; }
        public Outcome? Refusal { get; set; }
        public int W { get; set; }
        public int N { get; set; }
        public bool IsTraced { get; init; }
        public bool LastWriteWins { get; set; }
        public bool Answered { get; set; }
        public bool IsEarlier { get; set; }
        public bool IsOpen { get; set; }
        public bool IsShed { get; set; }

        /// <summary>Since when it has been in this node's queues; never when it is not.</summary>
        public Instant LagFrom { get; set; } = Instant.Never;
        public ClientRequest? Held { get; set; }
        public Instant Queued { get; set; } = Instant.Never;

        public bool IsFinished => Answered && (Get?.IsFinished ?? true) && (Put?.IsFinished ?? true);

        public Instant Deadline => Held is not null ? Ends : Instant.Min(
            Instant.Min(Get?.Deadline ?? OwnerRead?.Deadline ?? Instant.Never, Put?.Deadline ?? Instant.Never),
            Instant.Min(Forwarder?.Deadline ?? Instant.Never, List?.Deadline ?? Instant.Never));
    }
}
