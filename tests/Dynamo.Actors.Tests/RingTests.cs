using Akka.Actor;
using Akka.Configuration;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Actors.Tests;

/// <summary>What the ring's history brings back, and what a node refuses to start with.</summary>
public sealed class RingTests : NodeTestKit
{
    [Fact]
    public async Task A_node_recovers_its_founding_and_the_buckets_properties()
    {
        var ring = await Begin(Wiring);
        var changed = BucketProperties.Standard with { NVal = 2 };
        Assert.Equal("", await Set(ring, "b", changed));
        Assert.Equal("", await Set(ring, "c", changed));
        await Stop(ring);

        var next = Wire(Node1, incarnation: 2);
        await Begin(next);
        Assert.Equal(changed, next.View!.PropertiesOf("b"));
        Assert.Equal(changed, next.View!.PropertiesOf("c"));
    }

    [Fact]
    public async Task Many_changes_are_kept_by_a_snapshot_and_a_few_events()
    {
        var ring = await Begin(Wiring);
        for (var i = 1; i <= RingHistory.SnapshotEvery + 10; i++)
            Assert.Equal("", await Set(ring, $"b{i}", BucketProperties.Standard with { NVal = 1 + i % 3 }));
        await Stop(ring);
        var next = Wire(Node1, incarnation: 2);
        await Begin(next);
        for (var i = 1; i <= RingHistory.SnapshotEvery + 10; i++)
            Assert.Equal(1 + i % 3, next.View!.PropertiesOf($"b{i}").NVal);
    }

    [Fact]
    public async Task A_node_of_one_cluster_does_not_start_as_one_of_another()
    {
        await Stop(await Begin(Wiring));
        var fault = await Assert.ThrowsAsync<DynamoStartException>(
            () => Begin(Wire(Node1, 2, options: Options(Node1, cluster: "other"))));
        Assert.Contains(Wiring.Founding.ClusterId, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_made_is_named_by_the_start_that_it_stops()
    {
        var user = ConfigurationFactory.ParseString("akka.persistence.journal.inmem.class = \"No.Such.Journal, Nowhere\"");
        var settings = new AkkaSettings { Self = Node1, Host = "127.0.0.1", Port = 0 };
        using var system = ActorSystem.Create(AkkaSettings.SystemName, settings.ToConfig(user));
        using var store = new MemoryEngine();
        var fault = await Assert.ThrowsAsync<DynamoStartException>(() => DynamoSystem.StartAsync(system, Options(Node1), store));
        Assert.Contains("Nowhere", fault.Message, StringComparison.Ordinal);
    }

    // Extensions put their defaults into the system's settings when they are first asked for, and two at once may lose one's.
    [Fact]
    public void The_settings_have_the_defaults_of_every_extension_before_any_has_begun()
    {
        var config = new AkkaSettings { Self = Node1, Host = "127.0.0.1", Port = 0 }.ToConfig();
        foreach (var path in (string[])
            ["akka.persistence.journal-plugin-fallback", "akka.persistence.journal.inmem.class", "akka.persistence.snapshot-store.sqlite.class",
                "akka.cluster.client.receptionist", "akka.cluster.pub-sub"])
            Assert.True(config.HasPath(path), path);
    }

    [Fact]
    public async Task What_is_heard_makes_a_view_and_silence_another()
    {
        var ring = await Begin(Wiring);
        Assert.False(Wiring.View!.IsReachable(Node2));
        ring.Tell(new Heard(Node2));
        Probe(Wiring.Coordinator).FishForMessage<ClusterView>(static v => v.IsReachable(Node2));
        Probe(Wiring.Coordinator).FishForMessage<ClusterView>(static v => !v.IsReachable(Node2));
        Probe(Wiring.Handoff).FishForMessage<ClusterView>(static v => v.IsReachable(Node2));
        Probe(Wiring.Sync).FishForMessage<ClusterView>(static v => v.IsReachable(Node2));
    }

    [Fact]
    public async Task Each_start_over_a_store_is_a_new_incarnation_of_one_identity()
    {
        using var store = new MemoryEngine();
        var first = await NodeIdentity.Take(store, new Instant(1000));
        // The clock has been set back in between.
        var second = await NodeIdentity.Take(store, new Instant(500));
        Assert.Equal(first.Identity, second.Identity);
        Assert.Equal((1000UL, 1001UL), (first.Incarnation, second.Incarnation));
        using var other = new MemoryEngine();
        Assert.NotEqual(first.Identity, (await NodeIdentity.Take(other, new Instant(1000))).Identity);
    }

    private static Task<string> Set(IActorRef ring, string bucket, BucketProperties properties)
    {
        var done = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        ring.Tell(new SetProperties(bucket, properties, done));
        return done.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task<IActorRef> Begin(NodeWiring wiring)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ring = Sys.ActorOf(Props.Create(() => new RingActor(wiring, ready)));
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return ring;
    }

    private async Task Stop(IActorRef ring) => Assert.True(await ring.GracefulStop(TimeSpan.FromSeconds(10)));
}
