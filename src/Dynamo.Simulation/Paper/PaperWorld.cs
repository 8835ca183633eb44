using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>The real coordinators and replicas of every node under virtual time, in a world where nothing fails.</summary>
/// <remarks>
/// <code>
///   client -- link --> Coordinator --+-- link --> Replica -- sync --> disk        of each node; what a node
///   client at its own end: Send -----+            (one per partition)             says to itself takes no time
/// </code>
/// The <see cref="Simulator"/> drives whole nodes, with failure detection, gossip and upkeep, through faults. Measurements of
/// latency want none of that, two hundred nodes, a time for each kind of message, and a client that may coordinate itself.
/// </remarks>
internal sealed class PaperWorld
{
    // True time 0, so that time stamps look like time stamps.
    private const long Epoch = 1_700_000_000_000_000;

    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly SortedDictionary<NodeId, PaperNode> _nodes = [];
    private readonly SortedDictionary<NodeId, Action<NodeId, Message>> _clients = [];
    private readonly PaperTiming _timing;
    private readonly Effects _effects = new();
    private long _order;
    private int _open;

    /// <summary>A cluster of nodes n1, n2, … whose replicas have run before and begun again, each with a durable lease.</summary>
    /// <param name="nodes">How many.</param>
    /// <param name="partitions">Q.</param>
    /// <param name="timing">How long things take.</param>
    /// <param name="seed">What the nodes draw from.</param>
    /// <param name="settings">Times and limits of every node.</param>
    /// <param name="buffer">The writes that each store takes into a buffer and answers for before they are durable; 0 for none.</param>
    public PaperWorld(int nodes, int partitions, PaperTiming timing, ulong seed, NodeSettings settings, int buffer = 0)
    {
        _timing = timing;
        var founding = Cluster.Founding(nodes, partitions);
        Ring = Cluster.RingOf(founding);
        Contexts = ContextCodec.For(founding);
        var entropy = new Prng(seed);
        foreach (var member in Ring.Members)
        {
            var node = new PaperNode(ViewOf(member.Node), settings, Contexts, entropy.Next(), buffer);
            node.Coordinator.OnView(node.View, Time, _effects);
            _effects.Clear();
            _nodes.Add(member.Node, node);
        }

        Nodes = [.. _nodes.Keys];
        Begin();
    }

    public Ring Ring { get; }

    public ContextCodec Contexts { get; }

    public ImmutableArray<NodeId> Nodes { get; }

    /// <summary>Virtual microseconds since the start.</summary>
    public long Now { get; private set; }

    /// <summary>The time as every clock shows it.</summary>
    public Instant Time => new(Epoch + Now);

    /// <summary>The cluster as somebody sees it who may be no member: everybody can be reached.</summary>
    public ClusterView ViewOf(NodeId self) =>
        new(self, Ring, static _ => true, ImmutableSortedDictionary<string, PropertyEntry>.Empty);

    /// <summary>The nodes that own a key, N of them, in ring order.</summary>
    public ImmutableArray<NodeId> OwnersOf(Key key) =>
        Ring.PreferenceList(Ring.PartitionOf(key), BucketProperties.Standard.NVal);

    /// <summary>Somebody who is no node and takes messages: a client that coordinates at its own end.</summary>
    public void Join(NodeId client, Action<NodeId, Message> hears) => _clients.Add(client, hears);

    /// <summary>Plans something.</summary>
    public void After(long after, Action action)
    {
        _open++;
        Plan(Now + after, () =>
        {
            _open--;
            action();
        });
    }

    /// <summary>Lets time pass until nothing is under way any more.</summary>
    public void Run()
    {
        while (_open > 0 && _events.TryDequeue(out var action, out var when))
        {
            Now = Math.Max(Now, when.At);
            action();
        }

        Invariant.Holds(_open == 0, "Whatever is under way ends.");
    }

