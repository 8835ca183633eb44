namespace Dynamo.Core;

/// <summary>All machines of one node, wired for a driver with a single thread: the embedded cluster and the simulator.</summary>
/// <remarks>
/// <code>
///            messages, time, requests                    effects, in order
///                     |                                          ^
///    FailureDetector -+-> ClusterView -> Coordinator ---+        |
///    Gossip ----------+                     | to itself |--------+
///                     +-> Replica (one per partition) --+
///                     +-> HandoffSender (one per owner)-+
/// </code>
/// Messages to itself never reach the driver: they are dealt with before the call returns, but for those behind one that
/// has changed the store. The driver hands a change over when the call returns, and who reads before that would
/// build on a row that is no longer there; so those wait for the next call, which <see cref="Deadline"/> asks for at once.
/// </remarks>
public sealed partial class DynamoNode
{
    private readonly INodeStore _store;
    private readonly NodeSettings _settings;
    private readonly Prng _random;
    private readonly Coordinator _coordinator;
    private readonly FailureDetector _detector;
    private readonly Gossip _gossip;
    private readonly SyncWorker _sync;
    private readonly Reaper _reaper;
    private readonly FenceGate _gate;
    private readonly Membership _membership;
    private readonly HintRehoming _rehoming;
    private SortedSet<NodeId> _peers = [];
    private readonly SortedDictionary<int, Replica> _replicas = [];

    // The few replicas that scan their partition now, so that no others are asked for their deadline.
    private readonly SortedSet<int> _scanning = [];
    private readonly SortedDictionary<NodeId, HandoffSender> _handoff = [];
    private readonly Dictionary<WriteId, (Action<WriteId, WriteResult, Instant, Effects> Machine, WriteId Id)> _writes = [];
    private readonly Queue<(NodeId From, Message Message)> _toSelf = new();

    // Emptied at the start of each input: what is left in it then is of a step that a failing store has ended, and is
    // lost with it, as any message may be.
    private readonly Effects _scratch = new();
    private readonly Dictionary<RequestId, RequestId> _settingProperties = [];
    private ulong _nextWrite;
    private ulong _nextSetting;
    private int _seenRevision;
    private bool _changedStore;
    private bool _ringsChanged;

    /// <summary>A node over its store.</summary>
    /// <param name="self">The node; a member of the founding.</param>
    /// <param name="founding">The cluster.</param>
    /// <param name="contexts">Reads and makes context tokens.</param>
    /// <param name="store">The node's store.</param>
    /// <param name="settings">Times and limits.</param>
    /// <param name="entropy">Random, different in each run.</param>
    /// <param name="backup">The backup that the node is being restored from; null for none.</param>
    public DynamoNode(
        NodeId self, Founding founding, ContextCodec contexts, INodeStore store, NodeSettings settings, ulong entropy,
        INodeStore? backup = null)
    {
        Self = self;
        Founding = founding;
        _store = store;
        _settings = settings;
        _random = new Prng(entropy);
        _coordinator = new Coordinator(self, settings, contexts, _random.Next()) { Backlog = () => store.Backlog };
        _detector = new FailureDetector(self, founding.Members.Select(static m => m.Node), settings);
        _gossip = new Gossip(self, founding, Gossip.Recall(store), settings, _random.Next());
        _sync = new SyncWorker(self, settings, _random.Next(), backup, Share);
        _reaper = new Reaper(settings, _random.Next(), Share);
        _gate = new FenceGate(self, settings, _random.Next());
        _membership = new Membership(self, founding, store.Cell(Core.Membership.Cell), store, settings, _random.Next())
        {
            NVals = () => NValSet.Of(_gossip.Properties),
            StoreSizes = store.Sizes,
        };
        _rehoming = new HintRehoming(store, settings, _random.Next(), Share);
        OnPeers();
    }

    /// <summary>The node.</summary>
    public NodeId Self { get; }

    /// <summary>The cluster.</summary>
    public Founding Founding { get; }

    /// <summary>The ring to read by.</summary>
    public Ring Ring => _membership.State.Ring;

    /// <summary>The cluster as this node sees it; null before <see cref="Start"/>.</summary>
    public ClusterView? View => _coordinator.View;

    /// <summary>Requests being coordinated here.</summary>
    public int RequestsInFlight => _coordinator.InFlight;

    /// <summary>How many requests may be open, for a runtime in which they wait before they get here.</summary>
    public AdmissionControl Admission => _coordinator.Admission;

