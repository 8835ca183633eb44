using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>A node's part in the membership: the history, how far everybody has come with it, and which rings follow for this node.</summary>
/// <remarks>
/// Nothing here is decided by one node for others. Each looks at the history and at what all participants have said, and takes
/// its next step when theirs allow it: hold the history, hold what it gains, read by the coming ring, write by it alone
/// (<see cref="RingState"/>). A participant that is away holds the way up, never the requests.
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.8.1, 4.8.2 and 4.9.
/// Differs: the paper does not say when a node may rely on another one's view; here a ring is read by only when all nodes
/// write under it.
/// </remarks>
public sealed class Membership
{
    /// <summary>The name of the cell that it is kept in.</summary>
    public const string Cell = "membership";

    private readonly NodeId _self;
    private readonly NodeSettings _settings;
    private readonly Prng _random;
    private readonly Dictionary<WriteId, Standing> _writing = [];
    private ImmutableSortedDictionary<NodeId, Standing> _standings = ImmutableSortedDictionary<NodeId, Standing>.Empty;
    private Standing _mine;
    private RingOwners? _snapshot;
    private ulong _nextWrite;
    private ulong _held;

    /// <summary>A membership over what the node remembers.</summary>
    /// <param name="self">The node; it need not be a member.</param>
    /// <param name="founding">The cluster.</param>
    /// <param name="kept">The bytes of its cell; null when there are none.</param>
    /// <param name="settings">How often to gossip.</param>
    /// <param name="entropy">Random.</param>
    public Membership(NodeId self, Founding founding, ReadOnlyMemory<byte>? kept, NodeSettings settings, ulong entropy)
    {
        _self = self;
        _settings = settings;
        _random = new Prng(entropy);
        History = MembershipHistory.Of(founding);
        _mine = new Standing(self, 0, History.Digest, 0, 0, 0);
        if (kept is { } bytes) Recall(bytes);
        _standings = _standings.SetItem(self, _mine);
        State = Look();
    }

    /// <summary>Everything ever committed, as merged so far.</summary>
    public MembershipHistory History { get; private set; }

    /// <summary>Which rings this node works by.</summary>
    public RingState State { get; private set; }

    /// <summary>Answers which n_vals are in use: replicas move for each of them. The standard one when nobody sets it.</summary>
    public Func<IEnumerable<int>> Sizes { get; init; } = static () => [BucketProperties.Standard.NVal];

    /// <summary>Changes that were asked for here and not committed yet.</summary>
    public StagedChanges Staged { get; } = new();

    /// <summary>Answers for whom this node keeps hints: one that leaves delivers them first. None when nobody sets it.</summary>
    public Func<IEnumerable<NodeId>> HintOwners { get; init; } = static () => [];

    /// <summary>Answers how much this node's store has of each partition; null, as when nobody sets it, when it does not count.</summary>
    public Func<ImmutableSortedDictionary<PartitionId, PartitionSize>?> StoreSizes { get; init; } = static () => null;

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>Every other node that there is something to say to: members of the present ring and of all that are coming.</summary>
    public IEnumerable<NodeId> Peers => State.Settled.Members.Select(static m => m.Node)
        .Concat(new MembershipLedger(History, _standings).Versions[State.Settled.Number..]
            .SelectMany(static version => version.Members.Select(static m => m.Node)))
        .Distinct().Where(node => node != _self).Order();

    /// <summary>How far each node has come, as far as this one knows.</summary>
    public IEnumerable<Standing> Standings => _standings.Values;

    /// <summary>Begins: goes on where an earlier run left off.</summary>
    public void Start(Effects effects) => GoOn(effects);

    /// <summary>Stages a change; the sentence is "" when it is staged.</summary>
    /// <param name="change">The change.</param>
    /// <param name="view">The cluster as this node sees it; null when it does not yet.</param>
    /// <param name="force">Whether a node that is reachable may be removed.</param>
    public string Stage(MembershipChange change, ClusterView? view, bool force)
    {
        var reachable = change is MembershipChange.Remove { Node: var node } && view?.IsReachable(node) == true;
        return Staged.TryStage(change, History, reachable, force, out var error) ? "" : error;
    }

    /// <summary>What committing the staged changes would do.</summary>
    /// <param name="view">The cluster as this node sees it; null when it does not yet.</param>
    public MembershipPlan Plan(ClusterView? view) => MembershipPlan.Of(
        History, Staged, SizeEstimate.Of(StoreSizes(), State.Ring, _self, History.Founding.TargetNVal),
        node => view?.IsReachable(node) == true);

