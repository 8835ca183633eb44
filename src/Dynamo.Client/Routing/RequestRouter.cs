using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>
/// Decides for each request of a client which node gets it, when another one is tried and how it ends; and when to ask
/// for the ring.
/// </summary>
/// <remarks>
/// <code>
///   get, by option --> all owners of the key, when every one is healthy: R that agree are the answer (OwnerAgreement), else
///   request --> first healthy owner of the key, or another one that has less to do; by option, all healthy nodes in turn
///      | then, each time: the next healthy node of the key's preference list
///      | refused before it began (NotReady, Overloaded, Unavailable, nothing written) --> the next healthy one
///      | not a word from the node for NodeTimeout --> it is suspected; the next one, if sending twice is harmless
///      | the deadline --> TimedOut, and for a write that some node was sent: MayTakeEffect
/// </code>
/// Half-way through NodeTimeout a silent node is asked for the ring, which it answers at once: so a node that is slow
/// with one request is told apart from one that is gone, and a slow write is not sent twice.
/// <para>Deterministic and single-threaded: it is told the time and the answers, and returns effects.</para>
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 6.4.
/// </remarks>
internal sealed partial class RequestRouter
{
    private static readonly NotReady Stopped = new("The client has stopped.");
    private readonly RouterSettings _settings;
    private readonly Dictionary<ulong, RoutedRequest> _requests = [];
    private readonly PriorityQueue<ulong, Instant> _wakes = new();
    private readonly GetOptions _plainGet;
    private readonly PutOptions _plainPut;
    private NodeDirectory? _nodes;
    private ulong _nextId;
    private int _anyTurn;

    /// <summary>A router that knows no ring yet.</summary>
    public RequestRouter(RouterSettings settings)
    {
        _settings = settings;
        _plainGet = new GetOptions { Timeout = TimeAtNode(settings.Timeout) };
        _plainPut = new PutOptions { Timeout = TimeAtNode(settings.Timeout) };
    }

    /// <summary>Requests under way.</summary>
    public int InFlight => _requests.Count + _openGets;

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline
    {
        get
        {
            var asking = Instant.Min(_nextAsk, _nextKnock);
            return _wakes.TryPeek(out _, out var wake) ? Instant.Min(asking, wake) : asking;
        }
    }

    /// <summary>Takes a request; it ends in exactly one <see cref="RouterEffect.Done"/>.</summary>
    /// <param name="request">A get, put, delete or increment.</param>
    /// <param name="asker">Given back with the outcome.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Receives what to do.</param>
    /// <param name="coordinate">Whether the client itself coordinates it, when it is a get; null for the setting.</param>
    public void Request(
        ClientRequest request, object asker, Instant now, List<RouterEffect> effects, bool? coordinate = null)
    {
        var (key, asked) = request switch
        {
            GetRequest get => (get.Key, get.Options.Timeout),
            PutRequest put => (put.Key, put.Options.Timeout),
            DeleteRequest delete => (delete.Key, delete.Options.Timeout),
            IncrementRequest increment => (increment.Key, increment.Options.Timeout),
            _ => throw new ArgumentException($"A client sends no {request.GetType().Name}.", nameof(request)),
        };
        var timeout = asked ?? _settings.Timeout;
        if (Refuse(timeout) is { } refusal)
        {
            effects.Add(new RouterEffect.Done(asker, refusal));
            return;
        }

        var deadline = now + timeout;
        if (request is GetRequest read && (coordinate ?? _settings.CoordinateGets) && TryOwners(read, asker, now, deadline, effects))
            return;
        Route(request, key, asker, deadline, now, effects);
    }

