using Akka.Actor;
using Akka.Cluster;
using Dynamo.Core;
using Dynamo.Telemetry;

namespace Dynamo.Actors;

/// <summary>
/// Gets this node into an island of Akka.Cluster, reports what that says about the others, and notices when there are
/// two.
/// </summary>
/// <remarks>
/// An island is what Akka.Cluster calls a cluster. It is a hint for the failure detector and the first contact of
/// clients; the ring, its members and their data do not depend on it. There are no seed nodes: hellos say who is in
/// which island, and
/// <see cref="ClusterFormation"/> decides. Nobody is ever downed for being unreachable; only an incarnation that is
/// proven superseded is, when its successor speaks from another address (at the same address Akka.Cluster does it by
/// itself).
/// Two islands never become one by themselves, so the nodes of the smaller one move over, one after the other: that
/// takes a new actor system, which is made by whoever waits for <see cref="DynamoSystem.LeftBehind"/>.
/// </remarks>
internal sealed class IslandActor : UntypedActor, IWithTimers
{
    /// <summary>How a node's name appears among the roles of a member of Akka.Cluster.</summary>
    public const string RolePrefix = "dynamo-node-";

    /// <summary>How long two islands must have seen each other before it is said: joining takes its time.</summary>
    public static readonly TimeSpan IslandPatience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan JoinAgainAfter = TimeSpan.FromSeconds(5);
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly NodeWiring _wiring;
    private Instant? _listensSince;
    private readonly SortedDictionary<NodeId, PeerHello> _hellos = [];
    private readonly SortedDictionary<NodeId, string> _gone = [];
    private Instant _joinAgain;
    private NodeId _contact;
    private Instant? _apartSince;
    private string _saidIsland = "";
    private readonly TaskCompletionSource _leftBehind;

    /// <summary>An actor that is in no island yet.</summary>
    /// <param name="wiring">The node.</param>
    /// <param name="leftBehind">Ends when only a new actor system can get into the island of the others.</param>
    public IslandActor(NodeWiring wiring, TaskCompletionSource leftBehind)
    {
        _wiring = wiring;
        _leftBehind = leftBehind;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private string Process => Describe(_cluster.SelfUniqueAddress);

    protected override void PreStart()
    {
        _cluster.Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartPeriodicTimer(nameof(Look), Look.Instance, TimeSpan.FromMilliseconds(100), LookEvery);
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterEvent.UnreachableMember m:
                Gone(m.Member);
                break;
            case ClusterEvent.ReachableMember m:
                Back(m.Member);
                break;
            case ClusterEvent.MemberExited or ClusterEvent.MemberDowned or ClusterEvent.MemberRemoved:
                Gone(((ClusterEvent.IMemberEvent)message).Member);
                break;
            case ClusterEvent.IMemberEvent m:
                Back(m.Member);
                break;
            case PeerHello hello:
                OnHello(hello);
                break;
            case ClusterView or Look:
                OnLook();
                break;
        }
    }

    private static NodeId NodeOf(Member member)
    {
        var role = member.Roles.FirstOrDefault(static r => r.StartsWith(RolePrefix, StringComparison.Ordinal));
        return NodeId.TryParse(role?[RolePrefix.Length..], out var node) ? node : default;
    }

    private static string Describe(UniqueAddress address) => $"{address.Address}#{address.Uid}";

    private void Gone(Member member)
    {
        var node = NodeOf(member);
        if (node.IsNone) return;
        _gone[node] = Describe(member.UniqueAddress);
        Judge(node);
    }

    private void Back(Member member)
    {
        var node = NodeOf(member);
        if (node.IsNone || _gone.GetValueOrDefault(node) != Describe(member.UniqueAddress)) return;
        _gone.Remove(node);
        Judge(node);
    }

    private void OnHello(PeerHello hello)
    {
        _hellos[hello.Node] = hello;
        Judge(hello.Node);
        foreach (var member in _cluster.State.Members)
        {
            if (NodeOf(member) != hello.Node || member.Address.ToString() == hello.Address) continue;
            if (member.Status is MemberStatus.Down or MemberStatus.Removed or MemberStatus.Exiting) continue;
            _wiring.Say(
                EventLevel.Info, EventNames.NodeMoved, "dynamo.islands",
                $"{hello.Node} has moved to {hello.Address}; its former process at {member.Address} is taken out of Akka's cluster.",
                ("peer", hello.Node), ("address", hello.Address));
            _cluster.Down(member.Address);
        }
    }

