using System.Runtime.InteropServices;

namespace Dynamo.Core;

// What a replica does besides serving requests: its hash trees, and its part in reaping.
public sealed partial class Replica
{
    private readonly LeaseComparison _comparison = new();
    private readonly Queue<(NodeId From, CoordinateWrite Write)> _waitingForLease = new();

    private bool _hasEnded;

    private const int DropPage = 100;
    private static readonly TimeSpan DropAgain = TimeSpan.FromSeconds(1);
    private readonly SortedSet<ulong> _drops = [];
    private Instant _dropAt = Instant.Never;
    private Instant _lastDrop;
    private Key? _dropped;

    // The highest counter of every generation met in a record of the partition.
    private readonly Dictionary<ReplicaId, ulong> _highest = [];

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline => _waitingForLease.Count > 0 && _comparison.Verdict is not null
        ? default
        : Instant.Min(_dropAt, Instant.Min(_trees.Deadline, _comparison.Deadline));

    /// <summary>
    /// Begins: over a store that was not closed in order the lease of a new generation is written now, and not with the first
    /// put, which would wait for it.
    /// </summary>
    public void Start(Effects effects)
    {
        try
        {
            if (_store.Lease(_partition) is { IsSealed: false } && Dots.LeaseAhead(effects) is { } lease)
                Write([new StoreChange.PutLease(_partition, lease)], new Waiting(_self, null, lease), effects);
        }
        catch (StoreFailedException fault)
        {
            // The first put will tell whoever asks for it.
            effects.Observe(new Observation.StoreFailed(fault.Message));
        }
    }

    /// <summary>A new view of the cluster.</summary>
    public void OnView(ClusterView view)
    {
        _view = view;
        _trees.OnView(view);
    }

    /// <summary>Tells the time.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        _trees.OnTime(now, effects);
        if (now >= _dropAt) Drop(now, effects);
        _comparison.OnTime(now);
        GoOnWithLease(now, effects);
    }

    /// <summary>The node stops in order, with every write handed to the store: what is to be written last.</summary>
    public StoreChange? Seal() => _dots?.Seal is { } seal && !IsForgetful ? new StoreChange.PutLease(_partition, seal) : null;

    // No dot is drawn from a lease that an earlier run has left before the other owners were asked what they know of it.
    private bool MustWait(NodeId from, CoordinateWrite write, Instant now, Effects effects)
    {
        if (_comparison.Verdict is not null) return false;
        if (!_comparison.HasBegun)
        {
            if (_store.Lease(_partition) is not { IsSealed: true } lease) _comparison.Skip();
            else _comparison.Begin(
                _view, _partition, lease, new RequestId(_random.Next() | 1), now + _settings.ReplicaTimeout, effects);
            EndWhenInDoubt(effects);
            if (_comparison.Verdict is not null) return false;
        }

        _waitingForLease.Enqueue((from, write));
        return true;
    }

    // One write a step: what it changes is in the store only when the step is over, and the next one must build on it.
    private void GoOnWithLease(Instant now, Effects effects)
    {
        if (_waitingForLease.Count == 0 || _comparison.Verdict is null) return;
        EndWhenInDoubt(effects);
        var (from, write) = _waitingForLease.Dequeue();
        OnMessage(from, write, now, effects);
    }

    private void EndWhenInDoubt(Effects effects)
    {
        if (_comparison.Verdict is not { Length: > 0 } doubt || _hasEnded) return;
        _hasEnded = true;
        Dots.End(doubt, effects);
    }

    private void SeeRow(Key key, Record record, Instant now)
    {
        See(record.Clock);
        _reaping.See(key, record, now);
    }

    private void See(VersionVector clock)
    {
        foreach (ref readonly var range in clock.Ranges)
        {
            ref var highest = ref CollectionsMarshal.GetValueRefOrAddDefault(_highest, range.Replica, out _);
            highest = Math.Max(highest, range.Last);
        }
    }

    private void OnUpkeep(NodeId from, Message message, Instant now, Effects effects)
    {
        switch (message)
        {
            case TreeGet or LeafGet or TreeDoubt:
                _trees.OnMessage(from, message, now, effects);
                break;
            case DropRows when from == _self:
                (_dropAt, _dropped) = (now, null);
                break;
            case LeaseAsk ask:
                var highest = _highest.GetValueOrDefault(new ReplicaId(from, ask.Generation));
                effects.Send(from, new LeaseReply(ask.Id, _partition, highest, _trees.HasScanned));
                break;
            case LeaseReply reply:
                _comparison.OnReply(from, reply, _store.Lease(_partition)?.LeasedUpTo ?? 0);
                GoOnWithLease(now, effects);
                break;
            case ReapCandidates candidates when from == _self:
                effects.Send(from, _reaping.Candidates(candidates, _view, now));
                break;
            case ReapRemove remove:
                Remove(from, remove, now, effects);
                break;
            case ReapedAsk or ReapedIs:
                OnReaped(from, message, effects);
                break;
            case ReapAsk ask:
                effects.Send(from, _reaping.Answer(ask, now));
                break;
        }
    }

    // A page of rows a step, damaged ones too, as long as the ring is the one that has made them needless.
    private void Drop(Instant now, Effects effects)
    {
        (_dropAt, _lastDrop) = (Instant.Never, now);
        if (_view is not { Other: null } && _view?.Rings?.Leaving.Contains(_self) != true) return;
        IReadOnlyList<(Key Key, bool IsDeleted)> page;
        try
        {
            page = _store.ScanKeys(_partition, null, _dropped, DropPage);
        }
        catch (StoreFailedException fault)
        {
            effects.Observe(new Observation.StoreFailed(fault.Message));
            _dropAt = now + DropAgain;
            return;
        }

        var changes = new List<StoreChange>();
        foreach (var (key, _) in page)
        {
            _dropped = key;
            if (_view!.Ring.PreferenceList(_partition, _view.PropertiesOf(key.Bucket).NVal).Contains(_self)) continue;
            changes.Add(new StoreChange.RemoveRecord(_partition, key));
            _reaping.See(key, Record.Empty, now);
        }

        if (changes.Count > 0)
        {
            // Of keys of another n_val it may be an owner still.
            _trees.Drop();
            var id = new WriteId(++_nextWrite);
            _drops.Add(id.Value);
            effects.Write(id, changes);
        }

        if (page.Count > 0) _dropAt = now;
    }

    // A change of an own row is on its way to the store.
    private void Changed(Key key, Record before, Record after, Instant now)
    {
        _trees.OnChange(key, before, after);
        _reaping.See(key, after, now);
    }

    // What was queued behind a failed write fails as well, so what the store holds now is not what the trees were told.
    private void OnWriteFailed(string error, Effects effects)
    {
        effects.Observe(new Observation.StoreFailed(error));
        _trees.Drop();
    }
}
