using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Actors.Tests;

/// <summary>One actor of node1 at a time, with probes in the place of all others.</summary>
public abstract class NodeTestKit : TestKit
{
    private protected static readonly NodeId Node1 = new("node1"), Node2 = new("node2"), Node3 = new("node3");

    private protected static readonly NodeSettings Fast = NodeSettings.Standard with
    {
        RequestTimeout = TimeSpan.FromMilliseconds(200),
        ReplicaTimeout = TimeSpan.FromMilliseconds(50),
        PingEvery = TimeSpan.FromMilliseconds(50),
        GossipEvery = TimeSpan.FromMilliseconds(50),
        SuspectAfter = 3,
    };

    // A machine that does other things as well is slow, and what does not come is no more wrong after three seconds than after twenty.
    private static readonly Config Patient =
        ConfigurationFactory.ParseString("akka.test { single-expect-default = 20 s, default-timeout = 20 s }");

    private readonly NodeSettings _settings;

    private protected NodeTestKit(NodeSettings? settings = null)
        : base(new AkkaSettings { Self = Node1, Host = "127.0.0.1", Port = 0 }.ToConfig(Patient), AkkaSettings.SystemName)
    {
        _settings = settings ?? Fast;
        Wiring = Wire(Node1, incarnation: 1);
    }

    private protected NodeWiring Wiring { get; }

    private protected Address Here => ((ExtendedActorSystem)Sys).Provider.DefaultAddress;

    private protected DynamoActorOptions Options(NodeId self, string cluster = "test", string key = "") => new()
    {
        Self = self,
        Founding = LoopbackCluster.Found(cluster, 3),
        // Every peer is in this very system, so that what is sent to a link arrives at /user/dynamo/link.
        Endpoints = new[] { Node1, Node2, Node3 }.ToImmutableSortedDictionary(
            static n => n, _ => new NodeEndpoint(Here.Host, Here.Port!.Value)),
        ClusterKey = key,
        Settings = _settings,
    };

    private protected NodeWiring Wire(NodeId self, ulong incarnation, ulong identity = 7, DynamoActorOptions? options = null) => new(
        options ?? Options(self), new MemoryEngine(), new NodeClock(), new NodeIdentity(identity, incarnation),
        log: said => LineLogger.Say(Sys, said))
    {
        Link = TestProbe("link"),
        RingActor = TestProbe("ring"),
        Coordinator = TestProbe("coordinator"),
        Handoff = TestProbe("handoff"),
        Sync = TestProbe("anti-entropy"),
        Lister = TestProbe("lister"),
        Islands = TestProbe("islands"),
    };

    private protected ClusterView ViewOf(NodeWiring wiring, params NodeId[] reachable) => new(
        wiring.Self, wiring.Ring, reachable.Contains, Gossip.Recall((ReadOnlyMemory<byte>?)null));

    private protected TestProbe Probe(IActorRef actor) => _probes[actor];

    private readonly Dictionary<IActorRef, TestProbe> _probes = [];

    private IActorRef TestProbe(string name)
    {
        var probe = CreateTestProbe();
        _probes[probe.Ref] = probe;
        return probe.Ref;
    }
}
