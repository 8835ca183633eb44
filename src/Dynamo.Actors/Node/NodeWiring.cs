using System.Collections.Immutable;
using System.Security.Cryptography;
using Akka.Actor;
using Dynamo.Core;
using Dynamo.Storage;
using Dynamo.Telemetry;

namespace Dynamo.Actors;

/// <summary>What the actors of one node share: who is where, and where a message for this node goes.</summary>
/// <remarks>
/// Made before the actors; <see cref="DynamoRoot"/> fills the references in before any of them gets a message.
/// </remarks>
internal sealed class NodeWiring
{
    private readonly Ring _founded;
    private volatile ClusterView? _view;
    private volatile ImmutableSortedDictionary<NodeId, PeerFacts> _peers =
        ImmutableSortedDictionary<NodeId, PeerFacts>.Empty;

    private volatile string _httpUrl = "";
    private volatile RestoreProgress? _restore;
    private double _backgroundShare = 1;

    public NodeWiring(
        DynamoActorOptions options, IStorageEngine store, NodeClock clock, NodeIdentity identity, IStorageEngine? backup = null,
        Action<NodeEvent>? log = null)
    {
        Backup = backup;
        Telemetry = new NodeTelemetry(
            options.Self, options.Founding, "akka", store, new TelemetryOptions { Log = log, TraceKeys = options.TraceKeys });
        Options = options;
        Store = store;
        Clock = clock;
        Identity = identity;
        _founded = options.Founding.ToRing();
        Replicas = new ReplicaDirectory(_founded.PartitionCount);
        Door = new Door(this);
        Share = () => BackgroundShare;
    }

    public DynamoActorOptions Options { get; }

    public NodeId Self => Options.Self;

    public Founding Founding => Options.Founding;

    public NodeSettings Settings => Options.Settings;

    /// <summary>The ring to read by: the founding's until the history is recovered.</summary>
    public Ring Ring => View?.Ring ?? _founded;

    public IStorageEngine Store { get; }

    public NodeClock Clock { get; }

    /// <summary>What the node tells of itself.</summary>
    public NodeTelemetry Telemetry { get; }

    public NodeIdentity Identity { get; }

    public ReplicaDirectory Replicas { get; }

    /// <summary>Where clients' requests come in.</summary>
    public Door Door { get; }

    /// <summary>What the clients' requests leave to background work, by the coordinator's word.</summary>
    public double BackgroundShare
    {
        get => Volatile.Read(ref _backgroundShare);
        set => Volatile.Write(ref _backgroundShare, value);
    }

    /// <summary>Asks for <see cref="BackgroundShare"/>.</summary>
    public Func<double> Share { get; }

    public IActorRef Link { get; set; } = ActorRefs.Nobody;

    public IActorRef RingActor { get; set; } = ActorRefs.Nobody;

    public IActorRef Coordinator { get; set; } = ActorRefs.Nobody;

    public IActorRef Handoff { get; set; } = ActorRefs.Nobody;

    public IActorRef Sync { get; set; } = ActorRefs.Nobody;

    public IActorRef Rehoming { get; set; } = ActorRefs.Nobody;

    public IActorRef Reaper { get; set; } = ActorRefs.Nobody;

    public IActorRef Lister { get; set; } = ActorRefs.Nobody;

    public IActorRef Islands { get; set; } = ActorRefs.Nobody;

