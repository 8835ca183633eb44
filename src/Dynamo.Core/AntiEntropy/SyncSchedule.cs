namespace Dynamo.Core;

/// <summary>Decides which exchange comes next, and when: a round over all pairs in its own time, urgent ones before it.</summary>
/// <remarks>
/// A round takes <see cref="NodeSettings.SyncEvery"/>, its exchanges spread evenly over it. Urgent are all pairs
/// when an administrator asks for a repair, and those with a node that has come back, a while later, so that
/// hints have done their work by then. Source: DeCandia et al., Dynamo (SOSP 2007), section 4.7.
/// </remarks>
public sealed class SyncSchedule
{
    private readonly NodeSettings _settings;
    private readonly Prng _random;
    private readonly SortedSet<(Instant Due, SyncPair Pair)> _urgent = [];
    private readonly Dictionary<SyncPair, Instant> _dueOf = [];
    private List<SyncPair> _pairs = [];
    private Ring? _ring;
    private object? _properties;
    private Instant _nextOfRound = Instant.Never;
    private int _next;

    /// <summary>A schedule that knows no cluster yet.</summary>
    public SyncSchedule(NodeSettings settings, Prng random)
    {
        _settings = settings;
        _random = random;
    }

    /// <summary>Pairs of a full round.</summary>
    public int Pairs => _pairs.Count;

    /// <summary>Pairs that are to be compared before the round goes on.</summary>
    public int Urgent => _urgent.Count;

    /// <summary>When the pause after the last exchange is over.</summary>
    public Instant NotBefore { get; private set; }

    /// <summary>When the next exchange may begin.</summary>
    public Instant Next
    {
        get
        {
            var next = _urgent.Count == 0 ? _nextOfRound : Instant.Min(_urgent.Min.Due, _nextOfRound);
            return next > NotBefore ? next : NotBefore;
        }
    }

    /// <summary>A new view; the round is drawn up anew when owners or sizes have changed.</summary>
    public void OnView(ClusterView? before, ClusterView view, Instant now)
    {
        if (!ReferenceEquals(_ring, view.Ring) || !ReferenceEquals(_properties, view.Properties))
        {
            (_ring, _properties) = (view.Ring, view.Properties);
            _pairs = SyncPair.Of(view);
            // Nodes that start together should not all begin with the same partition.
            _next = _pairs.Count == 0 ? 0 : _random.Below(_pairs.Count);
            if (_nextOfRound == Instant.Never) PlanRound(now);
            // What a change of the ring still asks for is made urgent again by whoever keeps that list.
            foreach (var gone in _dueOf.Keys.Except(_pairs).ToList()) Forget(gone);
        }

        if (_settings.SyncEvery == TimeSpan.Zero) return;
        var due = now + _settings.SyncAfterReturn;
        foreach (var pair in _pairs)
            if (view.IsReachable(pair.Peer) && before?.IsReachable(pair.Peer) != true) Hurry(pair, due);
    }

    /// <summary>Makes a pair urgent from <paramref name="due"/> on.</summary>
    public void Hurry(SyncPair pair, Instant due)
    {
        if (_dueOf.TryGetValue(pair, out var already) && already <= due) return;
        Forget(pair);
        _dueOf.Add(pair, due);
        _urgent.Add((due, pair));
    }

    /// <summary>A pair is urgent no more; its turn in the round stays.</summary>
    public void Cancel(SyncPair pair) => Forget(pair);

    /// <summary>Makes all pairs urgent at once.</summary>
    public void HurryAll(Instant now)
    {
        foreach (var pair in _pairs) Hurry(pair, now);
    }

    /// <summary>The pair whose turn it is; null when none is due. A peer that cannot be reached loses its turn.</summary>
    public SyncPair? Take(ClusterView view, Instant now)
    {
        if (now < Next) return null;
        while (_urgent.Count > 0 && _urgent.Min is var first && first.Due <= now)
        {
            Forget(first.Pair);
            if (view.IsReachable(first.Pair.Peer)) return first.Pair;
        }

        if (now < _nextOfRound) return null;
        PlanRound(now);
        for (var tried = 0; tried < _pairs.Count; tried++)
        {
            var pair = _pairs[_next];
            _next = _next + 1 == _pairs.Count ? 0 : _next + 1;
            if (view.IsReachable(pair.Peer)) return pair;
        }

        return null;
    }

    /// <summary>An exchange has ended: the next one waits a little, and longer with a smaller <paramref name="share"/> of the rate.</summary>
    public void Pause(Instant now, double share = 1) => NotBefore = now + (_settings.SyncPause / share);

    private void PlanRound(Instant now) => _nextOfRound = _settings.SyncEvery == TimeSpan.Zero || _pairs.Count == 0
        ? Instant.Never
        : now + TimeSpan.FromTicks(Math.Max(_settings.SyncEvery.Ticks / _pairs.Count, TimeSpan.TicksPerMillisecond));

    private void Forget(SyncPair pair)
    {
        if (_dueOf.Remove(pair, out var due)) _urgent.Remove((due, pair));
    }
}
