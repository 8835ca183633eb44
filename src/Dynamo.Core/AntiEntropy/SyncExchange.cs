using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>One exchange between two owners: walks both trees to the leaves that differ, then both lists of keys, then repairs key by key.</summary>
/// <remarks>
/// <code>
///   TreeGet level 0, 1, 2      to this node's replica and to the peer's: only below sums that differ
///     -> LeafGet, page by page  both in key order, compared like two sorted lists
///       -> for each key that differs: ReplicaGet from both, ReplicaPut to whoever knows less
/// </code>
/// It asks its own node's replica with the same messages as the peer's, so neither side is special, and any two
/// owners can do it. A hash does not say who is right: what both know is merged, and only a merge is ever written.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.7.
/// </remarks>
internal sealed class SyncExchange
{
    private const int PageEntries = 500;
    private const int MostWaiting = 2 * PageEntries;
    private readonly NodeId _self;
    private readonly Func<RequestId> _nextId;
    private readonly Side _mine, _theirs;
    private readonly Queue<Key> _differing = new();
    private readonly Dictionary<RequestId, KeyRepair> _repairs = [];
    private ImmutableArray<int> _nodes = [0];
    private int _level;
    private int _underWay;

    /// <summary>An exchange over both trees, or over some keys that are known to differ.</summary>
    public SyncExchange(NodeId self, SyncPair pair, Func<RequestId> nextId, ImmutableArray<Key> keys = default)
    {
        _self = self;
        Pair = pair;
        _nextId = nextId;
        _mine = new Side(self);
        _theirs = new Side(pair.Peer);
        IsComparison = keys.IsDefault;
        if (keys.IsDefault) return;
        foreach (var key in keys) _differing.Enqueue(key);
        Differing = keys.Length;
        _mine.IsDone = _theirs.IsDone = true;
    }

    public SyncPair Pair { get; }

    /// <summary>Whether the whole trees are compared, and not some keys alone.</summary>
    public bool IsComparison { get; }

    /// <summary>How it ended; null while it goes on.</summary>
    public SyncEnd? End { get; private set; }

    /// <summary>Leaves that differed.</summary>
    public int Leaves { get; private set; }

    /// <summary>Keys that differed so far.</summary>
    public int Differing { get; private set; }

    /// <summary>Keys on which both agree now, of those that differed.</summary>
    public int Repaired { get; private set; }

    /// <summary>Keys being repaired.</summary>
    public int UnderWay => _underWay;

    /// <summary>Keys that may be asked for next, with <see cref="RepairNext"/>.</summary>
    public int Waiting => _differing.Count;

    public void Start(Effects effects)
    {
        if (_mine.IsDone) Turn(effects);
        else AskTrees(effects);
    }

    public void OnMessage(NodeId from, Message message, Effects effects)
    {
        if (End is not null) return;
        switch (message)
        {
            case TreeGetReply reply when SideOf(from, reply.Id) is { } side:
                OnTrees(side, reply, effects);
                break;
            case LeafGetReply reply when SideOf(from, reply.Id) is { } side:
                OnLeaves(side, reply, effects);
                break;
            case ReplicaGetReply reply when _repairs.Remove(reply.Id, out var repair):
                OnRecord(from, repair, reply, effects);
                break;
            case ReplicaPutReply reply when _repairs.TryGetValue(reply.Id, out var repair):
                if (!reply.Durable && reply.Refusal == WriteRefusal.None) break;
                _repairs.Remove(reply.Id);
                repair.Failed |= reply.Refusal != WriteRefusal.None;
                if (--repair.Open == 0) EndRepair(repair);
                break;
        }
    }

    /// <summary>Begins the repair of the next key that differs.</summary>
    public void RepairNext(Effects effects)
    {
        var repair = new KeyRepair(_differing.Dequeue()) { Open = 2 };
        _underWay++;
        foreach (var node in (ReadOnlySpan<NodeId>)[_self, Pair.Peer])
        {
            var id = _nextId();
            _repairs.Add(id, repair);
            effects.Send(node, new ReplicaGet(id, Pair.Partition, repair.Key));
        }

        Turn(effects);
    }

    /// <summary>Whether a key is being repaired, so that knowledge of it is held in memory here.</summary>
    public bool IsRepairing(Key key) => _repairs.Values.Any(repair => repair.Key.Equals(key));

    public void TimeOut() => End ??= SyncEnd.Failed;

    private Side? SideOf(NodeId from, RequestId id) =>
        from == _mine.Node && _mine.Asked == id ? _mine
        : from == _theirs.Node && _theirs.Asked == id ? _theirs
        : null;

    private void AskTrees(Effects effects)
    {
        foreach (var side in (ReadOnlySpan<Side>)[_mine, _theirs])
        {
            side.Hashes = default;
            side.Asked = _nextId();
            effects.Send(side.Node, new TreeGet(side.Asked, Pair.Partition, Pair.NVal, _level, _nodes));
        }
    }

