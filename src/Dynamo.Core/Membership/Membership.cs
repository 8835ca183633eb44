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
public sealed partial class Membership
{
    /// <summary>The name of the cell that it is kept in.</summary>
    public const string Cell = "membership";

    /// <summary>The name of the cell that says of which stay in the cluster a store is; it lies beside the rows.</summary>
    public const string StayCell = "stay";

    private readonly NodeId _self;
    private readonly NodeSettings _settings;
    private readonly Prng _random;
    private readonly StoreStay _stay;
    private readonly Dictionary<WriteId, Standing> _writing = [];
    private ImmutableSortedDictionary<NodeId, Standing> _standings = ImmutableSortedDictionary<NodeId, Standing>.Empty;
    private Standing _mine;
    private WriteId _stayWrite;
    private ulong _nextWrite;
    private ulong _held;
    private bool _startsOver;

    /// <summary>A membership over what the node remembers.</summary>
    /// <param name="self">The node; it need not be a member.</param>
    /// <param name="founding">The cluster.</param>
    /// <param name="kept">The bytes of its cell; null when there are none.</param>
    /// <param name="store">The node's store.</param>
    /// <param name="settings">How often to gossip.</param>
    /// <param name="entropy">Random.</param>
    public Membership(
        NodeId self, Founding founding, ReadOnlyMemory<byte>? kept, INodeStore store, NodeSettings settings, ulong entropy)
    {
        _self = self;
        _stay = new StoreStay(self, store);
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

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>
    /// Every other node that is listened to and that there is something to say to: members of the present ring and of all that are
    /// coming, but for those that are removed as dead.
    /// </summary>
    public IEnumerable<NodeId> Peers => Parts.Where(node => node != _self);

    /// <summary>Nodes that are listened to no more, and are told so when they ask.</summary>
    public IEnumerable<NodeId> Departed => MembersOf(History.Fold().Versions).Where(node => node != _self).Except(Parts);

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
        var reachable = false;
        if (change is MembershipChange.Remove { Node: var node })
        {
            if (History.Fold().Leavers.Contains(node) && !TakesPart(node)) return $"{node} has left already.";
            reachable = view?.IsReachable(node) == true;
        }

        return Staged.TryStage(change, History, reachable, force, out var error) ? "" : error;
    }

    /// <summary>What committing the staged changes would do.</summary>
    public MembershipPlan Plan() => MembershipPlan.Of(History, Staged, static _ => null);

    /// <summary>Commits what a plan shows; the sentence is "" when it is on its way.</summary>
    public string Commit(MembershipPlan plan, Effects effects)
    {
        // Nobody would hear of it.
        if (State.Absence.Length > 0) return State.Absence;
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
            case MembershipDigest digest when digest.ClusterId == History.Founding.ClusterId && digest.Digest != Digest:
                // Who is no member any more learns it here, and nothing that it says is asked for.
                var listens = TakesPart(from);
                if (listens || History.Fold().Knows(from)) effects.Send(from, Say(wantsReply: listens));
                return false;
            case MembershipState state when TakesPart(from) && state.History.Founding.Equals(History.Founding):
                var changed = Merge(state, effects);
                if (state.WantsReply) effects.Send(from, Say(wantsReply: false));
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
        if (id == _stayWrite && !result.Ok) Note(StoreStay.Change(_stay.Begun), effects);
        if (!_writing.Remove(id, out var written)) return false;
        if (!result.Ok)
        {
            Persist(effects);
            return false;
        }

        if (_standings.TryGetValue(_self, out var said) && said.Stamp >= written.Stamp) return false;
        _standings = _standings.SetItem(_self, written);
        foreach (var peer in Peers) effects.Send(peer, Say(wantsReply: false));
        return GoOn(effects);
    }

    /// <summary>Tells the time: now and then a random peer is told the digest. True when the rings have changed.</summary>
    public bool OnTime(Instant now, Effects effects)
    {
        if (now < Deadline) return false;
        Deadline = now + _settings.GossipEvery;
        List<NodeId> peers = [.. Peers];
        // A node that has gone for good asks until it knows how the change has ended that it went with.
        if (peers.Count > 0 && !(State is { HasDeparted: true, Next: null }))
            effects.Send(peers[_random.Below(peers.Count)], new MembershipDigest(History.Founding.ClusterId, Digest));
        return GoOn(effects);
    }

