using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>One batch of a reaper, from agreement to removal: asks everybody stage by stage, and drops the keys that somebody says no to.</summary>
internal sealed class ReapBatch
{
    private const int MostTries = 10;
    private const int MostPolls = 30;

    private static readonly ReapStage[] Order =
    [
        ReapStage.Agree, ReapStage.Guard, ReapStage.Idle, ReapStage.IdleSync, ReapStage.Fence, ReapStage.Verify,
        ReapStage.Agree, ReapStage.Remove, ReapStage.Release,
    ];

    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);
    private readonly ClusterView _view;
    private readonly Func<RequestId> _nextId;
    private readonly SortedDictionary<int, List<ReapItem>> _items = [];
    private readonly SortedDictionary<int, ImmutableArray<ReapItem>> _guarded = [];
    private readonly SortedDictionary<ulong, Question> _open = [];
    private readonly SortedSet<(int Partition, Key Key)> _refused = [];
    private readonly SortedDictionary<(NodeId Node, int Partition), ulong> _runs = [];
    private readonly SortedDictionary<NodeId, Fence> _fences = [];
    private readonly SortedDictionary<(int Partition, NodeId Node), ulong> _terms = [];
    private int _stage;
    private int _tries;
    private readonly SortedSet<int> _removing = [];

    public ReapBatch(ClusterView view, Func<RequestId> nextId)
    {
        _view = view;
        _nextId = nextId;
    }

    /// <summary>Whether it has come to its end, one way or the other.</summary>
    public bool IsOver { get; private set; }

    /// <summary>When to call <see cref="OnTime"/>.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>Keys let go of by all their owners.</summary>
    public int Removed { get; private set; }

    public bool IsEmpty => _items.Count == 0;

    public int Count { get; private set; }

    private ReapStage Stage => Order[_stage];

    public void Add(PartitionId partition, ImmutableArray<ReapItem> items)
    {
        if (items.IsEmpty) return;
        Count += items.Length;
        _items.Add(partition.Index, [.. items]);
    }

    /// <summary>Begins, or goes on to the next stage.</summary>
    public void Ask(Instant now, Effects effects)
    {
        _open.Clear();
        _tries = 0;
        foreach (var (partition, items) in Stage == ReapStage.Release ? Guarded() : Remaining())
        {
            if (Stage == ReapStage.Guard) _guarded[partition.Index] = items;
            foreach (var node in _view.Ring.Nodes)
            {
                ImmutableArray<ReapItem> theirs = IsForOwners ? [.. items.Where(item => IsOwner(node, partition, item))] : items;
                if (!theirs.IsEmpty) Open(node, partition, theirs);
            }
        }

        Send(now, effects);
    }

    /// <summary>Takes an answer; late and repeated ones are welcome.</summary>
    public void OnReply(NodeId from, ReapReply reply, Instant now, Effects effects)
    {
        if (!_open.TryGetValue(reply.Id.Value, out var question) || question.Node != from) return;
        if (!IsTrustworthy(question, reply))
        {
            Abort(now, effects);
            return;
        }

        if (Stage == ReapStage.Fence && !HasPassed(question.Node, reply)) return;
        _open.Remove(reply.Id.Value);
        List<ReapItem> no = [.. reply.No.Where(i => i >= 0 && i < question.Items.Length).Select(i => question.Items[i])];
        foreach (var item in no) _refused.Add((question.Partition.Index, item.Key));
        // Whom the owners do not agree about is brought together now, for the next time.
        if (Stage == ReapStage.Agree && from != _view.Self)
            foreach (var ofSize in no.GroupBy(static item => item.NVal))
                effects.Send(_view.Self, new SyncKeys(
                    new SyncPair(question.Partition, ofSize.Key, from), [.. ofSize.Select(static item => item.Key)]));

        if (_open.Count == 0) Next(now, effects);
    }

    /// <summary>Tells the time: what is not answered is asked again, and given up in the end.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (IsOver || now < Deadline) return;
        if (++_tries > (Stage == ReapStage.Fence ? MostPolls : MostTries)) Abort(now, effects);
        else Send(now, effects);
    }

    private bool IsForOwners => Stage is ReapStage.Agree or ReapStage.Remove;

    private bool IsOwner(NodeId node, PartitionId partition, ReapItem item) =>
        _view.Ring.PreferenceList(partition, item.NVal).Contains(node);

    private void Open(NodeId node, PartitionId partition, ImmutableArray<ReapItem> items)
    {
        // Where the fence stands is a question about the node; it is asked once.
        if (Stage == ReapStage.Fence)
        {
            items = [];
            if (_open.Values.Any(question => question.Node == node)) return;
        }

        var id = _nextId();
        _open.Add(id.Value, new Question(node, partition, items));
    }

    private void Send(Instant now, Effects effects)
    {
        Deadline = now + AskAgain;
        foreach (var (id, question) in _open)
            effects.Send(question.Node, Ask(new RequestId(id), question));
        if (Stage != ReapStage.Release) return;
        foreach (var partition in _removing)
            foreach (var node in _view.Ring.Nodes)
                effects.Send(node, new ReapedIs(new PartitionId(partition), Number(partition)));
    }

    private Message Ask(RequestId id, Question question)
    {
        if (Stage != ReapStage.Remove) return new ReapAsk(id, Stage, question.Partition, question.Items);
        var partition = question.Partition.Index;
        _removing.Add(partition);
        return new ReapRemove(id, question.Partition, question.Items, _terms[(partition, question.Node)], Number(partition));
    }

    // Above all that anybody has: every member has said at Verify where it stands.
    private ulong Number(int partition) =>
        1 + _terms.Where(term => term.Key.Partition == partition).Max(static term => term.Value);

    // A replica that has lost its guards meanwhile may have let in what it had promised to refuse, and a fence of a new run
    // has another beginning.
    private bool IsTrustworthy(Question question, ReapReply reply)
    {
        var place = (question.Node, question.Partition.Index);
        switch (Stage)
        {
            case ReapStage.Guard:
                _runs[place] = reply.Run;
                return true;
            case ReapStage.Verify:
                _terms[(question.Partition.Index, question.Node)] = (ulong)reply.Number;
                return _runs.GetValueOrDefault(place) == reply.Run;
            case ReapStage.Fence:
                return !_fences.TryGetValue(question.Node, out var first) || first.Run == reply.Run;
            default:
                return true;
        }
    }

    // The first answer says where the fence stood after everybody was idle; two moves later nothing from before passes.
    private bool HasPassed(NodeId node, ReapReply reply)
    {
        if (_fences.TryGetValue(node, out var first)) return reply.Number >= first.Number + 2;
        _fences.Add(node, new Fence(reply.Run, reply.Number));
        return false;
    }

    private void Next(Instant now, Effects effects)
    {
        if (Stage == ReapStage.Remove) Removed = Remaining().Sum(static rest => rest.Items.Length);
        if (Stage == ReapStage.Release) IsOver = true;
        else if (Remaining().Count == 0 && Stage != ReapStage.Remove) Abort(now, effects);
        else
        {
            _stage++;
            Ask(now, effects);
        }
    }

    // Guards are only memory, so nobody waits for their end: it is said once, and they expire.
    private void Abort(Instant now, Effects effects)
    {
        _stage = Order.Length - 1;
        if (_guarded.Count > 0) Ask(now, effects);
        IsOver = true;
        Deadline = Instant.Never;
    }

    private List<(PartitionId Partition, ImmutableArray<ReapItem> Items)> Remaining()
    {
        var rest = new List<(PartitionId, ImmutableArray<ReapItem>)>();
        foreach (var (partition, items) in _items)
        {
            ImmutableArray<ReapItem> kept = [.. items.Where(item => !_refused.Contains((partition, item.Key)))];
            if (!kept.IsEmpty) rest.Add((new PartitionId(partition), kept));
        }

        return rest;
    }

    private List<(PartitionId Partition, ImmutableArray<ReapItem> Items)> Guarded() =>
        [.. _guarded.Select(static guarded => (new PartitionId(guarded.Key), guarded.Value))];

    private sealed record Question(NodeId Node, PartitionId Partition, ImmutableArray<ReapItem> Items);
}