    /// <summary>What the clients' requests leave to background work.</summary>
    public double BackgroundShare => Share();

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline
    {
        get
        {
            if (_toSelf.Count > 0) return default;
            var deadline = Instant.Min(_coordinator.Deadline, Instant.Min(_detector.Deadline, _gossip.Deadline));
            deadline = Instant.Min(deadline, Instant.Min(_sync.Deadline, _reaper.Deadline));
            deadline = Instant.Min(deadline, Instant.Min(_membership.Deadline, _rehoming.Deadline));
            foreach (var sender in _handoff.Values) deadline = Instant.Min(deadline, sender.Deadline);
            foreach (var partition in _scanning) deadline = Instant.Min(deadline, _replicas[partition].Deadline);
            return deadline;
        }
    }

    /// <summary>Begins: the first view, and delivery of the hints that an earlier run left.</summary>
    public void Start(Instant now, Effects effects)
    {
        _membership.Start(_scratch);
        Drain(OnMembershipWritten, now, effects);
        RefreshView(now, effects);
        foreach (var owner in _store.HintOwners()) SenderFor(owner);
        StartReplicas(now, effects);
        OnTime(now, effects);
    }

    /// <summary>Takes a client's request and returns the number its answer will bear.</summary>
    /// <inheritdoc cref="Coordinator.Request" path="/param"/>
    public RequestId Request(ClientRequest request, Instant now, Effects effects, Arrival? arrival = null)
    {
        _scratch.Clear();
        var id = _coordinator.Request(request, now, _scratch, arrival);
        Drain(null, now, effects);
        AfterInput(now, effects);
        return id;
    }

    /// <summary>Sets a bucket's properties (null resets them) and returns the number its answer will bear.</summary>
    public RequestId SetProperties(string bucket, BucketProperties? properties, Instant now, Effects effects)
    {
        _scratch.Clear();
        var id = new RequestId(SettingBit | ++_nextSetting);
        if (_membership.State.Absence is { Length: > 0 } absence)
        {
            effects.Reply(id, new NotReady(absence));
            return id;
        }

        _settingProperties.Add(_gossip.Set(bucket, properties, _scratch), id);
        Drain(OnGossipWritten, now, effects);
        RefreshView(now, effects);
        AfterInput(now, effects);
        return id;
    }

    /// <summary>Compares this node's replicas with those of all other owners now; returns how many pairs there are.</summary>
    public int Repair(Instant now) => _sync.Repair(now);

    /// <summary>The mark that records sent to this node must bear.</summary>
    public Fence Fence => _gate.Mine;

    /// <summary>How far the node has come with the backup that it is being restored from; null when there is none.</summary>
    public RestoreProgress? Restore => _sync.Restore;

    /// <summary>What anti-entropy has done here.</summary>
    public SyncProgress SyncProgress => _sync.Progress;

    /// <summary>Takes another node's message; a stranger's is ignored, but one that was a member may ask what has become of it.</summary>
    public void OnMessage(NodeId from, Message message, Instant now, Effects effects)
    {
        var isPeer = from == Self || _peers.Contains(from);
        if (!isPeer && message is not (MembershipDigest or MembershipState)) return;
        _scratch.Clear();
        if (isPeer) _detector.OnHeard(from, _scratch);
        Drain(null, now, effects);
        // A reaper's question is about all that has happened here before it, messages to itself included.
        if (message is ReapAsk && _toSelf.Count > 0) _toSelf.Enqueue((from, message));
        else if (_gate.Admits(from, message, _scratch)) Dispatch(from, message, now, effects);
        Drain(null, now, effects);
        AfterInput(now, effects);
    }

    /// <summary>A write is durable, or failed with nothing applied.</summary>
    public void OnWritten(WriteId id, WriteResult result, Instant now, Effects effects)
    {
        if (!_writes.Remove(id, out var writer)) return;
        _scratch.Clear();
        writer.Machine(writer.Id, result, now, _scratch);
        Drain(writer.Machine, now, effects);
        AfterInput(now, effects);
    }

    /// <summary>Tells the time.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        _scratch.Clear();
        if (now >= _coordinator.Deadline) _coordinator.OnTime(now, _scratch);
        Drain(null, now, effects);
        _detector.OnTime(now, _scratch);
        Drain(null, now, effects);
        _gossip.OnTime(now, _scratch);
        Drain(OnGossipWritten, now, effects);
        _ringsChanged |= _membership.OnTime(now, _scratch);
        Drain(OnMembershipWritten, now, effects);
        _rehoming.OnTime(now, _scratch);
        Drain((id, result, _, e) => _rehoming.OnWritten(id, result, e), now, effects);
        foreach (var sender in _handoff.Values)
        {
            sender.OnTime(now, _scratch);
            Drain(sender.OnWritten, now, effects);
        }