    // Whoever has a part in the present ring or in one that is coming, but for the dead.
    private IEnumerable<NodeId> Parts => PartsOf(State);

    private IEnumerable<NodeId> PartsOf(RingState state) =>
        MembersOf(History.Fold().Versions[state.Settled.Number..]).Where(node => !state.Gone.Contains(node));

    private static IEnumerable<NodeId> MembersOf(ImmutableArray<RingVersion> versions) =>
        versions.SelectMany(static version => version.Ring.Members.Select(static m => m.Node)).Distinct().Order();

    private bool TakesPart(NodeId node) => Parts.Contains(node);

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

    private MembershipState Say(bool wantsReply) => new(History, [.. _standings.Values], wantsReply);

    private bool Merge(MembershipState state, Effects effects)
    {
        var before = History;
        var merged = History.Merge(state.History);
        // What this node reads by stands. Only a node that all others have removed could commit below it.
        if (!ReferenceEquals(merged, before) && Keeps(merged)) History = merged;
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
        var (fold, settled) = (History.Fold(), State.Settled.Number);
        if (State.IsOver && !_startsOver)
        {
            _startsOver = true;
            effects.StartOver([new StoreChange.PutCell(Cell, Bytes()), _stay.Next(fold, settled)]);
        }

        // Of whoever takes no part nothing is waited for; and what it said would be believed when it joins again.
        if (State.HasDeparted) return IsAnother(before);
        if (TakesPart(_self) && _stay.Begin(fold, settled) is { } stay) Note(stay, effects);
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

        return IsAnother(before);
    }

    // A list is equal to none but itself, and a view that is refreshed without need holds up whoever waits for a time.
    private bool IsAnother(RingState before)
    {
        if (State.Gone.SequenceEqual(before.Gone)) State = State with { Gone = before.Gone };
        if (State.Newcomers.SequenceEqual(before.Newcomers)) State = State with { Newcomers = before.Newcomers };
        return State != before;
    }

    private static bool CanTake(NodeId owner, RingState state) =>
        !state.Gone.Contains(owner) && (state.Settled.Ring.IndexOf(owner) >= 0 || state.Next?.Ring.IndexOf(owner) >= 0);

    private RingState Look()
    {
        var ledger = new MembershipLedger(History, _standings);
        var settled = ledger.IndexOf(_mine.Settled);
        while (settled + 1 < ledger.Versions.Length && ledger.Participants(settled + 1).All(node => ledger.HasSwitched(node, settled + 1)))
            settled++;
        var version = settled + 1;
        var state = version == ledger.Versions.Length
            ? new RingState(ledger.Versions[settled], null, false, false, [])
            : new RingState(
                ledger.Versions[settled], ledger.Versions[version],
                ReadsNext: ledger.IndexOf(_mine.Switched) >= version,
                MayTransfer: ledger.Participants(version).All(node => ledger.HasAcked(node, version)),
                ledger.GoneWith(version));
        var takesPart = PartsOf(state).Contains(_self);
        var isOver = takesPart && _stay.IsOver(History.Fold(), settled);
        return state with
        {
            Newcomers = [.. PartsOf(state).Where(node =>
                state.Settled.Ring.IndexOf(node) < 0 && !ledger.HasAcked(node, ledger.NextWith(node, settled)))],
            IsOver = isOver,
            HasDeparted = isOver || (!takesPart && History.Fold().Knows(_self)),
            Absence = isOver ? $"{_self} joins the cluster anew, and first drops what it held before it had gone."
                : takesPart && state.Ring.IndexOf(_self) >= 0 ? ""
                : WhyAbsent(takesPart),
        };
    }

    private string WhyAbsent(bool takesPart) => History.Fold().LatestOf(_self) switch
    {
        MembershipChange.Join => $"{_self} is joining the cluster: it takes requests when it holds what it gains.",
        MembershipChange.Replace replace when replace.New == _self =>
            $"{_self} is taking the place of {replace.Old}: it takes requests when it holds what it gains.",
        _ when takesPart => $"{_self} is leaving the cluster.",
        MembershipChange.Leave => $"{_self} is no member of the cluster any more: it has left.",
        MembershipChange.Remove => $"{_self} is no member of the cluster any more: it was removed.",
        MembershipChange.Replace replace when replace.Old == _self =>
            $"{_self} is no member of the cluster any more: {replace.New} has taken its place.",
        _ => $"{_self} is no member of the cluster.",
    };
}
