using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Dynamo.Client;
using Dynamo.Telemetry;

namespace Dynamo.Actors;

/// <summary>
/// The parent of all actors of a node, <c>/user/dynamo</c>; it also says when the store fails and when it works again.
/// </summary>
internal sealed class DynamoRoot : UntypedActor, IWithTimers
{
    /// <summary>Its name under <c>/user</c>.</summary>
    public const string Name = "dynamo";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private readonly NodeWiring _wiring;

    public DynamoRoot(NodeWiring wiring, TaskCompletionSource ready, TaskCompletionSource leftBehind)
    {
        _wiring = wiring;
        wiring.Link = Context.ActorOf(OfRequests(Props.Create(() => new LinkActor(wiring))), "link");
        wiring.Replicas.Router = Context.ActorOf(OfRequests(Props.Create(() => new ReplicaRouter(wiring))), "replicas");
        wiring.Lister = Context.ActorOf(Props.Create(() => new ListerActor(wiring)), "lister");
        wiring.Coordinator = Context.ActorOf(OfRequests(Props.Create(() => new CoordinatorActor(wiring))), "coordinator");
        wiring.Handoff = Context.ActorOf(Props.Create(() => new HandoffActor(wiring)), "handoff");
        wiring.Sync = Context.ActorOf(Props.Create(() => new MerkleSyncWorker(wiring)), "anti-entropy");
        wiring.Rehoming = Context.ActorOf(Props.Create(() => new HintRehomer(wiring)), "rehoming");
        wiring.Reaper = Context.ActorOf(Props.Create(() => new TombstoneReaper(wiring)), "reaper");
        wiring.Islands = Context.ActorOf(Props.Create(() => new IslandActor(wiring, leftBehind)), "islands");
        wiring.RingActor = Context.ActorOf(Props.Create(() => new RingActor(wiring, ready)), "ring");
        var gateway = Context.ActorOf(OfRequests(Props.Create(() => new ClientGateway(wiring))), "client");
        ClusterClientReceptionist.Get(Context.System).RegisterService(gateway);
    }

    /// <summary>An actor that requests pass, on the threads that are kept for them.</summary>
    public static Props OfRequests(Props props) => props.WithDispatcher(ClientProtocol.Dispatcher);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        Timers.StartPeriodicTimer(nameof(LookAtStore), LookAtStore.Instance, LookEvery);

    protected override void OnReceive(object message)
    {
        if (message is LookAtStore) _wiring.Telemetry.Look();
    }

    protected override void PostStop() => _wiring.Say(
        EventLevel.Info, EventNames.NodeStopped, "dynamo.node", $"{_wiring.Self} has stopped.", ("in_order", true));

    private sealed class LookAtStore : INoSerializationVerificationNeeded
    {
        public static readonly LookAtStore Instance = new();
    }
}
