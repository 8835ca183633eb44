namespace Dynamo.Core;

/// <summary>Turns hints for a node that is no member any more into hints for the present owners of their keys.</summary>
/// <remarks>
/// A node that is leaving does so before it goes, for the owners by the ring that comes, as far as they
/// live.
/// Each goes through this node's own replica, as an own row where it is an owner itself, and the old hint is removed only when
/// all of them are durable. Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.6 and 4.8.
/// </remarks>
public sealed class HintRehoming
{
    private const int AtATime = 32;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly INodeStore _store;
    private readonly SortedDictionary<ulong, Moving> _moving = [];
    private readonly SortedDictionary<ulong, Moving> _removing = [];
    private ClusterView? _view;
    private ulong _nextId;
    private Instant _until;

    /// <summary>Over a node's hints.</summary>
    /// <param name="store">The node's store.</param>
    /// <param name="entropy">Random, so that answers meant for an earlier run of this node fit nothing of this one.</param>
    public HintRehoming(INodeStore store, ulong entropy)
    {
        _store = store;
        _nextId = (entropy >> 16) | RequestId.HandoffBit;
    }

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>A new view: members may have gone.</summary>
    public void OnView(ClusterView view, Instant now)
    {
        _view = view;
        Deadline = MayMove && Orphans().Any() ? now : Instant.Never;
    }

    /// <summary>A hint was stored here, perhaps by a write that began before its owner had gone.</summary>
    public void OnHint(NodeId owner, Instant now)
    {
        if (MayMove && IsOrphan(owner)) Deadline = Instant.Min(Deadline, now + Every);
    }

    /// <summary>Tells the time: some hints are moved.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (now < Deadline || _view is null) return;
        if (now > _until)
        {
            _moving.Clear();
            foreach (var owner in Orphans())
                foreach (var hint in _store.ScanHints(owner, null, AtATime - Math.Min(AtATime, _moving.Count))) Move(hint, effects);
            _until = now + (Every * 10);
        }

        Deadline = Orphans().Any() ? now + Every : Instant.Never;
    }

    /// <summary>This node's own replica has kept a record, or refused to.</summary>
    public void OnReply(ReplicaPutReply reply, Instant now, Effects effects)
    {
        if (!reply.Durable || !_moving.Remove(reply.Id.Value, out var moving) || --moving.Open > 0) return;
        var write = new WriteId(++_nextId);
        _removing.Add(write.Value, moving);
        effects.Write(write, [new StoreChange.RemoveHint(moving.Hint.Owner, moving.Hint.Key, moving.Hint.Stamp)]);
        if (_moving.Count == 0) _until = now;
    }

    /// <summary>A removal is durable, or failed: then the hint stays and is moved again, which does no harm.</summary>
    public void OnWritten(WriteId id, WriteResult result, Effects effects)
    {
        if (_removing.Remove(id.Value, out var moving) && result.Ok) effects.Observe(new Observation.HintDelivered(moving.Hint.Owner));
    }

    private bool MayMove => _view is { SelfIndex: >= 0, Other: null or { SelfIndex: < 0 } };

    private IEnumerable<NodeId> Orphans() => _store.HintOwners().Where(IsOrphan);

    private bool IsOrphan(NodeId owner) => !_view!.Everybody.Contains(owner) || _view.Rings?.Gone.Contains(owner) == true;

    private void Move(Hint hint, Effects effects)
    {
        var ring = (_view!.Other ?? _view).Ring;
        var owners = ring.PreferenceList(hint.Partition, _view.PropertiesOf(hint.Key.Bucket).NVal).RemoveAll(IsOrphan);
        var moving = new Moving(hint) { Open = owners.Length };
        foreach (var owner in owners)
        {
            var id = ++_nextId;
            _moving.Add(id, moving);
            effects.Send(_view.Self, new ReplicaPut(
                new RequestId(id), hint.Partition, hint.Key, hint.Stored.Record, owner == _view.Self ? default : owner, PutReason.Handoff));
        }
    }

    private sealed class Moving(Hint hint)
    {
        public Hint Hint { get; } = hint;
        public int Open { get; set; }
    }
}
