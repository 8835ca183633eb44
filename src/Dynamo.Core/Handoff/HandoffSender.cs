namespace Dynamo.Core;

/// <summary>Delivers the hints for one owner: in key order, a window at a time, in even portions, removed when acknowledged.</summary>
/// <remarks>
/// A hint leaves only when it is durable here: it may bear a dot of this store, and a dot that is out in the world while a
/// crash takes the row and the lease that know of it could be issued or claimed again. So a page is read, then it is
/// asked when all that was read is durable, then it is sent, a few hints at a time, as <see cref="HandoffPace"/> allows.
/// A hint is removed only after the owner has said that the record is durable there, and only if it has not grown
/// meanwhile. Silence or refusal stops the delivery, which begins again after a pause that doubles up to 30 s.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.6.
/// </remarks>
public sealed class HandoffSender
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private readonly INodeStore _store;
    private readonly NodeSettings _settings;
    private readonly Dictionary<ulong, Sent> _underWay = [];
    private readonly Dictionary<WriteId, ulong> _removing = [];
    private readonly HandoffPace _pace;

    // Read and not yet sent. What has grown meanwhile is sent as it was, stays for its stamp, and is sent again.
    private readonly Queue<Hint> _page = [];
    private WriteId _pageDurable;
    private bool _pageIsDurable;
    private Instant _pageAsked;
    private ulong _nextId;
    private bool _reachable;
    private Key? _cursor;
    private TimeSpan _pause = FirstPause;
    private Instant _notBefore;

    /// <summary>A sender for one owner.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="store">The node's store.</param>
    /// <param name="settings">Window and rate.</param>
    /// <param name="entropy">Random, so that answers meant for an earlier run of this node fit nothing of this one.</param>
    /// <param name="share">What <see cref="BackgroundPace"/> leaves to it; all of the rate when null.</param>
    public HandoffSender(NodeId owner, INodeStore store, NodeSettings settings, ulong entropy, Func<double>? share = null)
    {
        Owner = owner;
        _store = store;
        _settings = settings;
        _pace = new HandoffPace(settings.HandoffPerSecond, share);
        _nextId = (entropy >> 16) | RequestId.HandoffBit;
    }

    /// <summary>The node the hints are intended for.</summary>
    public NodeId Owner { get; }

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>The view changed, or a hint for the owner has been stored here.</summary>
    public void OnReachability(bool reachable, Instant now, Effects effects)
    {
        if (reachable && !_reachable)
        {
            _pause = FirstPause;
            _notBefore = now;
            _pace.Restart();
        }

        if (!reachable) _page.Clear();
        _reachable = reachable;
        Fill(now, effects);
    }

    /// <summary>The owner's answer to a record.</summary>
    public void OnReply(ReplicaPutReply reply, Instant now, Effects effects)
    {
        if (!_underWay.TryGetValue(reply.Id.Value, out var sent) || sent.IsRemoving) return;
        if (reply.Refusal != WriteRefusal.None)
        {
            Pause(now);
            return;
        }

        if (!reply.Durable) return;
        _pace.OnAcknowledged(now - sent.At);
        _underWay[reply.Id.Value] = sent with { IsRemoving = true };
        var write = new WriteId(reply.Id.Value);
        _removing.Add(write, reply.Id.Value);
        _pause = FirstPause;
        effects.Write(write, [new StoreChange.RemoveHint(Owner, sent.Key, sent.Stamp)]);
    }

    /// <summary>
    /// What was read is durable and may leave; or the removal of a hint is, and if that failed, the hint stays and will be
    /// delivered again, which does no harm.
    /// </summary>
    public void OnWritten(WriteId id, WriteResult result, Instant now, Effects effects)
    {
        if (_page.Count > 0 && !_pageIsDurable && id == _pageDurable)
        {
            _pageIsDurable = result.Ok;
            if (!result.Ok) Pause(now);
            Fill(now, effects);
            return;
        }

        if (!_removing.Remove(id, out var sent)) return;
        _underWay.Remove(sent);
        if (result.Ok) effects.Observe(new Observation.HintDelivered(Owner));
        Fill(now, effects);
    }

    /// <summary>Tells the time.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (now < Deadline) return;
        foreach (var sent in _underWay.Values)
        {
            if (Until(sent) > now) continue;
            Pause(now);
            break;
        }

        // A question to the store that was lost with a failing step is asked again.
        if (_page.Count > 0 && !_pageIsDurable && now - _pageAsked > LongestPause) Pause(now);
        Fill(now, effects);
    }

    // Everything not answered goes back to the store's order and is sent again after the pause.
    private void Pause(Instant now)
    {
        foreach (var (id, sent) in _underWay)
            if (!sent.IsRemoving) _underWay.Remove(id);
        _page.Clear();
        _pace.Restart();
        _cursor = null;
        _notBefore = now + _pause;
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, LongestPause.Ticks));
    }

    private void Fill(Instant now, Effects effects)
    {
        try
        {
            if (_reachable && now >= _notBefore)
            {
                if (_page.Count > 0 && _pageIsDurable) Send(now, effects);
                if (_page.Count == 0) Read(now, effects);
            }
        }
        catch (StoreFailedException fault)
        {
            effects.Observe(new Observation.StoreFailed(fault.Message));
            Pause(now);
        }

        Deadline = NextDeadline(now);
    }

    private void Read(Instant now, Effects effects)
    {
        // No more than a second's worth: what is read early may have grown by the time it leaves.
        var room = Math.Min(_settings.HandoffWindow - _underWay.Count, _settings.HandoffPerSecond);
        if (!HasRoom || _store.HintCount(Owner) <= _underWay.Count) return;
        var hints = _store.ScanHints(Owner, _cursor, room);
        if (hints.Count == 0 && _cursor is not null) hints = _store.ScanHints(Owner, _cursor = null, room);
        if (hints.Count == 0) return;
        _cursor = hints[^1].Key;
        foreach (var hint in hints)
            if (!_underWay.Values.Any(sent => sent.Stamp == hint.Stamp)) _page.Enqueue(hint);
        if (_page.Count == 0) return;
        _pageIsDurable = false;
        _pageAsked = now;
        _pageDurable = new WriteId(++_nextId);
        effects.Write(_pageDurable, []);
    }

    private void Send(Instant now, Effects effects)
    {
        if (!HasRoom) return;
        var count = Math.Min(_page.Count, Math.Min(_settings.HandoffWindow - _underWay.Count, _pace.Allowed(now)));
        if (count <= 0) return;
        _pace.OnSent(count, now);
        for (; count > 0; count--)
        {
            var hint = _page.Dequeue();
            var id = ++_nextId;
            _underWay.Add(id, new Sent(hint.Key, hint.Stamp, now));
            effects.Send(Owner, new ReplicaPut(
                new RequestId(id), hint.Partition, hint.Key, hint.Stored.Record, default, PutReason.Handoff));
        }
    }

    // Half a window, or they would trickle out one by one, each as another has come back.
    private bool HasRoom => (_settings.HandoffWindow - _underWay.Count) * 2 >= _settings.HandoffWindow;

    private Instant Until(Sent sent) => sent.IsRemoving ? Instant.Never : sent.At + (_settings.ReplicaTimeout * 4);

    private Instant NextDeadline(Instant now)
    {
        if (!_reachable || _store.HintCount(Owner) == 0) return Instant.Never;
        if (now < _notBefore) return _notBefore;
        var next = now + TimeSpan.FromSeconds(1);
        foreach (var sent in _underWay.Values) next = Instant.Min(next, Until(sent));
        if (_page.Count > 0 && _pageIsDurable && HasRoom) next = Instant.Min(next, _pace.Next);
        return next > now ? next : now + TimeSpan.FromSeconds(1);
    }

    // At is when it left.
    private sealed record Sent(Key Key, ulong Stamp, Instant At, bool IsRemoving = false);
}
