using Dynamo.Core;

namespace Dynamo.Client;

/// <content>What the router knows of the ring, and what it tells a node about time.</content>
internal sealed partial class RequestRouter
{
    // How often in a row nobody has answered before the contacts are asked as well.
    private const int PatienceWithNodes = 2;

    private Instant _nextAsk;
    private Instant _nextKnock = Instant.Never;
    private Instant _asked;
    private int _unanswered;
    private int _turn;

    /// <summary>The cluster; null until a node has told the ring.</summary>
    public Founding? Founding => _nodes?.Founding;

    /// <summary>The version of the ring that requests are sent by.</summary>
    public ulong RingVersion => _nodes?.Version ?? 0;

    /// <summary>What to ask a node for the ring with.</summary>
    public RingRequest AskForRing() => new(_nodes?.Version);

    /// <summary>A node has told the ring.</summary>
    /// <param name="from">The node; <c>default</c> when it came by way of a receptionist.</param>
    /// <param name="snapshot">The ring.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Receives what to do.</param>
    public void OnRing(NodeId from, RingSnapshot snapshot, Instant now, List<RouterEffect> effects)
    {
        // A contact may belong to another cluster; the ring of the first one that answered stays.
        if (_nodes is { } known && known.Founding != snapshot.Founding) return;
        // An older ring than the one in use still proves that the node lives.
        if ((_nodes is null || snapshot.Version > _nodes.Version) && snapshot.Ring is { } ring)
        {
            _nodes = new NodeDirectory(snapshot, ring, _nodes);
            if (_nodes.HasNewcomers) _nextKnock = now;
        }

        if (_nodes is null) return;
        if (snapshot.Version == _nodes.Version && _nodes.Report(snapshot, now, _settings.NodeTimeout)) _nextKnock = now;
        OnWord(from, now);
        _unanswered = 0;
        _nextAsk = now + _settings.RingRefresh;
        foreach (var routed in _requests.Values.Where(static r => r.AttemptCount == 0).ToList())
            TryNext(routed, now, effects);
    }

    /// <summary>A node works with a ring of this version; one above the own asks for a refresh at once.</summary>
    public void OnRingVersion(ulong version, Instant now)
    {
        if (_nodes is { } nodes && version > nodes.Version) AskSoon(now);
    }

    private void OnWord(NodeId from, Instant now)
    {
        _nodes?.Find(from)?.OnWord(now);
    }

    private void Suspect(NodeId node, Instant now)
    {
        if (_nodes?.Find(node) is not { Suspected: false } health) return;
        health.Suspected = true;
        _nextKnock = Instant.Min(_nextKnock, now + _settings.NodeTimeout);
        AskSoon(now);
    }

    // Not more often than a node has time to answer: a storm of requests to a dead node is one reason, not a thousand.
    private void AskSoon(Instant now)
    {
        var soon = _asked + (_settings.NodeTimeout / 4);
        _nextAsk = Instant.Min(_nextAsk, soon > now ? soon : now);
    }

    private void AskForRing(Instant now, List<RouterEffect> effects)
    {
        _asked = now;
        _nextAsk = now + _settings.NodeTimeout;
        var node = _nodes?.NextHealthy(ref _turn) ?? -1;
        if (node >= 0) effects.Add(new RouterEffect.AskRing(_nodes!.NodeAt(node)));
        if (node < 0 || _unanswered >= PatienceWithNodes) effects.Add(RouterEffect.AskContacts.Instance);
        _unanswered++;
    }

    // Whoever is suspected, is unreachable for the node that told the ring, or has just joined, gets no requests while others can take
    // them; its answer to this is how it comes into use.
    private void KnockAtTheSilent(Instant now, List<RouterEffect> effects)
    {
        _nextKnock = Instant.Never;
        for (var i = 0; i < (_nodes?.Count ?? 0); i++)
        {
            if (_nodes!.HealthOf(i) is { IsGood: true, IsNewcomer: false }) continue;
            Ping(_nodes.NodeAt(i), now, effects);
            _nextKnock = now + _settings.NodeTimeout;
        }
    }

    private void Ping(NodeId node, Instant now, List<RouterEffect> effects)
    {
        if (_nodes?.Find(node) is not { } health || now - health.Pinged < _settings.NodeTimeout / 2) return;
        health.Pinged = now;
        effects.Add(new RouterEffect.AskRing(node));
    }

    // A node is told what is left of the time, less the way back: then it is the node that gives up, and it can say how
    // many replicas it had.
    private static TimeSpan TimeAtNode(TimeSpan left)
    {
        var way = TimeSpan.FromTicks(Math.Min(left.Ticks / 10, TimeSpan.TicksPerMillisecond * 200));
        var rest = left - way;
        return rest > TimeSpan.FromMilliseconds(1) ? rest : TimeSpan.FromMilliseconds(1);
    }

    private ClientRequest Timed(RoutedRequest routed, Instant now)
    {
        var left = routed.Deadline - now;
        var first = routed.AttemptCount == 1 && left >= _settings.Timeout;
        switch (routed.Request)
        {
            case GetRequest get:
                return get with
                {
                    Options = first && ReferenceEquals(get.Options, GetOptions.None)
                        ? _plainGet
                        : get.Options with { Timeout = TimeAtNode(left) },
                };
            case PutRequest put:
                return put with { Options = Timed(put.Options, first, left) };
            case DeleteRequest delete:
                return delete with { Options = Timed(delete.Options, first, left) };
            case IncrementRequest increment:
                return increment with { Options = Timed(increment.Options, first, left) };
            default:
                return routed.Request;
        }
    }

    private PutOptions Timed(PutOptions options, bool first, TimeSpan left) =>
        first && ReferenceEquals(options, PutOptions.None) ? _plainPut : options with { Timeout = TimeAtNode(left) };
}
