using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Dynamo.Client;
using Dynamo.Core;

namespace Dynamo.Actors.Tests;

/// <summary>An actor system that reaches a node's port, speaks all of Akka's protocol and means no good.</summary>
public sealed class HostileSystemTests : IAsyncLifetime
{
    private const string Stock = """
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          actor.provider = cluster
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        }
        """;

    // Every actor that a node has below /user, by its path.
    private static readonly string[] Actors =
    [
        "", "/link", "/replicas", "/lister", "/coordinator", "/handoff", "/anti-entropy", "/rehoming", "/reaper", "/islands", "/ring", "/client",
    ];

    private readonly LoopbackCluster _cluster = LoopbackCluster.Of(1);
    // Of the nodes' own name: to Akka.Cluster one of another name would be none of its own.
    private readonly ActorSystem _stranger = ActorSystem.Create(AkkaSettings.SystemName, ConfigurationFactory.ParseString(Stock));

    /// <summary>Whoever makes one on a node runs code there.</summary>
    public sealed class Intruder : UntypedActor
    {
        private static int _made;

        public Intruder() => Interlocked.Increment(ref _made);

        public static int Made => _made;

        protected override void OnReceive(object message)
        {
        }
    }

    public Task InitializeAsync() => _cluster.StartAll();

    public async Task DisposeAsync()
    {
        await _stranger.Terminate();
        await _cluster.DisposeAsync();
    }

    private ActorSystem Node => _cluster[1].ActorSystem;

    private string Address => _cluster[1].Address;

    [Fact]
    public async Task Cannot_stop_suspend_or_restart_anything_of_a_node()
    {
        var provider = ((ExtendedActorSystem)_stranger).Provider;
        var victims = Actors.Select(name => (IInternalActorRef)provider.ResolveActorRef($"{Address}/user/dynamo{name}")).ToList();
        foreach (var victim in victims)
        {
            victim.Tell(PoisonPill.Instance);
            victim.Tell(Kill.Instance);
            _stranger.ActorSelection(victim.Path).Tell(PoisonPill.Instance);
        }

        await TheNodeHasHeardAllThat();
        // What cannot be read ends the connection, and its sender is not heard again: so each kind has a sender of its own.
        var refused = new ConcurrentQueue<string>();
        Node.EventStream.Subscribe(Node.ActorOf(Props.Create(() => new Listener(refused))), typeof(LogEvent));
        foreach (var message in (ISystemMessage[])[new Suspend(), new Recreate(new InvalidOperationException("begin anew")), new Terminate()])
            foreach (var victim in victims)
            {
                refused.Clear();
                using var another = ActorSystem.Create(AkkaSettings.SystemName, ConfigurationFactory.ParseString(Stock));
                var its = ((ExtendedActorSystem)another).Provider.ResolveActorRef(victim.Path.ToString());
                ((IInternalActorRef)its).SendSystemMessage(message);
                await LoopbackCluster.Until(
                    () => refused.Any(static line => line.Contains("serializer with id [22]", StringComparison.Ordinal)), $"{message} to {victim.Path} is refused");
            }

        await TheNodeServes();
        foreach (var name in Actors)
        {
            var path = $"/user/dynamo{name}";
            Assert.Equal(path, (await Node.ActorSelection(path).ResolveOne(Patience)).Path.ToStringWithoutAddress());
        }
    }

    [Fact]
    public async Task Cannot_start_an_actor_on_a_node()
    {
        var address = Akka.Actor.Address.Parse(Address);
        _stranger.ActorOf(Props.Create<Intruder>().WithDeploy(new Deploy(new RemoteScope(address))), "intruder");
        await TheNodeHasHeardAllThat();
        Assert.Equal(0, Intruder.Made);
        await TheNodeServes();
    }

    [Fact]
    public async Task Cannot_take_a_node_out_of_Akkas_cluster_by_a_command()
    {
        var cluster = Akka.Cluster.Cluster.Get(Node);
        await LoopbackCluster.Until(() => cluster.SelfMember.Status == MemberStatus.Up, "the node is in a cluster");
        var daemon = _stranger.ActorSelection($"{Address}/system/cluster/core/daemon");
        // Akka keeps the classes to itself.
        foreach (var command in (string[])["Leave", "Down"])
        {
            var type = typeof(Akka.Cluster.Cluster).Assembly.GetType($"Akka.Cluster.ClusterUserAction+{command}", throwOnError: true)!;
            daemon.Tell(Activator.CreateInstance(type, Akka.Actor.Address.Parse(Address))!);
        }

        await TheNodeHasHeardAllThat();
        await TheNodeServes();
        Assert.Equal(MemberStatus.Up, cluster.SelfMember.Status);
        Assert.False(cluster.IsTerminated);
    }

    private static TimeSpan Patience => TimeSpan.FromSeconds(60);

    // What one system sends another arrives in order, and this question, to an actor that may be spoken to, is behind the rest.
    private async Task TheNodeHasHeardAllThat()
    {
        var gateway = _stranger.ActorSelection(Address + ClientProtocol.GatewayPath);
        Assert.Equal("client", (await gateway.ResolveOne(Patience)).Path.Name);
    }

    private sealed class Listener(ConcurrentQueue<string> heard) : UntypedActor
    {
        protected override void OnReceive(object message) => heard.Enqueue($"{message} {(message as LogEvent)?.Cause}");
    }

    private async Task TheNodeServes()
    {
        var put = new PutRequest(Key.Of("b", "k"), default, new Value { Body = "milk"u8.ToArray() }, PutOptions.None);
        Assert.IsType<Stored>(await _cluster[1].Execute(put).WaitAsync(Patience));
        Assert.Equal("", await _cluster[1].SetProperties("b", BucketProperties.Standard).WaitAsync(Patience));
    }
}