    /// <summary>Ends with what the emptied store is to hold, when the node must begin again over one.</summary>
    public TaskCompletionSource<IReadOnlyList<StoreChange>> StartsOver { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The cluster as last published; null until the ring's history is recovered.</summary>
    public ClusterView? View
    {
        get => _view;
        set
        {
            _view = value;
            if (value is not null) Telemetry.OnView(value);
        }
    }

    /// <summary>Where the other nodes are, as the link knows it.</summary>
    public ImmutableSortedDictionary<NodeId, PeerFacts> Peers
    {
        get => _peers;
        set => _peers = value;
    }

    /// <summary>The backup that the node is being restored from; null for none.</summary>
    public IStorageEngine? Backup { get; private set; }

    /// <summary>Ends when nothing reads the backup any more.</summary>
    public TaskCompletionSource Restored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How far it has come with that.</summary>
    public RestoreProgress? Restore
    {
        get => _restore;
        set
        {
            _restore = value;
            if (value is not { IsOver: true } || Backup is null) return;
            Backup = null;
            Restored.TrySetResult();
        }
    }

    /// <summary>Where this node serves HTTP; "" while it does not.</summary>
    public string HttpUrl
    {
        get => _httpUrl;
        set => _httpUrl = value;
    }

    /// <summary>Requests being coordinated here.</summary>
    public int RequestsInFlight
    {
        get => Telemetry.RequestsInFlight;
        set => Telemetry.RequestsInFlight = value;
    }

    /// <summary>A number that differs in each run.</summary>
    public static ulong Entropy() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    /// <summary>Hands a message for this node to the actor whose machine takes it.</summary>
    public void Dispatch(NodeId from, Message message)
    {
        switch (message.RoomOf(out var partition))
        {
            case MessageRoom.Replica:
                // What a node keeps that has departed, or has not heard that it joins, counts for nothing: it must not be counted on.
                if (from != Self && View?.Rings is { TakesPart: false }) break;
                // Only this node may ask its own replica to issue a dot.
                if (message is not CoordinateWrite || from == Self) Replicas.Tell(new ReplicaInput(partition, from, message));
                break;
            case MessageRoom.Handoff:
                var reply = new FromNode(from, message);
                Rehoming.Tell(reply);
                if (from != Self) Handoff.Tell(reply);
                break;
            case MessageRoom.Sync:
                Sync.Tell(new FromNode(from, message));
                break;
            case MessageRoom.Reaper:
                Reaper.Tell(new FromNode(from, message));
                break;
            case MessageRoom.Gate:
                Link.Tell(new FromNode(from, message));
                break;
            case MessageRoom.Lister:
                Lister.Tell(new FromNode(from, message));
                break;
            case MessageRoom.FailureDetector:
                if (message is Ping ping) Link.Tell(new Effect.Send(from, new Pong(ping.Number)));
                break;
            case MessageRoom.Membership:
            case MessageRoom.Gossip:
                RingActor.Tell(new FromNode(from, message));
                break;
            case MessageRoom.Coordinator:
                Coordinator.Tell(new FromNode(from, message));
                break;
        }
    }

    /// <summary>Counts and logs what a machine observed.</summary>
    public void Observe(Observation observation)
    {
        Telemetry.Observe(observation);
        if (observation is not Observation.HintStored hint) return;
        Handoff.Tell(new HintWaits(hint.Owner));
        Rehoming.Tell(new HintWaits(hint.Owner));
    }

    /// <summary>Writes an event to the node's log; every event says of which node it is.</summary>
    public void Say(EventLevel level, string name, string source, string sentence, params (string, object)[] fields) =>
        Telemetry.Say(new NodeEvent(level, name, source, sentence, [("node", Self), .. fields]));

    /// <summary>Every counter and its value.</summary>
    public ImmutableSortedDictionary<string, long> Counters() => Telemetry.Counters();

    /// <summary>A request that has just reached the node.</summary>
    public Ask Ask(ClientRequest request, IAnswer answer) =>
        new(request, answer) { At = Clock.Now, Activity = Telemetry.Arrived(request) };
}

/// <summary>Where another node is.</summary>
/// <param name="Address">Its actor system, such as <c>akka.tcp://dynamo@127.0.0.1:9001</c>.</param>
/// <param name="HttpUrl">Its HTTP address, "" when not known.</param>
internal sealed record PeerFacts(string Address, string HttpUrl);