    /// <summary>Sends a client's request to a node, and its answer back.</summary>
    public void Request(NodeId to, ClientRequest request, Action<Outcome> done) =>
        Reach(to, _timing.Link(null), node =>
        {
            var id = node.Coordinator.Request(request, Time, _effects);
            node.Waiting.Add(id, outcome => After(_timing.Link(null), () => done(outcome)));
            CarryOut(node, null);
        });

    /// <summary>Sends a message from one end of a link to the other.</summary>
    public void Send(NodeId from, NodeId to, Message message)
    {
        var time = _timing.Link(message);
        if (_clients.TryGetValue(to, out var hears)) After(time, () => hears(from, message));
        else Reach(to, time, node => Hear(node, from, message));
    }

    private void Begin()
    {
        for (var index = 0; index < Ring.PartitionCount; index++)
        {
            var partition = new PartitionId(index);
            foreach (var owner in Ring.PreferenceList(partition, BucketProperties.Standard.NVal))
            {
                _nodes[owner].Disk.Begin([new StoreChange.PutLease(partition, new GenerationLease(1, 1))]);
                var replica = _nodes[owner].ReplicaOf(partition);
                replica.Start(_effects);
                CarryOut(_nodes[owner], replica);
            }
        }

        Run();
    }

    private void Plan(long at, Action action) => _events.Enqueue(action, (at, ++_order));

    private void Reach(NodeId to, long time, Action<PaperNode> input)
    {
        var node = _nodes[to];
        if (_timing.Work == 0) After(time, () => Step(node, input));
        else After(time, () =>
        {
            node.FreeAt = Math.Max(node.FreeAt, Now) + _timing.Work;
            After(node.FreeAt - Now, () => Step(node, input));
        });
    }

    private void Step(PaperNode node, Action<PaperNode> input)
    {
        input(node);
        while (node.ToItself.TryDequeue(out var own)) Hear(node, node.Name, own);
        node.Coordinator.CheckInvariants();
        if (node.Coordinator.Deadline is var deadline && (deadline == Instant.Never || deadline >= node.WakeAt)) return;
        node.WakeAt = deadline;
        // A deadline is nothing under way: most have become void by the time they come.
        Plan(Now + (long)(deadline - Time).TotalMicroseconds, () =>
        {
            if (node.WakeAt == deadline) node.WakeAt = Instant.Never;
            Step(node, n =>
            {
                n.Coordinator.OnTime(Time, _effects);
                CarryOut(n, null);
            });
        });
    }

    private void Hear(PaperNode node, NodeId from, Message message)
    {
        if (message.RoomOf(out var partition) == MessageRoom.Replica)
        {
            var replica = node.ReplicaOf(partition);
            replica.OnMessage(from, message, Time, _effects);
            CarryOut(node, replica);
        }
        else
        {
            node.Coordinator.OnMessage(from, message, Time, _effects);
            CarryOut(node, null);
        }
    }

    private void CarryOut(PaperNode node, Replica? replica)
    {
        foreach (var effect in _effects.List)
        {
            switch (effect)
            {
                case Effect.Send send when send.To == node.Name:
                    node.ToItself.Enqueue(send.Message);
                    break;
                case Effect.Send send:
                    Send(node.Name, send.To, send.Message);
                    break;
                case Effect.Write write:
                    node.Write(replica!, write);
                    if (!node.Disk.IsSyncing) Sync(node);
                    break;
                case Effect.Reply reply when node.Waiting.Remove(reply.Request, out var done):
                    done(reply.Outcome);
                    break;
            }
        }

        _effects.Clear();
    }

    private void Sync(PaperNode node)
    {
        node.Disk.BeginSync();
        After(_timing.Sync(node.Disk.RowsInFlight), () =>
        {
            var ended = node.Disk.EndSync(fails: false);
            if (node.Disk.HasWaiting) Sync(node);
            foreach (var (write, result) in ended)
            {
                Step(node, n =>
                {
                    var (replica, id) = n.Writer(write.Id);
                    replica.OnWritten(id, result, _effects);
                    CarryOut(n, replica);
                });
            }
        });
    }
}