    /// <summary>A node has answered.</summary>
    /// <param name="from">The node; <c>default</c> when the answer came by a detour.</param>
    /// <param name="correlation">The number it was sent with.</param>
    /// <param name="outcome">The answer.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Receives what to do.</param>
    public void OnOutcome(NodeId from, ulong correlation, Outcome outcome, Instant now, List<RouterEffect> effects)
    {
        OnWord(from, now);
        if (_gets.TryGetValue(correlation >> RoutedRequest.AttemptBits, out var get))
        {
            OnOwner(get, correlation, outcome, now, effects);
            return;
        }

        // One owner's part is the answer of no request.
        if (outcome is OwnerRead || !_requests.TryGetValue(correlation >> RoutedRequest.AttemptBits, out var routed)) return;
        routed.OnAnswer(correlation);
        if (outcome.IsSuccess || !IsRefusal(routed, outcome))
        {
            End(routed, Doubted(routed, correlation, outcome), effects);
            return;
        }

        routed.Refuse(correlation, outcome);
        // A write that another node may still be busy with waits for that one's answer, unless sending it twice is
        // harmless.
        if (routed.IsOpen && !routed.MayResend(_settings.Resend)) return;
        if (TryNext(routed, now, effects)) return;
        if (routed.IsWrite ? !routed.IsOpen : !routed.AwaitsAny(IsAlive)) End(routed, outcome, effects);
    }

    /// <summary>Tells the time.</summary>
    public void OnTime(Instant now, List<RouterEffect> effects)
    {
        while (_wakes.TryPeek(out var id, out var wake) && wake <= now)
        {
            _wakes.Dequeue();
            if (_gets.TryGetValue(id, out var get) && get.NextLook == wake) LookAt(get, now, effects);
            if (!_requests.TryGetValue(id, out var routed) || routed.NextLook != wake) continue;
            if (now >= routed.Deadline) End(routed, TimeUp(routed), effects);
            else LookAt(routed, now, effects);
        }

        // Last, because what was found silent just now is a reason to ask.
        if (now >= _nextAsk) AskForRing(now, effects);
        if (now >= _nextKnock) KnockAtTheSilent(now, effects);
    }

    /// <summary>Ends every request, because the client stops.</summary>
    public void Stop(List<RouterEffect> effects)
    {
        foreach (var routed in _requests.Values.ToList())
        {
            var mayTakeEffect = routed is { IsWrite: true, IsOpen: true };
            End(routed, mayTakeEffect ? TimeUp(routed) : Stopped, effects);
        }

        foreach (var get in _gets.Values.Where(static g => !g.IsOver).ToList()) Answer(get, Stopped, effects);
    }

    private void Route(
        ClientRequest request, Key key, object asker, Instant deadline, Instant now, List<RouterEffect> effects, NodeId first = default)
    {
        var routed = new RoutedRequest(++_nextId, request, key, deadline, asker) { First = first };
        _requests.Add(routed.Id, routed);
        if (_nodes is null || !TryNext(routed, now, effects)) LookAgain(routed, routed.Deadline);
    }

    private Outcome? Refuse(TimeSpan timeout)
    {
        if (InFlight >= _settings.MaxInFlight)
            return new Overloaded($"The client has {InFlight} requests under way, which is its limit.");
        return timeout < TimeSpan.FromMilliseconds(1) || timeout > TimeSpan.FromHours(1)
            ? new BadRequest("The timeout must be 1 millisecond to 1 hour.")
            : null;
    }

    // Whether the node has done nothing, so that another one may be asked without harm.
    private static bool IsRefusal(RoutedRequest routed, Outcome outcome) => outcome switch
    {
        NotReady or Overloaded => true,
        Unavailable unavailable => !unavailable.MayTakeEffect,
        TimedOut => !routed.IsWrite,
        _ => false,
    };

    // One node says for certain that nothing was written there; of another one that was sent the write nobody knows.
    private static Outcome Doubted(RoutedRequest routed, ulong correlation, Outcome outcome)
    {
        if (!routed.IsWrite || outcome is not TimedOut { MayTakeEffect: false } timedOut) return outcome;
        routed.Refuse(correlation, outcome);
        return timedOut with { MayTakeEffect = routed.IsOpen };
    }

    private bool IsAlive(NodeId node) => _nodes?.Find(node) is { Suspected: false };

