using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Gives a node back, out of a backup, what nobody else may have, and nothing that was deleted since.</summary>
/// <remarks>
/// <code>
///   a backup's key                            the others, when asked             what is done
///   written at this node alone                reaped nothing there since         merged: it comes back
///   overwritten or deleted since              have what replaced it              merged: theirs wins
///   deleted since, and its tombstone reaped   know of a later removal            its partition is left out:
///                                                                                they give what they hold
/// </code>
/// The node starts empty, as after the loss of its disk, and the backup lies beside its store, read by nobody else. Per partition every other
/// member says which removal it knows last and promises to carry out none that was agreed on before. When none is later than
/// the backup, its records come in as any replica's would. Until all are in, this node objects to every removal
/// (<see cref="ReapStage.IdleSync"/>), so that none can come between the answers and the rows. A ring that has changed since has other owners,
/// who may know nothing of earlier removals: then all is left out.
/// Source: none; Dynamo (SOSP 2007) says nothing of backups.
/// </remarks>
public sealed class Restoration
{
    private const int PageKeys = 64;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private readonly NodeId _self;
    private readonly INodeStore _backup;
    private readonly Func<RequestId> _nextId;
    private readonly BackupMark? _mark;
    private readonly RestorePages _pages;
    private readonly SortedDictionary<int, bool> _verdicts = [];
    private readonly SortedDictionary<ulong, ReplicaPut> _open = [];
    private readonly SortedDictionary<ulong, NodeId> _asked = [];
    private ImmutableArray<RestoreRow> _page = [];
    private PartitionId _question;
    private ulong _latest;
    private long _taken;
    private ClusterView? _view;

    /// <summary>Over a backup that nobody has looked at yet.</summary>
    /// <param name="self">The node.</param>
    /// <param name="backup">The backup.</param>
    /// <param name="nextId">Numbers for messages that are answered to this machine.</param>
    public Restoration(NodeId self, INodeStore backup, Func<RequestId> nextId)
    {
        _self = self;
        _backup = backup;
        _nextId = nextId;
        _mark = BackupMark.In(backup);
        _pages = new RestorePages(backup);
    }

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>Whether nothing is left to be looked at: the backup may go.</summary>
    public bool IsOver { get; private set; }

    /// <summary>How far it has come.</summary>
    public RestoreProgress Progress => new(
        IsOver, _pages.Partitions, IsOver ? 0 : _pages.PartitionsLeft, _verdicts.Values.Count(static taken => !taken), _taken,
        IsOver ? "" : string.Join(", ", _asked.Values.Distinct()));

    /// <summary>A new view of the cluster.</summary>
    public void OnView(ClusterView view) => _view = view;

    /// <summary>Takes an answer, late and repeated ones are welcome; false when it is none to this machine.</summary>
    public bool OnMessage(NodeId from, Message message, Instant now, Effects effects)
    {
        switch (message)
        {
            case ReapedReply reply:
                if (!_asked.TryGetValue(reply.Id.Value, out var node) || node != from) return true;
                _asked.Remove(reply.Id.Value);
                _latest = Math.Max(_latest, reply.Reaped);
                if (_asked.Count == 0) Judge();
                break;
            case ReplicaPutReply reply when _open.ContainsKey(reply.Id.Value):
                if (!reply.Durable && reply.Refusal != WriteRefusal.Outdated) return true;
                _open.Remove(reply.Id.Value);
                if (reply.Durable) _taken++;
                break;
            default:
                return false;
        }

        if (_asked.Count == 0 && _open.Count == 0) GoOn(now, effects);
        return true;
    }

    /// <summary>Tells the time: what is not answered is asked again.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (IsOver || now < Deadline) return;
        Deadline = now + Again;
        foreach (var (id, node) in _asked) effects.Send(node, new ReapedAsk(new RequestId(id), _question));
        foreach (var put in _open.Values) effects.Send(_self, put);
        if (_asked.Count == 0 && _open.Count == 0) GoOn(now, effects);
    }

    private void GoOn(Instant now, Effects effects)
    {
        Deadline = now + Again;
        // While rings change, or this node does not know its own, nobody can say who the owners are.
        if (_view is not { SelfIndex: >= 0, Other: null } || _view.Rings is { IsAsking: true } or { Absence.Length: > 0 }) return;
        try
        {
            while (!IsOver && _asked.Count == 0 && _open.Count == 0)
            {
                if (_page.IsEmpty) _page = _pages.Next(PageKeys);
                if (_page.IsEmpty)
                {
                    IsOver = true;
                    Deadline = Instant.Never;
                }
                else if (_page.FirstOrDefault(row => !_verdicts.ContainsKey(row.Partition.Index)) is { } unknown) Ask(unknown.Partition, effects);
                else TakeIn(effects);
            }
        }
        catch (StoreFailedException fault)
        {
            effects.Observe(new Observation.StoreFailed($"The backup cannot be read: {fault.Message}"));
        }
    }

    private void Ask(PartitionId partition, Effects effects)
    {
        (_question, _latest) = (partition, 0);
        if (_mark is null || _mark.Node != _self || _mark.Ring != BackupMark.RingOf(_view!))
        {
            _verdicts[partition.Index] = false;
            return;
        }

        foreach (var node in _view!.Ring.Nodes)
        {
            if (node == _self) continue;
            var id = _nextId();
            _asked.Add(id.Value, node);
            effects.Send(node, new ReapedAsk(id, partition));
        }

        if (_asked.Count == 0) Judge();
    }

    // Who remembers less than the backup has lost its store since, and may have forgotten later removals as well.
    private void Judge()
    {
        var known = ReapMark.Of(_backup, _question);
        _verdicts[_question.Index] = _view!.Ring.Nodes.Length == 1 || (_latest <= known.Term && _latest >= known.Reaped);
    }

    private void TakeIn(Effects effects)
    {
        foreach (var row in _page)
        {
            if (!_verdicts[row.Partition.Index]) continue;
            foreach (var owner in OwnersOf(row))
            {
                var put = new ReplicaPut(
                    _nextId(), row.Partition, row.Key, row.Record, owner == _self ? default : owner, PutReason.AntiEntropy);
                _open.Add(put.Id.Value, put);
                effects.Send(_self, put);
            }
        }

        _page = [];
    }

    // An owner keeps its row, and its exchanges tell the other owners; anything else becomes hints here.
    private ImmutableArray<NodeId> OwnersOf(RestoreRow row)
    {
        var owners = _view!.Ring.PreferenceList(row.Partition, _view.PropertiesOf(row.Key.Bucket).NVal);
        var wanted = row.HintFor.IsNone ? _self : row.HintFor;
        return owners.Contains(wanted) ? [wanted] : owners;
    }
}
