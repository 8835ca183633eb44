namespace Dynamo.Core;

/// <summary>One put at a node that may not coordinate it: handed to the best coordinator, then to the next when that one is silent.</summary>
/// <remarks>
/// When all candidates are silent this node coordinates in their place, as a fallback.
/// A node that has said it accepts is waited for, since trying another could write twice; only when it is found
/// unreachable is the next one tried, and then both writes may appear, as siblings of the same value.
/// An increment that was written twice would count twice, so it is handed over only once a node has given a ticket
/// for it (<see cref="ForwardIncrement"/>), and from then on nobody else is asked unless that node says that it could not
/// begin: silence ends as a time-out that may take effect, never as an acknowledged double count.
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.5 and 6.4.
/// </remarks>
public sealed class PutForwarder
{
    private readonly RequestId _id;
    private readonly PutRequest _request;
    private readonly int _needed;
    private readonly Queue<NodeId> _candidates;
    private readonly Instant _deadline;
    private readonly TimeSpan _acceptTimeout;
    private readonly long? _increment;
    private Instant _acceptDeadline;
    private NodeId _current;
    private bool _accepted;
    private bool _handedOver;
    private Overloaded? _overload;
    private int _answered;

    /// <summary>A put that has not been handed to anybody yet.</summary>
    /// <param name="id">This node's number for it.</param>
    /// <param name="request">The request.</param>
    /// <param name="needed">W, for the outcome when nobody answers.</param>
    /// <param name="candidates">Who may coordinate, best first; this node not among them.</param>
    /// <param name="now">The time.</param>
    /// <param name="timeout">How long the request may take.</param>
    /// <param name="acceptTimeout">How long a candidate may take to say that it accepts.</param>
    /// <param name="increment">What is to be added to a counter, when it is that rather than a put.</param>
    public PutForwarder(
        RequestId id, PutRequest request, int needed, IEnumerable<NodeId> candidates,
        Instant now, TimeSpan timeout, TimeSpan acceptTimeout, long? increment = null)
    {
        _id = id;
        _request = request;
        _needed = needed;
        _candidates = new Queue<NodeId>(candidates);
        _deadline = now + timeout;
        _acceptTimeout = acceptTimeout;
        _increment = increment;
        _acceptDeadline = Instant.Never;
    }

    /// <summary>How the put ended; null while undecided.</summary>
    public Outcome? Outcome { get; private set; }

    /// <summary>Whether every candidate stayed silent or could not begin: whoever is left may coordinate now.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>Those asked so far.</summary>
    public List<NodeId> Asked { get; } = [];

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline => Outcome is not null ? Instant.Never : Instant.Min(_acceptDeadline, _deadline);

    /// <summary>Hands the put to the best candidate.</summary>
    public void Start(Instant now, Effects effects) => TryNext(now, effects);

    /// <summary>A node says that it coordinates the put.</summary>
    public void OnAccepted(NodeId from)
    {
        if (from != _current) return;
        _accepted = true;
        _acceptDeadline = Instant.Never;
    }

    /// <summary>A node lets the increment be handed to it; only the one asked last gets it, and only once.</summary>
    public void OnTicket(NodeId from, ulong ticket, Instant now, Effects effects)
    {
        if (Outcome is not null || _increment is null || _handedOver || from != _current || now >= _deadline) return;
        _handedOver = true;
        _acceptDeadline = Instant.Never;
        effects.Send(from, Increment(ticket, now));
    }

    /// <summary>A node says how the put ended; the first to say so, whoever it is, is believed.</summary>
    public void OnReply(NodeId from, Outcome outcome, Instant now, Effects effects)
    {
        if (Outcome is not null) return;
        // A node that could not begin says so with nothing written, so the next one may be tried without harm. Said twice,
        // it is not the word of the one that is being tried now.
        if (outcome is not (NotReady or Overloaded))
        {
            Outcome = outcome;
        }
        else if (from == _current)
        {
            _answered++;
            if (outcome is Overloaded overload) _overload = overload;
            TryNext(now, effects);
        }
    }

    /// <summary>The view changed: an accepting node that has become unreachable is given up.</summary>
    public void OnView(ClusterView view, Instant now, Effects effects)
    {
        if (Outcome is null && _accepted && !view.IsReachable(_current)) TryNext(now, effects);
    }

    /// <summary>Tells the time.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (Outcome is not null) return;
        var may = _increment is null ? Asked.Count > 0 : _handedOver;
        if (now >= _deadline) Outcome = new TimedOut(QuorumKind.W, _needed, 0, MayTakeEffect: may);
        else if (now >= _acceptDeadline) TryNext(now, effects);
    }

    private void TryNext(Instant now, Effects effects)
    {
        _accepted = _handedOver = false;
        if (!_candidates.TryDequeue(out _current))
        {
            // Whoever was asked last may still answer before the deadline.
            _acceptDeadline = Instant.Never;
            IsExhausted = true;
            // This node could write a hint for an owner that is there and has too much to do, which is more work for both.
            if (_overload is not null && _answered == Asked.Count) Outcome = _overload;
            return;
        }

        Asked.Add(_current);
        _acceptDeadline = now + _acceptTimeout;
        effects.Observe(new Observation.Forwarded(_id, _current));
        effects.Send(
            _current, _increment is null ? new ForwardPut(_id, _request, _deadline - now) : Increment(ticket: 0, now));
    }

    private ForwardIncrement Increment(ulong ticket, Instant now) =>
        new(_id, ticket, new IncrementRequest(_request.Key, _increment!.Value, _request.Options), _deadline - now);
}