    // Akka's word is about one process. When another one speaks under the same name, it says nothing about that.
    private void Judge(NodeId node)
    {
        var gone = _gone.TryGetValue(node, out var process)
            && (!_hellos.TryGetValue(node, out var hello) || hello.Hello.Process == process);
        _wiring.RingActor.Tell(new ClusterVerdict(node, !gone));
    }

    private void OnLook()
    {
        var island = Island();
        _wiring.Link.Tell(new Announce(Process, island));
        // Nobody is heard before, and on a busy machine a start takes its time: who counted that would found an island of his own.
        if (_wiring.View is not { } view) return;
        _listensSince ??= _wiring.Clock.Now;
        var peers = Peers(view, island);
        if (island.Length == 0) SeekIsland(peers, view.SelfIndex >= 0);
        else NoticeOthers(peers, island);
    }

    // The oldest member names the island; a process that is not a member of it itself is in none.
    private string Island()
    {
        var members = _cluster.State.Members;
        if (!members.Any(m => m.UniqueAddress.Equals(_cluster.SelfUniqueAddress))) return "";
        Member? oldest = null;
        foreach (var member in members)
            if (oldest is null || member.IsOlderThan(oldest)) oldest = member;
        return Describe(oldest!.UniqueAddress);
    }

    // Hellos are a few seconds old, and an island is named anew when its oldest member goes: whoever Akka counts as a
    // member here is in this island, whatever he said last.
    private List<ClusterFormation.Peer> Peers(ClusterView view, string island)
    {
        var here = _cluster.State.Members.Select(static m => Describe(m.UniqueAddress)).ToList();
        return [.. view.Ring.Members.Where(m => m.Node != _wiring.Self).Select(m =>
        {
            var hello = _hellos.GetValueOrDefault(m.Node)?.Hello;
            var its = hello is null ? "" : island.Length > 0 && here.Contains(hello.Process) ? island : hello.Island;
            return new ClusterFormation.Peer(m.Node, view.IsReachable(m.Node), its);
        })];
    }

    private void SeekIsland(List<ClusterFormation.Peer> peers, bool isMember)
    {
        var now = _wiring.Clock.Now;
        if (_cluster.IsTerminated)
        {
            // Somebody has taken this process out of Akka's cluster for good.
            _leftBehind.TrySetResult();
            return;
        }

        var (step, contact) = ClusterFormation.Decide(_wiring.Self, peers, now - (_listensSince ?? now), isMember);
        if (step == ClusterFormation.Step.Wait || (contact == _contact && now < _joinAgain)) return;
        _joinAgain = now + JoinAgainAfter;
        _contact = contact;
        _cluster.Join(step == ClusterFormation.Step.Found
            ? _cluster.SelfAddress
            : Address.Parse(_hellos[contact].Address));
    }

    private void NoticeOthers(List<ClusterFormation.Peer> peers, string island)
    {
        var other = peers.Find(p => p.Reachable && p.Island.Length > 0 && p.Island != island).Island ?? "";
        var now = _wiring.Clock.Now;
        _apartSince = other.Length == 0 ? null : _apartSince ?? now;
        if (now - (_apartSince ?? now) < IslandPatience) return;
        if (_saidIsland != other)
        {
            _saidIsland = other;
            _wiring.Say(
                EventLevel.Warning, EventNames.IslandDetected, "dynamo.islands",
                $"Akka's cluster has fallen into islands, {island} here and {other}: data is served all the same, and the nodes of the "
                + "smaller one move over.",
                ("here", island), ("other", other));
        }

        if (ClusterFormation.Yields(_wiring.Self, island, peers)) _leftBehind.TrySetResult();
    }

    private sealed class Look : INoSerializationVerificationNeeded
    {
        public static readonly Look Instance = new();
    }
}
