using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>A node's anti-entropy: one exchange at a time, chosen by the schedule, its repairs limited in rate and in number.</summary>
/// <remarks>
/// Replicas that missed writes, lost their rows or hold more than the others are brought together by it without a client's
/// help. Source: DeCandia et al., Dynamo (SOSP 2007), section 4.7.
/// </remarks>
public sealed class SyncWorker
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private readonly NodeId _self;
    private readonly NodeSettings _settings;
    private readonly Func<double> _share;
    private readonly SyncSchedule _schedule;
    private readonly Restoration? _restoration;
    private readonly SortedSet<SyncPair> _doubts = [];
    private readonly SortedDictionary<SyncPair, ImmutableArray<Key>> _keys = [];
    private readonly TransferList _transfers = new();
    private ulong _nextId;
    private ClusterView? _view;
    private SyncExchange? _exchange;
    private Instant _silentAt = Instant.Never;
    private Instant _allowanceAt;
    private double _allowance;
    private Instant _moreAt = Instant.Never;
    private int _repairPairs;
    private int _saidLeft;
    private SyncProgress? _repairBegan;
    private SyncProgress _total = new();

    /// <summary>A worker that knows no cluster yet.</summary>
    /// <param name="self">The node.</param>
    /// <param name="settings">Times and limits.</param>
    /// <param name="entropy">Random, so that answers meant for an earlier run of this node fit nothing of this one.</param>
    /// <param name="backup">The backup that the node is being restored from; null for none.</param>
    /// <param name="share">What <see cref="BackgroundPace"/> leaves to it; all of the rate when null.</param>
    public SyncWorker(
        NodeId self, NodeSettings settings, ulong entropy, INodeStore? backup = null, Func<double>? share = null)
    {
        _share = share ?? (static () => 1);
        _self = self;
        _settings = settings;
        var random = new Prng(entropy);
        _nextId = (random.Next() >> 16) | RequestId.SyncBit;
        _schedule = new SyncSchedule(settings, random);
        if (backup is not null) _restoration = new Restoration(self, backup, () => new RequestId(++_nextId));
    }

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline => Instant.Min(_restoration?.Deadline ?? Instant.Never, NextStep);

    /// <summary>How far it has come with the backup that the node is being restored from; null when there is none.</summary>
    public RestoreProgress? Restore => _restoration?.Progress;

    private Instant NextStep => _exchange is not null ? Instant.Min(_silentAt, _moreAt)
        : _keys.Count > 0 ? _schedule.NotBefore
        : Instant.Min(_schedule.Next, _transfers.RetryAt);

    /// <summary>What was done since the process started, and what is left of a repair.</summary>
    public SyncProgress Progress => _total with
    {
        Pairs = _schedule.Pairs,
        PairsOfRepair = _repairPairs,
        TransfersLeft = _transfers.Left,
        PairsLeft = _schedule.Urgent + (_exchange is null ? 0 : 1),
    };

    /// <summary>Pairs that a change of the ring asks to be compared, and that are not done yet.</summary>
    public int TransfersLeft => _transfers.Left;

    /// <summary>A new view of the cluster.</summary>
    /// <param name="view">The view.</param>
    /// <param name="strays">Partitions of which this node has rows and is no owner, whatever the n_val.</param>
    /// <param name="now">The time.</param>
    /// <param name="effects">Receives word when nothing is to be fetched for a coming ring.</param>
    public void OnView(ClusterView view, ImmutableArray<PartitionId> strays, Instant now, Effects effects)
    {
        _schedule.OnView(_view, view, now);
        _view = view;
        _restoration?.OnView(view);
        _transfers.OnView(view, strays, now, effects);
        // Nobody waits out the silence of a peer that is known to be away: the others' turns, a transfer's among them, come sooner.
        if (_exchange is not null && !view.IsReachable(_exchange.Pair.Peer))
        {
            _exchange.TimeOut();
            GoOn(now, effects);
        }

        SayHowFar(effects);
    }

    /// <summary>Compares everything with everybody now, and repairs what differs; returns how many pairs there are.</summary>
    public int Repair(Instant now)
    {
        _schedule.HurryAll(now);
        _repairBegan = _total;
        return _repairPairs = _schedule.Pairs;
    }

    /// <summary>Whether a record of a key may be held in memory here.</summary>
    public bool IsRepairing(Key key) => _exchange?.IsRepairing(key) == true;

    /// <summary>Takes a replica's answer; late and repeated ones are welcome.</summary>
    public void OnMessage(NodeId from, Message message, Instant now, Effects effects)
    {
        switch (message)
        {
            case ReapAsk ask:
                effects.Send(from, ask.Refuse(key => IsRepairing(key) || _restoration is { IsOver: false }));
                return;
            case SyncKeys keys:
                _keys[keys.Pair] = keys.Keys;
                return;
        }

        if (_restoration?.OnMessage(from, message, now, effects) == true || _exchange is null) return;
        _silentAt = now + Silence;
        _exchange.OnMessage(from, message, effects);
        GoOn(now, effects);
    }

    /// <summary>Tells the time.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (_view is null) return;
        _restoration?.OnTime(now, effects);
        if (now < NextStep) return;
        _transfers.OnTime(_schedule, now);
        if (_exchange is null && Next(_view, now, out var keys) is { } pair)
        {
            _exchange = new SyncExchange(_self, pair, () => new RequestId(++_nextId), keys);
            _silentAt = now + Silence;
            _exchange.Start(effects);
        }
        else if (now >= _silentAt)
        {
            _exchange?.TimeOut();
        }

        GoOn(now, effects);
    }

    // Keys that are known to differ go first. They are no comparison of the pair, so they take no turn of the
    // schedule's.
    private SyncPair? Next(ClusterView view, Instant now, out ImmutableArray<Key> keys)
    {
        while (_keys.Count > 0)
        {
            (var pair, keys) = _keys.First();
            _keys.Remove(pair);
            if (view.IsReachable(pair.Peer)) return pair;
        }

        keys = default;
        return _schedule.Take(view, now);
    }

    private void GoOn(Instant now, Effects effects)
    {
        if (_exchange is null) return;
        _moreAt = Instant.Never;
        if (_exchange is { End: null, Waiting: > 0 } && _exchange.UnderWay <= _settings.SyncWindow / 2 && IsAllowed(_exchange.Waiting, now))
            for (; _exchange is { End: null, Waiting: > 0 } && _exchange.UnderWay < _settings.SyncWindow && _allowance >= 1; _allowance--)
                _exchange.RepairNext(effects);
        if (_exchange.End is { } end) Ended(_exchange, end, now, effects);
    }

    // A bucket of tokens, filled at the rate allowed; a burst is a window at most, and half a window unless there are no more: one by
    // one, each key would have its own frames and syncs.
    private bool IsAllowed(int waiting, Instant now)
    {
        var rate = Math.Max(1, _settings.SyncKeysPerSecond * _share());
        var passed = now > _allowanceAt ? (now - _allowanceAt).TotalSeconds : 0;
        _allowance = Math.Min(_settings.SyncWindow, _allowance + (passed * rate));
        _allowanceAt = now;
        var together = Math.Clamp(waiting, 1, Math.Max(1, _settings.SyncWindow / 2));
        if (_allowance >= together) return true;
        _moreAt = now + TimeSpan.FromSeconds(Math.Max(0.001, (together - _allowance) / rate));
        return false;
    }

    private void Ended(SyncExchange exchange, SyncEnd end, Instant now, Effects effects)
    {
        _exchange = null;
        _silentAt = _moreAt = Instant.Never;
        _schedule.Pause(now, _share());
        if (end == SyncEnd.NotReady) _schedule.Hurry(exchange.Pair, now + Again);
        _total = _total with
        {
            Exchanges = _total.Exchanges + (end == SyncEnd.Done ? 1 : 0),
            Failed = _total.Failed + (end == SyncEnd.Failed ? 1 : 0),
            KeysRepaired = _total.KeysRepaired + exchange.Repaired,
        };
        if (end != SyncEnd.NotReady)
            effects.Observe(new Observation.ExchangeEnded(
                exchange.Pair.Partition, exchange.Pair.Peer, end, exchange.Differing, exchange.Repaired));
        if (end == SyncEnd.Done) Doubt(exchange, effects);
        var nothingLeft = end == SyncEnd.Done && exchange is { IsComparison: true } && exchange.Differing == exchange.Repaired;
        var isTransfer = _transfers.Contains(exchange.Pair);
        if (_transfers.OnEnded(_view!, exchange.Pair, nothingLeft, effects)) _schedule.Hurry(exchange.Pair, now + Again);
        // Hurried once more while it was under way; what is dropped for it must not be fetched back.
        else if (nothingLeft) _schedule.Cancel(exchange.Pair);
        if (exchange.Differing > 0 && !isTransfer) _transfers.OnFetched(_view!, exchange.Pair, now);
        SayHowFar(effects);
    }

    // What is left of a change of the ring, when that has changed, and a repair's end.
    private void SayHowFar(Effects effects)
    {
        if (_transfers.Left is var left && left != _saidLeft) effects.Observe(new Observation.TransfersLeft(_saidLeft = left));
        if (_repairBegan is not { } began || _exchange is not null || _schedule.Urgent > 0) return;
        _repairBegan = null;
        effects.Observe(new Observation.RepairEnded(_repairPairs, _total.KeysRepaired - began.KeysRepaired, _total.Failed - began.Failed));
    }

    // Leaves that differ though all their keys agree: writes under way look so, but a second time in a row one of the trees
    // is wrong, and both are built anew.
    private void Doubt(SyncExchange exchange, Effects effects)
    {
        var pair = exchange.Pair;
        if (exchange.Leaves == 0 || exchange.Differing > 0)
        {
            _doubts.Remove(pair);
            return;
        }

        if (!_doubts.Remove(pair))
        {
            _doubts.Add(pair);
            return;
        }

        effects.Send(_self, new TreeDoubt(pair.Partition));
        effects.Send(pair.Peer, new TreeDoubt(pair.Partition));
    }
}

/// <summary>What anti-entropy has done on a node since its process started.</summary>
public sealed record SyncProgress
{
    /// <summary>Pairs of partition replica and other owner that a round compares.</summary>
    public int Pairs { get; init; }

    /// <summary>Pairs that the last repair asked for began with; 0 when none was asked for.</summary>
    public int PairsOfRepair { get; init; }

    /// <summary>Pairs that are to be compared before the round goes on: what is left of a repair.</summary>
    public int PairsLeft { get; init; }

    /// <summary>Pairs that a change of the ring asks to be compared, and that are not done yet.</summary>
    public int TransfersLeft { get; init; }

    /// <summary>Exchanges that came to their end.</summary>
    public long Exchanges { get; init; }

    /// <summary>Exchanges that failed: a side could not read its store or stayed silent.</summary>
    public long Failed { get; init; }

    /// <summary>Keys that differed and on which both sides agreed afterwards.</summary>
    public long KeysRepaired { get; init; }
}
