namespace Dynamo.Core;

/// <summary>Lets go of tombstones, and shortens clocks that have grown long, once nothing older is left anywhere in the cluster.</summary>
/// <remarks>
/// <code>
///   what an old version of a key could hide in     how it is excluded                          stage
///   an owner's row                                 each owner holds this record, durably       Agree
///   a hint, at any node                            none is there, and none is let in           Guard
///   a request or an exchange under way             no node has one for the key                 Idle, IdleSync
///   a message under way                            everybody's fence moves twice: what was     Fence
///                                                  sent before is refused
///   a node that forgot its promise meanwhile       everybody is asked again                    Verify, Agree
///   -> the owners remove the row, in any order, at any time                                    Remove
/// </code>
/// Each stage begins when everybody has answered the one before. From the end of Agree no owner says anything older than
/// the record; from the end of Guard no node takes anything older in; from the end of Idle nobody holds anything older
/// in memory; and with the second move of the last fence nothing older is left anywhere, so nothing can bring it
/// back, and the record, whose only use was to say that it is old, has none. Every member of the ring must answer:
/// while one is away nothing is reaped, however long that takes, and no clock is trusted. A node that loses its
/// store loses what is old as well. A removal that comes late or twice does no harm: what was certain stays certain.
/// A value's record is treated alike when its clock has more than <see cref="NodeSettings.PruneAbove"/> ranges; then what
/// is removed is all that the clock knows besides the dots of the values that are left.
/// The first owner of a partition does it for the partition.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.4 cuts the oldest entries of a clock and accepts what may
/// come back; deletion is not described there.
/// </remarks>
public sealed class Reaper
{
    private const int MostPartitions = 64;
    private readonly NodeSettings _settings;
    private readonly Func<double> _share;
    private int _most;
    private ulong _nextId;
    private ClusterView? _view;
    private List<PartitionId> _own = [];
    private int _next;
    private int _gathering;
    private ulong _gatheredFrom;
    private ReapBatch? _batch;
    private bool _begun;
    private Instant _nextRound;

    /// <summary>A reaper that knows no cluster yet.</summary>
    /// <param name="settings">How often, how much at a time.</param>
    /// <param name="entropy">Random, so that answers meant for an earlier run of this node fit nothing of this one.</param>
    /// <param name="share">What <see cref="BackgroundPace"/> leaves to it; whole batches when null.</param>
    public Reaper(NodeSettings settings, ulong entropy, Func<double>? share = null)
    {
        _share = share ?? (static () => 1);
        _settings = settings;
        _nextId = entropy >> 16;
    }

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline => _begun ? _batch!.Deadline : _settings.ReapEvery == TimeSpan.Zero ? Instant.Never : _nextRound;

    /// <summary>A new view of the cluster.</summary>
    public void OnView(ClusterView view)
    {
        if (!ReferenceEquals(_view?.Ring, view.Ring))
        {
            _own = [];
            for (var p = 0; p < view.Ring.PartitionCount; p++)
                if (view.Ring.OwnerOf(new PartitionId(p)) == view.Self) _own.Add(new PartitionId(p));
            _next = 0;
        }

        _view = view;
    }

    /// <summary>Takes an answer; late and repeated ones are welcome.</summary>
    public void OnMessage(NodeId from, Message message, Instant now, Effects effects)
    {
        switch (message)
        {
            case ReapCandidatesReply reply when !_begun && _gathering > 0 && reply.Id.Value > _gatheredFrom:
                _gathering--;
                if (_batch!.Count < _most) _batch.Add(reply.Partition, reply.Items);
                if (_gathering > 0) break;
                if (_batch.IsEmpty) _batch = null;
                else
                {
                    _begun = true;
                    _batch.Ask(now, effects);
                }

                break;
            case ReapReply reply when _begun:
                _batch!.OnReply(from, reply, now, effects);
                break;
        }

        GoOn(now, effects);
    }

    /// <summary>Tells the time.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (_view is null || now < Deadline) return;
        if (_begun) _batch!.OnTime(now, effects);
        else Gather(now, effects);
        GoOn(now, effects);
    }

    private void Gather(Instant now, Effects effects)
    {
        _nextRound = now + _settings.ReapEvery;
        _most = Math.Max(1, (int)(_settings.ReapBatch * _share()));
        _batch = null;
        if (_own.Count == 0 || !EverybodyIsThere()) return;
        _batch = new ReapBatch(_view!, () => new RequestId(++_nextId));
        _gathering = Math.Min(MostPartitions, _own.Count);
        _gatheredFrom = _nextId;
        for (var i = 0; i < _gathering; i++)
        {
            effects.Send(_view!.Self, new ReapCandidates(new RequestId(++_nextId), _own[_next]));
            _next = (_next + 1) % _own.Count;
        }
    }

    private void GoOn(Instant now, Effects effects)
    {
        if (!_begun || !_batch!.IsOver) return;
        if (_batch.Removed > 0) effects.Observe(new Observation.Reaped(_batch.Removed));
        // With a full batch there is more to do.
        if (_batch.Removed >= _most) _nextRound = now;
        _batch = null;
        _begun = false;
    }

    private bool EverybodyIsThere()
    {
        // By the other ring there are other owners, and whoever is leaving may hold anything: they have not agreed to anything.
        if (_view!.Other is not null || _view.Rings is { Leaving.IsEmpty: false }) return false;
        for (var i = 0; i < _view!.Ring.Nodes.Length; i++)
            if (!_view.IsReachable(i)) return false;
        return true;
    }
}