        _sync.OnTime(now, _scratch);
        _reaper.OnTime(now, _scratch);
        Drain(null, now, effects);
        foreach (var partition in _scanning.ToArray()) WithReplica(partition, now, effects, static (replica, at, e) => replica.OnTime(at, e));
        AfterInput(now, effects);
    }

    /// <summary>The node stops: whoever waits is answered, and told when a write may still take effect.</summary>
    /// <remarks>
    /// The one write among the effects seals the store: it belongs behind every write that this node has asked for, and
    /// to a node that dies, or whose store has failed, it must not be given.
    /// </remarks>
    public void Stop(Instant now, Effects effects)
    {
        _coordinator.Stop(now, _scratch);
        Drain(null, now, effects);
        List<StoreChange> seals = [.. _replicas.Values.Select(static replica => replica.Seal()).OfType<StoreChange>()];
        if (seals.Count > 0) effects.Write(new WriteId(++_nextWrite), seals);
    }

    /// <summary>A line for each request under way.</summary>
    public IEnumerable<string> Describe() => _coordinator.Describe();

    /// <summary>Throws when a rule of a machine is broken.</summary>
    public void CheckInvariants() => _coordinator.CheckInvariants();

    private double Share() => _coordinator.Background.Share;

    private const ulong SettingBit = 1UL << 62;

    // Takes over what a machine wants done: writes get numbers of this node, messages to itself wait in line.
    private void Drain(Action<WriteId, WriteResult, Instant, Effects>? machine, Instant now, Effects effects)
    {
        if (_scratch.List.Count == 0) return;
        Effect[] taken = [.. _scratch.List];
        _scratch.Clear();
        foreach (var effect in taken)
        {
            switch (effect)
            {
                case Effect.Send send when send.To == Self:
                    _toSelf.Enqueue((Self, send.Message));
                    break;
                case Effect.Send send:
                    effects.Send(send.To, _gate.Stamp(send.To, send.Message));
                    break;
                case Effect.Write write:
                    var id = new WriteId(++_nextWrite);
                    _writes.Add(id, (machine!, write.Id));
                    effects.Write(id, write.Changes);
                    _changedStore |= write.Changes.Count > 0;
                    break;
                case Effect.Reply reply:
                    effects.Reply(reply.Request, reply.Outcome);
                    break;
                case Effect.StartOver over:
                    effects.StartOver(over.First);
                    break;
                case Effect.Observe observe:
                    effects.Observe(observe.Observation);
                    if (observe.Observation is not Observation.HintStored hint) break;
                    _rehoming.OnHint(hint.Owner, now);
                    var sender = SenderFor(hint.Owner);
                    sender.OnReachability(View!.IsReachable(hint.Owner), now, _scratch);
                    Drain(sender.OnWritten, now, effects);
                    break;
            }
        }
    }

    private void AfterInput(Instant now, Effects effects)
    {
        DealWithOwn(now, effects);
        if (_ringsChanged)
        {
            _ringsChanged = false;
            OnMembership(now, effects);
            DealWithOwn(now, effects);
        }

        if (_seenRevision == _detector.Revision)
        {
            _changedStore = false;
            return;
        }

        RefreshView(now, effects);
        DealWithOwn(now, effects);
        _changedStore = false;
    }

    private void DealWithOwn(Instant now, Effects effects)
    {
        while (!_changedStore && _toSelf.TryDequeue(out var own)) Dispatch(own.From, own.Message, now, effects);
    }

    // Whatever the reason for it, the view may show that somebody has come back, so all who wait for that are told.
    private void RefreshView(Instant now, Effects effects)
    {
        _seenRevision = _detector.Revision;
        var rings = _membership.State;
        var view = new ClusterView(Self, rings.Ring, _detector.IsReachable, _gossip.Properties, rings);
        foreach (var replica in _replicas.Values) replica.OnView(view);
        _sync.OnView(view, SyncPair.StraysOf(view, _store), now, _scratch);
        _reaper.OnView(view);
        _gate.OnView(view, _scratch);
        _rehoming.OnView(view, now);
        _coordinator.OnView(view, now, _scratch);
        Drain(null, now, effects);
        foreach (var sender in _handoff.Values)
        {
            sender.OnReachability(view.IsReachable(sender.Owner), now, _scratch);
            Drain(sender.OnWritten, now, effects);
        }
    }

    private HandoffSender SenderFor(NodeId owner)
    {
        if (_handoff.TryGetValue(owner, out var sender)) return sender;
        sender = new HandoffSender(owner, _store, _settings, _random.Next(), Share);
        _handoff.Add(owner, sender);
        return sender;
    }
}