    /// <summary>Commits what a plan shows; the sentence is "" when it is on its way.</summary>
    public string Commit(MembershipPlan plan, Effects effects)
    {
        // Nobody would hear of it.
        if (State.Ring.IndexOf(_self) < 0) return $"{_self} is no member of the cluster.";
        if (!plan.TryCommit(History, History.Lamport + 1, _self, out var commit, out var error)) return error;
        History = History.Add(commit);
        Staged.Clear();
        GoOn(effects);
        Persist(effects);
        return "";
    }

    /// <summary>Takes gossip of a peer, or word from this node's own anti-entropy; true when the rings have changed.</summary>
    public bool OnMessage(NodeId from, Message message, Effects effects)
    {
        switch (message)
        {
            case MembershipDigest digest when digest.ClusterId == History.Founding.ClusterId:
                // It may lack anything, a disk that it has lost included.
                if (digest.Digest != Digest) effects.Send(from, Say(wantsReply: true, withRing: true));
                return false;
            case MembershipState state when state.History.Founding.Equals(History.Founding):
                var changed = Merge(state, effects);
                if (state.WantsReply)
                    effects.Send(from, Say(wantsReply: false, withRing: state.History.Fold().Find(State.Settled.Digest) is null));
                return changed;
            case GainsHeld held when from == _self:
                _held = held.Digest;
                return GoOn(effects);
            default:
                return false;
        }
    }

    /// <summary>A write is durable, or failed: what it says is said only now.</summary>
    public bool OnWritten(WriteId id, WriteResult result, Effects effects)
    {
        if (!_writing.Remove(id, out var written)) return false;
        if (!result.Ok)
        {
            Persist(effects);
            return false;
        }

        if (_standings.TryGetValue(_self, out var said) && said.Stamp >= written.Stamp) return false;
        _standings = _standings.SetItem(_self, written);
        foreach (var peer in Peers)
            effects.Send(peer, Say(wantsReply: false, _standings.GetValueOrDefault(peer)?.Settled != written.Settled));
        return GoOn(effects);
    }

    /// <summary>Tells the time: now and then a random peer is told the digest. True when the rings have changed.</summary>
    public bool OnTime(Instant now, Effects effects)
    {
        if (now < Deadline) return false;
        Deadline = now + _settings.GossipEvery;
        List<NodeId> peers = [.. Peers];
        if (peers.Count > 0)
            effects.Send(peers[_random.Below(peers.Count)], new MembershipDigest(History.Founding.ClusterId, Digest));
        return GoOn(effects);
    }

    private ulong Digest
    {
        get
        {
            var digest = History.Digest;
            foreach (var standing in _standings.Values)
                digest = (digest * 31) ^ StableHash.Of(standing.Node.Name) ^ (standing.Stamp * 0x9E3779B97F4A7C15);
            return digest;
        }
    }

    // The ring it has settled on; null for the founding's, which everybody places himself.
    private RingOwners? Snapshot =>
        State.Settled.Number == 0 ? null
        : _snapshot?.Digest == State.Settled.Digest ? _snapshot
        : _snapshot = RingOwners.Of(State.Settled);

    private MembershipState Say(bool wantsReply, bool withRing) =>
        new(History, [.. _standings.Values], wantsReply, withRing ? Snapshot : null);

    private bool Merge(MembershipState state, Effects effects)
    {
        var before = History;
        var merged = History.Merge(state.History);
        // What this node reads by stands. Only a node that all others have removed could commit below it.
        if (!ReferenceEquals(merged, before) && Keeps(merged)) History = merged;
        state.Settled?.AdoptInto(History);
        var known = _standings;
        foreach (var standing in state.Standings)
            if (standing.Node != _self && !(_standings.GetValueOrDefault(standing.Node)?.Stamp >= standing.Stamp))
                _standings = _standings.SetItem(standing.Node, standing);
        // A node whose memory of it is lost, with its disk, is bound by what it has said all the same: others rely on it.
        foreach (var standing in state.Standings)
            if (standing.Node == _self && standing.Stamp > _mine.Stamp)
            {
                _mine = standing;
                _standings = _standings.SetItem(_self, standing);
            }

        if (ReferenceEquals(before, History) && ReferenceEquals(known, _standings)) return false;
        var changed = GoOn(effects);
        Persist(effects);
        return changed;
    }

