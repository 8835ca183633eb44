using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Testing;

/// <summary>A cluster of Core's nodes in virtual time, over memory stores: for tests that want every step in their hands.</summary>
/// <remarks>Deterministic: the same seed and the same calls give the same run. Messages take 1 ms unless a link is cut.</remarks>
public sealed partial class VirtualCluster
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(1);
    private readonly PriorityQueue<Action, (Instant At, long Order)> _events = new();
    private readonly SortedDictionary<NodeId, VirtualNode> _nodes = [];
    private readonly HashSet<(NodeId From, NodeId To)> _cuts = [];
    private readonly Prng _random;
    private readonly NodeSettings _settings;
    private long _order;

    /// <summary>A started cluster in which everybody has heard of everybody.</summary>
    /// <remarks>With zones, node i stands in zone "z" + i modulo their number; with 0 in none.</remarks>
    public VirtualCluster(
        int nodes, ulong seed = 1, int partitions = 64, NodeSettings? settings = null, int targetN = 3, int zones = 0)
    {
        _random = new Prng(seed);
        _settings = settings ?? NodeSettings.Standard;
        var members = Enumerable.Range(1, nodes).Select(i =>
            new RingMember(new NodeId($"n{i:00}"), Zone: zones > 0 ? $"z{i % zones}" : ""));
        if (!Founding.TryCreate("test", partitions, targetN, members, out var founding, out var error))
            throw new ArgumentException(error);
        Founding = founding;
        Ring = founding.ToRing();
        Contexts = ContextCodec.For(founding);
        foreach (var member in founding.Members)
            _nodes.Add(member.Node, new VirtualNode { Store = new MemoryEngine() });
        foreach (var member in founding.Members) Start(member.Node);
        Run(TimeSpan.FromSeconds(2));
    }

    public Founding Founding { get; }

    public Ring Ring { get; }

    public ContextCodec Contexts { get; }

    public Instant Now { get; private set; } = new(1_000_000_000_000_000);

    public IReadOnlyList<NodeId> Nodes => [.. _nodes.Keys];

    /// <summary>Sees every message as it is sent; returning false loses it.</summary>
    public Func<NodeId, NodeId, Message, bool> Wire { get; set; } = static (_, _, _) => true;

    /// <summary>Everything machines observed, oldest first.</summary>
    public List<(NodeId Node, Observation Observation)> Observations { get; } = [];

    public bool IsUp(NodeId node) => _nodes[node].Machine is not null;

    public DynamoNode Machine(NodeId node) => _nodes[node].Machine!;

    public MemoryEngine Store(NodeId node) => _nodes[node].Store;

    /// <summary>Begins a request; its outcome appears in the list returned.</summary>
    public List<Outcome> Begin(NodeId at, ClientRequest request)
    {
        var outcomes = new List<Outcome>();
        var node = _nodes[at];
        Step(at, (machine, effects) => node.Clients[machine.Request(request, Now, effects)] = outcomes.Add);
        return outcomes;
    }

    /// <summary>Carries out a request, running the cluster until it is answered.</summary>
    public Outcome Execute(NodeId at, ClientRequest request)
    {
        var outcomes = Begin(at, request);
        while (outcomes.Count == 0 && RunOne())
        {
        }

        return outcomes.Single();
    }

    public Outcome Get(NodeId at, Key key, GetOptions? options = null) =>
        Execute(at, new GetRequest(key, options ?? GetOptions.None));

    public Outcome Put(
        NodeId at, Key key, string text, ReadOnlyMemory<byte> context = default, PutOptions? options = null) =>
        Execute(at, new PutRequest(key, context, TextOf(text), options ?? PutOptions.None));

    public Outcome Delete(NodeId at, Key key, ReadOnlyMemory<byte> context = default) =>
        Execute(at, new DeleteRequest(key, context, PutOptions.None, GetOptions.None));

    public Outcome Increment(NodeId at, Key key, long delta = 1, PutOptions? options = null) =>
        Execute(at, new IncrementRequest(key, delta, options ?? PutOptions.None));

    /// <summary>What a counter comes to, asked of all replicas; null when there is none.</summary>
    public Int128? Count(NodeId at, Key key) =>
        Get(at, key, new GetOptions { R = QuorumSize.All }) is Found found ? Counter.ValueOf(found.Siblings) : null;

    public Outcome SetProperties(NodeId at, string bucket, BucketProperties? properties)
    {
        Outcome? outcome = null;
        var node = _nodes[at];
        Step(at, (machine, effects) =>
            node.Clients[machine.SetProperties(bucket, properties, Now, effects)] = o => outcome = o);
        while (outcome is null && RunOne())
        {
        }

        return outcome!;
    }

    /// <summary>Hands a node a message as if another had sent it.</summary>
    public void Deliver(NodeId from, NodeId to, Message message)
    {
        if (message is ReplicaPut put) message = put with { Fence = Machine(to).Fence };
        DeliverAsSent(from, to, message);
    }

    /// <summary>The same, with whatever mark the message bears: as one that was long under way.</summary>
    public void DeliverAsSent(NodeId from, NodeId to, Message message)
    {
        Step(to, (machine, effects) => machine.OnMessage(from, message, Now, effects));
        Run(TimeSpan.FromMilliseconds(10));
    }

    /// <summary>Has a node compare its replicas with all others now, and runs until it has.</summary>
    public bool Repair(NodeId node)
    {
        Step(node, (machine, _) => machine.Repair(Now));
        return RunUntil(() => Machine(node).SyncProgress.PairsLeft == 0, TimeSpan.FromHours(1));
    }

    public void Cut(NodeId from, NodeId to) => _cuts.Add((from, to));

    /// <summary>Cuts all links between the groups.</summary>
    public void Partition(params IReadOnlyList<NodeId>[] groups)
    {
        foreach (var (a, b) in from g in groups from h in groups where g != h from a in g from b in h select (a, b))
            Cut(a, b);
    }

    public void Heal() => _cuts.Clear();

    /// <summary>Stops a node; its store stays unless <paramref name="wipe"/>.</summary>
    public void Kill(NodeId node, bool wipe = false)
    {
        _nodes[node].Machine = null;
        _nodes[node].Run++;
        _nodes[node].Clients.Clear();
        if (wipe) _nodes[node].Store = new MemoryEngine();
    }

    /// <summary>Stops a node in order: everything it asked for is in its store, and the store is sealed.</summary>
    public void Stop(NodeId node)
    {
        var effects = new Effects();
        _nodes[node].Machine!.Stop(Now, effects);
        foreach (var effect in effects.List)
            if (effect is Effect.Write seal) _nodes[node].Store.Enqueue(seal.Changes, static _ => { });
        Kill(node);
    }

    /// <summary>Starts a node that is no member yet.</summary>
    public void Add(NodeId node)
    {
        _nodes.Add(node, new VirtualNode { Store = new MemoryEngine() });
        Start(node);
    }

    /// <summary>Stages changes at a node and commits what the plan shows; the sentence is "" when it is on its way.</summary>
    public string Change(NodeId at, bool force, params MembershipChange[] changes)
    {
        var error = "";
        Step(at, (machine, effects) =>
        {
            foreach (var change in changes)
                if (error.Length == 0) error = machine.Stage(change, force);
            if (error.Length == 0) error = machine.Commit(machine.Plan(), Now, effects);
        });
        return error;
    }

    /// <summary>Whether every node that runs works by one ring alone, and the same, and who has left has handed over all.</summary>
    public bool IsSettled(int version) => _nodes.All(n => n.Value.Machine is not { } machine
        || machine.Membership.State is { Next: null } state && state.Settled.Number == version && machine.TransfersLeft == 0
            && state.Leaving.IsEmpty);

    /// <summary>Starts a node, with a backup to restore what it holds from when one is given.</summary>
    public void Start(NodeId self, INodeStore? backup = null)
    {
        var node = _nodes[self];
        node.Machine = new DynamoNode(self, Founding, Contexts, node.Store, _settings, _random.Next(), backup);
        Step(self, (machine, effects) => machine.Start(Now, effects));
    }

    /// <summary>Lets virtual time pass.</summary>
    public void Run(TimeSpan span)
    {
        var until = Now + span;
        while (_events.TryPeek(out _, out var next) && next.At <= until) RunOne();
        Now = until;
    }

    /// <summary>Runs until <paramref name="condition"/> holds; false when <paramref name="limit"/> of virtual time has passed before.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var until = Now + limit;
        while (!condition())
        {
            if (Now > until || !RunOne()) return false;
        }

        return true;
    }

    /// <summary>What a node's own store holds for a key, asked of nobody.</summary>
    public Record Local(NodeId node, Key key) =>
        _nodes[node].Store.Read(Ring.PartitionOf(key), key).Stored?.Record ?? Record.Empty;

    /// <summary>The owners of a key, in the order of its preference list.</summary>
    public IReadOnlyList<NodeId> Owners(Key key, int n = 3) => Ring.PreferenceList(Ring.PartitionOf(key), n);

    /// <summary>Hints waiting anywhere.</summary>
    public long HintsLeft() => _nodes.Values.Sum(static n => n.Store.HintOwners().Sum(n.Store.HintCount));

    /// <summary>The texts of an outcome's siblings, sorted.</summary>
    public static string[] Texts(Outcome outcome) => outcome switch
    {
        Found found => [.. found.Siblings.Select(TextOf).Order(StringComparer.Ordinal)],
        Stored stored => [.. stored.Siblings.Select(TextOf).Order(StringComparer.Ordinal)],
        _ => [],
    };

    public static ReadOnlyMemory<byte> ContextOf(Outcome outcome) => outcome switch
    {
        Found found => found.Context,
        Stored stored => stored.Context,
        NotFound missing => missing.Context,
        _ => default,
    };

    private static string TextOf(Sibling sibling) => System.Text.Encoding.UTF8.GetString(sibling.Value!.Body.Span);

    private static Value TextOf(string text) =>
        new() { Body = System.Text.Encoding.UTF8.GetBytes(text), ContentType = "text/plain" };

    private bool RunOne()
    {
        if (!_events.TryDequeue(out var run, out var when)) return false;
        if (when.At > Now) Now = when.At;
        run();
        return true;
    }

    private void At(Instant when, Action action) => _events.Enqueue(action, (when, ++_order));

    private void Step(NodeId self, Action<DynamoNode, Effects> input)
    {
        var node = _nodes[self];
        if (node.Machine is not { } machine) return;
        var effects = new Effects();
        input(machine, effects);
        machine.CheckInvariants();
        foreach (var effect in effects.List) CarryOut(self, node, effect);
        Schedule(self, node, machine);
    }

    private void CarryOut(NodeId self, VirtualNode node, Effect effect)
    {
        var run = node.Run;
        switch (effect)
        {
            case Effect.Send send:
                if (!Wire(self, send.To, send.Message) || _cuts.Contains((self, send.To))) break;
                At(Now + Latency, () =>
                {
                    if (!_cuts.Contains((self, send.To)))
                        Step(send.To, (machine, effects) => machine.OnMessage(self, send.Message, Now, effects));
                });
                break;
            case Effect.Write write:
                node.Store.Enqueue(write.Changes, result => At(Now + Latency, () =>
                {
                    if (node.Run == run)
                        Step(self, (machine, effects) => machine.OnWritten(write.Id, result, Now, effects));
                }));
                break;
            case Effect.Reply reply:
                if (node.Clients.TryGetValue(reply.Request, out var answer)) answer(reply.Outcome);
                break;
            case Effect.StartOver over:
                At(Now, () =>
                {
                    if (node.Run != run) return;
                    Kill(self, wipe: true);
                    node.Store.Enqueue(over.First, static _ => { });
                    Start(self);
                });
                break;
            case Effect.Observe observe:
                Observations.Add((self, observe.Observation));
                break;
        }
    }

    private void Schedule(NodeId self, VirtualNode node, DynamoNode machine)
    {
        var deadline = machine.Deadline;
        if (deadline == Instant.Never || (deadline >= node.WakeAt && node.WakeAt > Now)) return;
        node.WakeAt = deadline > Now ? deadline : Now + TimeSpan.FromMicroseconds(1);
        var at = node.WakeAt;
        At(at, () =>
        {
            if (node.WakeAt == at) node.WakeAt = default;
            Step(self, (m, effects) => m.OnTime(Now, effects));
        });
    }

    private sealed class VirtualNode
    {
        public DynamoNode? Machine { get; set; }
        public required MemoryEngine Store { get; set; }
        public int Run { get; set; }
        public Instant WakeAt { get; set; }
        public Dictionary<RequestId, Action<Outcome>> Clients { get; } = [];
    }
}