    private void LookAt(RoutedRequest routed, Instant now, List<RouterEffect> effects)
    {
        if (_nodes is null || routed.AttemptCount == 0)
        {
            if (_nodes is null || !TryNext(routed, now, effects)) LookAgain(routed, routed.Deadline);
            return;
        }

        var attempt = routed.Last;
        var heard = _nodes.Find(attempt.Node)?.Heard ?? default;
        var quiet = now - (heard > attempt.Sent ? heard : attempt.Sent);
        if (quiet >= _settings.NodeTimeout) Suspect(attempt.Node, now);
        else if (quiet >= _settings.NodeTimeout / 2) Ping(attempt.Node, now, effects);

        // A get loses nothing by being asked twice; a write waits for as long as its node lives.
        var patience = routed.IsWrite ? quiet : now - attempt.Sent;
        var isEnough = patience >= _settings.NodeTimeout && routed.MayResend(_settings.Resend);
        if (isEnough && TryNext(routed, now, effects)) return;
        LookAgain(routed, now + (_settings.NodeTimeout / 4));
    }

    // The first node of the preference list that was not asked yet: the healthy ones first, and when none of them had
    // an opinion, the suspects as well.
    private bool TryNext(RoutedRequest routed, Instant now, List<RouterEffect> effects)
    {
        if (routed.AttemptCount >= _settings.MaxAttempts) return false;
        Span<int> list = stackalloc int[Math.Min(_nodes!.Count, 32)];
        list = list[.._nodes.PreferenceList(routed.Key, list)];
        var first = routed.First.IsNone && routed.AttemptCount == 0 ? FirstOf(routed.Key, list) : routed.First;
        var chosen = _nodes.Find(first) is { IsGood: true } && !routed.HasAsked(first) ? first : default;
        foreach (var index in chosen.IsNone ? list : [])
        {
            var node = _nodes.NodeAt(index);
            if (routed.HasAsked(node)) continue;
            var good = _nodes.HealthOf(index).IsGood;
            if (good || (chosen.IsNone && routed.Refusal is null)) chosen = node;
            if (good) break;
        }

        if (chosen.IsNone) return false;
        var correlation = routed.Begin(chosen, _nodes.Find(chosen)!, now);
        effects.Add(new RouterEffect.Send(chosen, correlation, Timed(routed, now)));
        LookAgain(routed, now + (_settings.NodeTimeout / 2));
        return true;
    }

    private NodeId FirstOf(Key key, ReadOnlySpan<int> list)
    {
        var node = _settings.Routing == RequestRouting.AnyNode
            ? _nodes!.NextHealthy(ref _anyTurn)
            : _nodes!.ChooseOwner(list[..Math.Min(list.Length, NValOf(key.Bucket))]);
        return node >= 0 ? _nodes.NodeAt(node) : default;
    }

    private void LookAgain(RoutedRequest routed, Instant at)
    {
        routed.NextLook = Instant.Min(at, routed.Deadline);
        _wakes.Enqueue(routed.Id, routed.NextLook);
    }

    // Nobody need be woken for a request that has ended: almost every one ends long before a node counts as silent.
    private void ForgetWakes()
    {
        while (_wakes.TryPeek(out var first, out _) && !_requests.ContainsKey(first) && !_gets.ContainsKey(first)) _wakes.Dequeue();
    }

    private void End(RoutedRequest routed, Outcome outcome, List<RouterEffect> effects)
    {
        _requests.Remove(routed.Id);
        routed.Settle();
        ForgetWakes();
        if (routed.Asker is RepairOf repair) _repairs.Remove(repair.Key);
        else effects.Add(new RouterEffect.Done(routed.Asker, outcome));
    }

    private Outcome TimeUp(RoutedRequest routed)
    {
        if (_nodes is null)
            return new NotReady("No node of the cluster has told the ring in time, so the request was not sent.");
        var n = _nodes.Founding.TargetNVal;
        return routed.Request switch
        {
            GetRequest get => new TimedOut(QuorumKind.R, get.Options.R.Resolve(n), 0),
            PutRequest put => new TimedOut(QuorumKind.W, put.Options.W.Resolve(n), 0, routed.IsOpen),
            DeleteRequest delete => new TimedOut(QuorumKind.W, delete.Options.W.Resolve(n), 0, routed.IsOpen),
            IncrementRequest add => new TimedOut(QuorumKind.W, add.Options.W.Resolve(n), 0, routed.IsOpen),
            _ => new TimedOut(QuorumKind.W, 1, 0, routed.IsOpen),
        };
    }
}
