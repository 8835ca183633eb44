using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>What a change of the ring asks of this node's anti-entropy: replicas to be fetched, and rows to be compared before they go.</summary>
/// <remarks>
/// <code>
///   gained (p, n)    an exchange with each old owner ends with nothing left to repair   -> GainsHeld
///   lost (p, n)      an exchange with each present owner does                           -> DropRows
/// </code>
/// A transfer is an exchange: in key order, page by page, key by key acknowledged, limited in rate, gone on with after a crash
/// of either side by comparing again, which finds what is there already. It ends with equal trees, not with a count.
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.7, 4.8.2 and 4.9.
/// Differs: the paper transfers a partition's files; here nothing is copied that the receiver has.
/// </remarks>
internal sealed class TransferList
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private readonly SortedSet<SyncPair> _gains = [];
    private readonly SortedDictionary<PartitionId, SortedSet<SyncPair>> _losses = [];
    private RingVersion? _into;
    private NValSet _nVals;
    private RingVersion? _settled;
    private bool _isHeld;

    /// <summary>When pairs that lost their turn are to be tried again.</summary>
    public Instant RetryAt { get; private set; } = Instant.Never;

    /// <summary>Pairs that are left to compare.</summary>
    public int Left => _gains.Count + _losses.Values.Sum(static pairs => pairs.Count);

    /// <summary>A new view; what the change of rings asks for is taken up.</summary>
    /// <param name="view">The view.</param>
    /// <param name="strays">Partitions of which this node has rows and is no owner, whatever the n_val.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Receives word when nothing is to be fetched.</param>
    public void OnView(ClusterView view, ImmutableArray<PartitionId> strays, Instant now, Effects effects)
    {
        if (view.Rings is not { } rings) return;
        if (rings is { Next: { } next, MayTransfer: true } && (_into?.Digest != next.Digest || _nVals != rings.NVals))
            BeginGains(view, rings, next);
        // A source may be removed as dead long after the ring was asked for that takes something from it.
        _gains.RemoveWhere(pair => rings.Gone.Contains(pair.Peer));
        if (rings.Next is null)
        {
            _into = null;
            _gains.Clear();
        }

        // Who has left hands over whatever comes next; who was removed, or has handed over all, nobody listens to any more.
        var leaves = rings.Leaving.Contains(view.Self);
        if ((rings.Next is null || leaves) && _settled?.Digest != rings.Settled.Digest) BeginLosses(view, rings.Settled, strays);
        if (view.SelfIndex < 0 && !leaves) _losses.Clear();

        RetryAt = Left > 0 ? now : Instant.Never;
        TellWhenHeld(view, effects);
    }

    /// <summary>Whether a change of the ring asks for an exchange.</summary>
    public bool Contains(SyncPair pair) =>
        _gains.Contains(pair) || (_losses.TryGetValue(pair.Partition, out var losses) && losses.Contains(pair));

    /// <summary>An exchange has ended; whether it was a transfer that is not over.</summary>
    public bool OnEnded(ClusterView view, SyncPair pair, bool nothingLeft, Effects effects)
    {
        var wanted = Contains(pair);
        if (!wanted || !nothingLeft) return wanted;
        _gains.Remove(pair);
        if (_losses.TryGetValue(pair.Partition, out var losses) && losses.Remove(pair) && losses.Count == 0)
        {
            _losses.Remove(pair.Partition);
            effects.Send(view.Self, new DropRows(pair.Partition));
        }

        TellWhenHeld(view, effects);
        return false;
    }

    /// <summary>
    /// An exchange that the ring did not ask for may have fetched rows. One that began before the ring changed goes on, and what it brings to a node that has lost the
    /// partition meanwhile was not there when the losses were counted: it is compared before it goes as well.
    /// </summary>
    public void OnFetched(ClusterView view, SyncPair pair, Instant now)
    {
        // While a ring is coming this need not be: when it has come, whatever lies here is counted.
        if (view.Rings is not { Next: null } rings || _losses.ContainsKey(pair.Partition)) return;
        if (view.SelfIndex < 0 && !rings.Leaving.Contains(view.Self)) return;
        if (rings.Settled.Ring.PreferenceList(pair.Partition, pair.NVal).Contains(view.Self)) return;
        Lose(view, rings.Settled, pair.Partition, pair.NVal);
        RetryAt = now;
    }

    /// <summary>Makes all that is left urgent, now and then, since a peer that could not be reached loses its turn.</summary>
    public void OnTime(SyncSchedule schedule, Instant now)
    {
        if (now < RetryAt) return;
        RetryAt = Left > 0 ? now + Again : Instant.Never;
        foreach (var pair in _gains) schedule.Hurry(pair, now);
        foreach (var pairs in _losses.Values)
            foreach (var pair in pairs) schedule.Hurry(pair, now);
    }

    private void BeginGains(ClusterView view, RingState rings, RingVersion next)
    {
        (_into, _nVals) = (next, rings.NVals);
        _isHeld = false;
        _gains.Clear();
        _losses.Clear();
        foreach (var n in _nVals.Values)
        {
            var transition = new RingTransition(rings.Settled.Ring, next.Ring, n);
            foreach (var partition in transition.Gains(view.Self))
                foreach (var source in transition.Before(partition))
                    if (source != view.Self && !rings.Gone.Contains(source)) _gains.Add(new SyncPair(partition, n, source));
        }
    }

    private void BeginLosses(ClusterView view, RingVersion settled, ImmutableArray<PartitionId> strays)
    {
        var before = _settled;
        _settled = settled;
        _losses.Clear();
        foreach (var n in (NValSet.Of(view.Properties) | view.Rings!.NVals).Values)
        {
            if (before is not null)
                foreach (var partition in new RingTransition(before.Ring, settled.Ring, n).Losses(view.Self)) Lose(view, settled, partition, n);
            // Gained and lost again by rings that followed each other at once, or left by an earlier run.
            foreach (var partition in strays) Lose(view, settled, partition, n);
        }
    }

    private void Lose(ClusterView view, RingVersion settled, PartitionId partition, int n)
    {
        if (!_losses.TryGetValue(partition, out var pairs)) _losses.Add(partition, pairs = []);
        foreach (var owner in settled.Ring.PreferenceList(partition, n))
            if (owner != view.Self) pairs.Add(new SyncPair(partition, n, owner));
    }

    private void TellWhenHeld(ClusterView view, Effects effects)
    {
        if (_into is null || _isHeld || _gains.Count > 0) return;
        _isHeld = true;
        effects.Send(view.Self, new GainsHeld(_into.Digest, _nVals));
    }
}