    private bool Keeps(MembershipHistory merged)
    {
        var ledger = new MembershipLedger(merged, _standings);
        return (_mine.Switched == 0 || ledger.IndexOf(_mine.Switched) > 0) && (_mine.Settled == 0 || ledger.IndexOf(_mine.Settled) > 0);
    }

    // Takes every step that what is known allows. True when the rings to work by have changed.
    private bool GoOn(Effects effects)
    {
        var before = State;
        State = Look();
        var ledger = new MembershipLedger(History, _standings);
        var mine = _mine with { Acked = History.Digest, Settled = State.Settled.Number == 0 ? 0 : State.Settled.Digest };
        if (State is { Next: { } next, MayTransfer: true })
        {
            if (_held == next.Digest) mine = mine with { Confirmed = next.Digest };
            // Nobody listens to whoever has left, so that node first delivers what it keeps for others who live.
            if ((next.Ring.IndexOf(_self) >= 0 || !HintOwners().Any(owner => CanTake(owner, State)))
                && ledger.Gainers(next.Number, Sizes()).All(node => ledger.HasConfirmed(node, next.Number)))
                mine = mine with { Switched = next.Digest };
        }

        if (mine != _mine)
        {
            _mine = mine with { Stamp = _mine.Stamp + 1 };
            State = Look();
            Persist(effects);
        }

        // A list is equal to none but itself, and a view that is refreshed without need holds up whoever waits for a time.
        if (State.Gone.SequenceEqual(before.Gone)) State = State with { Gone = before.Gone };
        return State != before;
    }

    private static bool CanTake(NodeId owner, RingState state) =>
        !state.Gone.Contains(owner) && (state.Settled.Ring.IndexOf(owner) >= 0 || state.Next?.Ring.IndexOf(owner) >= 0);

    private RingState Look()
    {
        var ledger = new MembershipLedger(History, _standings);
        var settled = ledger.IndexOf(_mine.Settled);
        // Whoever works by a ring alone has heard that all its participants read by it; a newcomer need not ask again, ring by ring.
        foreach (var standing in _standings.Values) settled = Math.Max(settled, ledger.IndexOf(standing.Settled));
        while (settled + 1 < ledger.Versions.Length && ledger.Participants(settled + 1).All(node => ledger.HasSwitched(node, settled + 1)))
            settled++;
        if (settled + 1 == ledger.Versions.Length) return new RingState(ledger.Versions[settled], null, false, false, []);
        var version = settled + 1;
        return new RingState(
            ledger.Versions[settled], ledger.Versions[version],
            ReadsNext: ledger.IndexOf(_mine.Switched) >= version,
            MayTransfer: ledger.Participants(version).All(node => ledger.HasAcked(node, version)),
            ledger.GoneWith(version));
    }

    private void Persist(Effects effects)
    {
        var id = new WriteId(++_nextWrite);
        _writing.Add(id, _mine);
        var writer = new WireWriter();
        History.Write(writer);
        _mine.Write(writer);
        List<Standing> others = [.. _standings.Values.Where(standing => standing.Node != _self)];
        writer.Count(others.Count);
        foreach (var standing in others) standing.Write(writer);
        Snapshot?.Write(writer);
        effects.Write(id, [new StoreChange.PutCell(Cell, writer.ToArray())]);
    }

    private void Recall(ReadOnlyMemory<byte> kept)
    {
        var reader = new WireReader(kept.Span);
        var history = MembershipHistory.Read(ref reader);
        var mine = Standing.Read(ref reader);
        var standings = _standings.ToBuilder();
        var count = reader.Count(PartitionId.MaxCount);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var standing = Standing.Read(ref reader);
            standings[standing.Node] = standing;
        }

        // Without it nothing is lost but time, so a damaged one fails nothing else.
        var rest = reader;
        var settled = rest is { Failed: false, Remaining: > 0 } ? RingOwners.Read(ref rest) : null;

        // What cannot be read, or is another cluster's, comes back from the first peer that gossips.
        if (reader.Failed || history is null || !history.Founding.Equals(History.Founding) || mine.Node != _self) return;
        History = history;
        settled?.AdoptInto(history);
        _mine = mine;
        _standings = standings.ToImmutable();
    }
}
