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

    private const int MostAsked = 3;
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(30);
    private readonly NodeId _self;
    private readonly INodeStore _store;
    private readonly NodeSettings _settings;
    private readonly Prng _random;
    private readonly StoreStay _stay;
    private readonly Dictionary<WriteId, Standing> _writing = [];
    private ImmutableSortedDictionary<NodeId, Standing> _standings = ImmutableSortedDictionary<NodeId, Standing>.Empty;
    private Standing _mine;
    private Standing _durable;
    private ulong _requestsEnded;
    private bool _hasHeard;
    private bool _hasAskedInVain;
    private Instant _asksUntil = Instant.Never;
    private RingOwners? _snapshot;
    private ulong _nextWrite;
    private GainsHeld? _held;
    private WriteId _stayWrite;
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
        _store = store;
        _stay = new StoreStay(self, store);
        _settings = settings;
        _random = new Prng(entropy);
        History = MembershipHistory.Of(founding);
        _mine = new Standing(self, 0, 0, 0, 0, 0, 0, default);
        _hasHeard = kept is { } bytes && Recall(bytes);
        _durable = _mine;
        // What an earlier run has begun ended with it.
        _requestsEnded = _mine.Stamp;
        _standings = _standings.SetItem(self, _mine);
        State = Look();
    }

    /// <summary>Everything ever committed, as merged so far.</summary>
    public MembershipHistory History { get; private set; }

    /// <summary>Which rings this node works by.</summary>
    public RingState State { get; private set; }

    /// <summary>Answers which n_vals this node knows to be in use: replicas move for each of them. The standard one when nobody sets it.</summary>
    public Func<NValSet> NVals { get; init; } = static () => NValSet.Of(BucketProperties.Standard.NVal);

    /// <summary>Changes that were asked for here and not committed yet.</summary>
    public StagedChanges Staged { get; } = new();

    /// <summary>Answers how much this node's store has of each partition; null, as when nobody sets it, when it does not count.</summary>
    public Func<ImmutableSortedDictionary<PartitionId, PartitionSize>?> StoreSizes { get; init; } = static () => null;

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>
    /// Every other node that is listened to and that there is something to say to: members of the present ring and of all that are
    /// coming, but for those that are removed as dead; and who has left and still hands over.
    /// </summary>
    public IEnumerable<NodeId> Peers => Parts.Where(node => node != _self);

    /// <summary>Nodes that are listened to no more, and are told so when they ask.</summary>
    public IEnumerable<NodeId> Departed => MembersOf(History.Fold().Versions).Where(node => node != _self).Except(Parts);

    /// <summary>How far each node has come, as far as this one knows.</summary>
    public IEnumerable<Standing> Standings => _standings.Values;

    /// <summary>
    /// Whether a node that was a member may be stopped for good: it is in no ring that is, or is coming, and has handed over what it held.
    /// </summary>
    public bool HasDeparted(NodeId node)
    {
        var versions = History.Fold().Versions;
        return versions[..State.Settled.Number].Any(version => version.HasMember(node))
            && versions[State.Settled.Number..].All(version => !version.HasMember(node)) && !State.Leaving.Contains(node);
    }

    /// <summary>Begins: goes on where an earlier run left off.</summary>
    public void Start(Effects effects)
    {
        AskAround(effects);
        GoOn(effects);
    }

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
    /// <param name="view">The cluster as this node sees it; null when it does not yet.</param>
    public MembershipPlan Plan(ClusterView? view) => MembershipPlan.Of(
        History, Staged, SizeEstimate.Of(StoreSizes(), State.Ring, _self, History.Founding.TargetNVal),
        node => view?.IsReachable(node) == true);

    /// <summary>Commits what a plan shows; the sentence is "" when it is on its way.</summary>
    public string Commit(MembershipPlan plan, Effects effects)
    {
        // Nobody would hear of it.
        if (State.Absence.Length > 0) return State.Absence;
        if (!History.Fold().Current.HasMember(_self)) return $"{_self} is leaving the cluster.";
        // Who lost its memory may know the first members alone, all of whom may have gone: a ring of its own would part it from the rest.
        if (!_hasHeard && Peers.Any()) return RingState.AskingSentence(_self);
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
                // It may lack anything, a disk that it has lost included. Who is no member any more learns it here.
                var heard = !_hasHeard && digest.Digest == Digest && ListensTo(from);
                _hasHeard |= heard;
                if (digest.Digest != Digest) effects.Send(from, Say(wantsReply: true, withRing: true));
                return heard && GoOn(effects);
            case MembershipState state when state.History.Founding.Equals(History.Founding):
                var isFirst = !_hasHeard && ListensTo(from);
                _hasHeard |= isFirst;
                var changed = (ListensTo(from) || IsUnheard(state.History)) && Merge(state, effects);
                if (isFirst) changed |= GoOn(effects);
                if (state.WantsReply)
                    effects.Send(from, Say(wantsReply: false, withRing: state.History.Fold().Find(State.Settled.Digest) is null));
                return changed;
            case GainsHeld held when from == _self:
                _held = held;
                return GoOn(effects);
            case RequestsEnded ended when from == _self:
                _requestsEnded = Math.Max(_requestsEnded, ended.Stamp);
                return Speak(effects);
            default:
                return false;
        }
    }

    /// <summary>A write is durable, or failed: what it says may be said only now.</summary>
    public bool OnWritten(WriteId id, WriteResult result, Effects effects)
    {
        if (id == _stayWrite && !result.Ok) Note(StoreStay.Change(_stay.Begun), effects);
        if (!_writing.Remove(id, out var written)) return false;
        if (!result.Ok)
        {
            Persist(effects);
            return false;
        }

        if (written.Stamp > _durable.Stamp) _durable = written;
        return Speak(effects);
    }

    // Says how far this node has come, once nothing is under way that has come less far.
    private bool Speak(Effects effects)
    {
        if (_durable.Stamp > _requestsEnded || _standings[_self].Stamp >= _durable.Stamp) return false;
        _standings = _standings.SetItem(_self, _durable);
        foreach (var peer in Peers)
            effects.Send(peer, Say(wantsReply: false, _standings.GetValueOrDefault(peer)?.Settled != _durable.Settled));
        return GoOn(effects);
    }

    /// <summary>Tells the time: now and then a random peer is told the digest. True when the rings have changed.</summary>
    public bool OnTime(Instant now, Effects effects)
    {
        if (now < Deadline) return false;
        Deadline = now + _settings.GossipEvery;
        if (_asksUntil == Instant.Never) _asksUntil = now + AskLimit;
        // Nobody is there, as when the first node of a new cluster is started alone.
        _hasAskedInVain |= now >= _asksUntil;
        AskAround(effects);
        List<NodeId> peers = [.. Peers];
        // A node that has gone for good asks until it knows how the change has ended that it went with.
        if (peers.Count > 0 && !(State is { HasDeparted: true, Next: null }))
            effects.Send(peers[_random.Below(peers.Count)], new MembershipDigest(History.Founding.ClusterId, Digest));
        return GoOn(effects);
    }

    // A member whose disk was lost works by the founding's ring until it hears of a later one; so it does not wait for gossip.
    private void AskAround(Effects effects)
    {
        if (_hasHeard || _hasAskedInVain) return;
        List<NodeId> peers = [.. Peers];
        for (var i = 0; i < MostAsked && peers.Count > 0; i++)
        {
            var at = _random.Below(peers.Count);
            effects.Send(peers[at], Say(wantsReply: true, withRing: false));
            peers.RemoveAt(at);
        }
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
        var (history, known) = (History, _standings);
        foreach (var standing in state.Standings)
            if (standing.Node != _self && !(_standings.GetValueOrDefault(standing.Node)?.Stamp >= standing.Stamp))
                _standings = _standings.SetItem(standing.Node, standing);
        // A node whose memory of it is lost, with its disk, is bound by what it has said all the same: others rely on it.
        foreach (var standing in state.Standings)
            if (standing.Node == _self && standing.Stamp > _mine.Stamp)
            {
                _mine = _durable = standing;
                _standings = _standings.SetItem(_self, standing);
            }

        History = WithoutOrphans(Together(state.History));
        state.Settled?.AdoptInto(History);
        if (ReferenceEquals(history, History) && ReferenceEquals(known, _standings)) return false;
        var changed = GoOn(effects);
        Persist(effects);
        return changed;
    }
}