    private void OnTrees(Side side, TreeGetReply reply, Effects effects)
    {
        side.Asked = default;
        if (reply.Status != TreeStatus.Ready || reply.Hashes.Length != _nodes.Length * MerkleTree.FanOut)
        {
            End = reply.Status == TreeStatus.Building ? SyncEnd.NotReady : SyncEnd.Failed;
            return;
        }

        side.Hashes = reply.Hashes;
        if (_mine.Hashes.IsDefault || _theirs.Hashes.IsDefault) return;
        var differing = ImmutableArray.CreateBuilder<int>();
        for (var i = 0; i < _mine.Hashes.Length; i++)
            if (_mine.Hashes[i] != _theirs.Hashes[i])
                differing.Add((_nodes[i / MerkleTree.FanOut] * MerkleTree.FanOut) + (i % MerkleTree.FanOut));
        _nodes = differing.DrainToImmutable();
        if (_nodes.IsEmpty) End = SyncEnd.Done;
        else if (++_level < MerkleTree.Levels) AskTrees(effects);
        else
        {
            Leaves = _nodes.Length;
            AskLeaves(_mine, effects);
            AskLeaves(_theirs, effects);
        }
    }

    private void AskLeaves(Side side, Effects effects)
    {
        side.Asked = _nextId();
        effects.Send(side.Node, new LeafGet(side.Asked, Pair.Partition, Pair.NVal, _nodes, side.After, PageEntries));
    }

    private void OnLeaves(Side side, LeafGetReply reply, Effects effects)
    {
        side.Asked = default;
        if (reply.Status != TreeStatus.Ready)
        {
            End = reply.Status == TreeStatus.Busy ? SyncEnd.NotReady : SyncEnd.Failed;
            return;
        }

        foreach (var entry in reply.Entries)
        {
            // Out of order it would be compared wrongly; a node that sends that is not to be gone on with.
            if (side.After is not null && entry.Key.CompareTo(side.After) <= 0)
            {
                End = SyncEnd.Failed;
                return;
            }

            side.After = entry.Key;
            side.Entries.Enqueue(entry);
        }

        side.IsDone = reply.Last || reply.Entries.IsEmpty;
        Turn(effects);
    }

    // Compares what both sides have listed, asks for more where a list has run out, and ends when nothing is left.
    private void Turn(Effects effects)
    {
        while (_differing.Count < MostWaiting && _mine.CanCompare && _theirs.CanCompare
            && (_mine.Entries.Count > 0 || _theirs.Entries.Count > 0))
        {
            var order = _mine.Entries.Count == 0 ? 1
                : _theirs.Entries.Count == 0 ? -1
                : _mine.Entries.Peek().Key.CompareTo(_theirs.Entries.Peek().Key);
            var mine = order <= 0 ? _mine.Entries.Dequeue() : null;
            var theirs = order >= 0 ? _theirs.Entries.Dequeue() : null;
            if (mine?.Versions == theirs?.Versions) continue;
            Differing++;
            _differing.Enqueue((mine ?? theirs)!.Key);
        }

        if (_differing.Count < MostWaiting)
            foreach (var side in (ReadOnlySpan<Side>)[_mine, _theirs])
                if (!side.CanCompare && side.Asked == default) AskLeaves(side, effects);
        EndWhenNothingIsLeft();
    }

    private void OnRecord(NodeId from, KeyRepair repair, ReplicaGetReply reply, Effects effects)
    {
        var known = reply.Status == StoreReadStatus.Found ? reply.Record : Record.Empty;
        repair.Failed |= reply.Status == StoreReadStatus.Failed;
        if (from == _self) repair.Mine = known;
        else repair.Theirs = known;
        if (--repair.Open > 0) return;
        var merged = repair.Mine.Merge(repair.Theirs);
        if (!repair.Failed && !merged.Clock.IsEmpty)
        {
            // A damaged row counts as nothing known, so it is written over as well.
            Give(_self, repair.Mine, merged, repair, effects);
            Give(Pair.Peer, repair.Theirs, merged, repair, effects);
        }

        if (repair.Open == 0) EndRepair(repair);
        Turn(effects);
    }

    private void Give(NodeId to, Record known, Record merged, KeyRepair repair, Effects effects)
    {
        if (known.HasSameVersions(merged)) return;
        var id = _nextId();
        _repairs.Add(id, repair);
        repair.Open++;
        effects.Send(to, new ReplicaPut(id, Pair.Partition, repair.Key, merged, default, PutReason.AntiEntropy));
        effects.Observe(new Observation.ExchangeRepaired(to, repair.Key));
    }

    private void EndRepair(KeyRepair repair)
    {
        _underWay--;
        if (!repair.Failed) Repaired++;
        EndWhenNothingIsLeft();
    }

    private void EndWhenNothingIsLeft()
    {
        if (_mine.IsExhausted && _theirs.IsExhausted && _differing.Count == 0 && _underWay == 0) End = SyncEnd.Done;
    }

    private sealed class Side(NodeId node)
    {
        public NodeId Node { get; } = node;
        public RequestId Asked { get; set; }
        public ImmutableArray<ulong> Hashes { get; set; }
        public Queue<LeafEntry> Entries { get; } = new();
        public Key? After { get; set; }
        public bool IsDone { get; set; }
        public bool CanCompare => Entries.Count > 0 || IsDone;
        public bool IsExhausted => Entries.Count == 0 && IsDone;
    }

    private sealed class KeyRepair(Key key)
    {
        public Key Key { get; } = key;
        public Record Mine { get; set; } = Record.Empty;
        public Record Theirs { get; set; } = Record.Empty;
        public int Open { get; set; }
        public bool Failed { get; set; }
    }
}

/// <summary>How an exchange ended.</summary>
public enum SyncEnd
{
    /// <summary>Everything that differed was looked at.</summary>
    Done,

    /// <summary>A tree was not built yet, or a replica was busy: worth trying again soon.</summary>
    NotReady,

    /// <summary>A side failed or stayed silent.</summary>
    Failed,
}
