using Akka.Actor;
using Akka.Configuration;
using Dynamo.Actors;
using Dynamo.Actors.Tests;
using Dynamo.Core;
using static Dynamo.Core.MembershipChange;

namespace Dynamo.Client.Tests;

/// <summary>Gets that the client coordinates, against nodes over real connections. Section 6.4.</summary>
public sealed class OwnersGetTests : IAsyncLifetime
{
    private readonly ThreeNodes _nodes = new();

    public Task InitializeAsync() => _nodes.InitializeAsync();

    public Task DisposeAsync() => _nodes.DisposeAsync();

    [Fact]
    public async Task They_find_what_a_node_would_find_and_no_node_coordinates_them()
    {
        await using var client = await Client();
        var before = Coordinated();
        Assert.IsType<NotFound>((await client.Get("b", "k")).Outcome);
        await client.Put("b", "k", "milk"u8.ToArray());
        await client.Put("b", "k", "bread"u8.ToArray());
        await Quiet();
        var both = await client.Get("b", "k");
        Assert.Equal(["bread", "milk"], both.Siblings.Select(ClientTests.Text).Order());
        await client.Put("b", "k", "both"u8.ToArray(), both.Context);
        await Quiet();
        Assert.Equal("both", (await client.Get("b", "k")).Text);

        // A value that one owner shows and the others only name.
        var large = new byte[700_000];
        new Random(1).NextBytes(large);
        await client.Put("b", "large", large);
        await Quiet();
        Assert.True((await client.Get("b", "large")).Value!.Body.Span.SequenceEqual(large));

        await client.Increment("counters", "k", 5);
        await Quiet();
        Assert.Equal(5, (await client.Get("counters", "k")).Count);
        Assert.Equal(before, Coordinated());
        Assert.True(Enumerable.Range(1, 3).All(i => OwnerGets(_nodes.Cluster[i]) >= 5));

        // One that says so is coordinated by a node, told or called.
        await client.Get("b", "large", coordinate: false);
        Assert.Equal(before + 1, Coordinated());
        var told = await client.Actor.Ask<DynamoReply>(new Get("b", "k") { Coordinate = false }, TimeSpan.FromSeconds(20));
        Assert.IsType<Found>(told.Outcome);
        Assert.Equal(before + 2, Coordinated());
    }

    [Fact]
    public async Task A_bucket_that_resolves_by_time_shows_the_latest_and_one_of_two_owners_is_served()
    {
        Assert.Equal("", await _nodes.Cluster[1].SetProperties("lww", new BucketProperties { NVal = 2, AllowMult = false }));
        await LoopbackCluster.Until(
            () => Enumerable.Range(1, 3).All(i => _nodes.Cluster[i].View.PropertiesOf("lww").NVal == 2), "all know the properties");
        await using var client = await Client();
        // The first get tells the client how many owners the bucket has.
        await client.Get("lww", "k");
        var before = Coordinated();
        for (var i = 0; i < 20; i++)
        {
            await client.Put("lww", $"k{i}", "early"u8.ToArray());
            await client.Put("lww", $"k{i}", "late"u8.ToArray());
        }

        await Quiet();
        for (var i = 0; i < 20; i++) Assert.Equal("late", (await client.Get("lww", $"k{i}")).Text);
        Assert.Equal(before, Coordinated());
    }

    [Fact]
    public async Task A_stale_owner_is_never_believed_and_is_repaired()
    {
        await using var client = await Client();
        var key = Key.Of("b", "stale");
        var partition = _nodes.Cluster.Founding.ToRing().PartitionOf(key);
        var first = await client.Put(key, new Value { Body = "old"u8.ToArray() });
        await LoopbackCluster.Until(() => Enumerable.Range(1, 3).All(i => Held(i) is not null), "all owners hold the first value");
        var old = Held(3)!;
        await client.Put(key, new Value { Body = "new"u8.ToArray() }, first.Context);
        await LoopbackCluster.Until(() => Enumerable.Range(1, 3).All(i => !Held(i)!.Record.Equals(old.Record)), "all owners hold the second");
        _nodes.Cluster.StoreOf(3).Enqueue([new StoreChange.PutRecord(partition, key, old)], static _ => { });
        await LoopbackCluster.Until(
            () =>
            {
                Assert.Equal("new", client.Get(key).Result.Text);
                return Held(3)!.Record.Equals(Held(1)!.Record);
            },
            "the third owner is repaired");

        StoredRecord? Held(int node) => _nodes.Cluster.StoreOf(node).Read(partition, key).Stored;
    }

    [Fact]
    public async Task With_one_node_killed_every_get_is_answered_and_right()
    {
        await using var client = await Client();
        var keys = Enumerable.Range(0, 60).Select(static i => $"k{i}").ToList();
        foreach (var key in keys) Assert.True((await client.Put("b", key, "value"u8.ToArray())).IsSuccess);
        await Quiet();
        var kill = _nodes.Cluster.Kill(2);
        do
        {
            var reads = await Task.WhenAll(keys.Select(k => client.Get("b", k)));
            Assert.All(reads, static r => Assert.Equal("value", r.Text));
        }
        while (!kill.IsCompleted);

        await kill;
        for (var round = 0; round < 5; round++)
            foreach (var read in await Task.WhenAll(keys.Select(k => client.Get("b", k)))) Assert.Equal("value", read.Text);
        await _nodes.Cluster.Start(2);
        await LoopbackCluster.Until(
            () =>
            {
                var before = Coordinated();
                foreach (var key in keys) Assert.Equal("value", client.Get("b", key).Result.Text);
                return Coordinated() == before;
            },
            "no node coordinates gets any more");
    }

    [Fact]
    public async Task Through_a_change_of_the_ring_every_get_sees_the_put_before_it()
    {
        await using var cluster = LoopbackCluster.OfAndMore(3, 1);
        await cluster.StartAll();
        var system = ActorSystem.Create(
            "shop", ConfigurationFactory.ParseString("akka.loglevel = ERROR").WithFallback(DynamoClient.DefaultConfig()));
        var contact = cluster.Endpoints[LoopbackCluster.Name(1)];
        var client = DynamoClient.Start(system, new DynamoClientOptions
        {
            Contacts = [$"{contact.Host}:{contact.Port}"], RingRefresh = TimeSpan.FromHours(1), CoordinateGets = true,
        });
        var number = 0;
        await PutAndGet();
        await cluster.Start(4);
        Assert.Equal("", await cluster[1].Stage(
            new Join(new RingMember(LoopbackCluster.Name(4)), new ChangeOrigin(LoopbackCluster.Name(1), "test", default)), force: false));
        Assert.Equal("", (await cluster[1].Commit(static _ => ""))!.Item2);
        do await PutAndGet();
        while (!Enumerable.Range(1, 4).All(i => cluster[i].View.Rings is { Next: null, Settled.Number: 1 }));

        // Told by a node that its ring is old, the client asks for the new one and goes by it.
        await LoopbackCluster.Until(
            () =>
            {
                PutAndGet().GetAwaiter().GetResult();
                return OwnerGets(cluster[4]) > 0;
            },
            "the new owner answers the client itself");
        await system.Terminate();

        async Task PutAndGet()
        {
            var text = $"value {++number}";
            for (var i = 0; i < 20; i++)
            {
                var before = await client.Get("b", $"k{i}");
                Assert.True((await client.Put("b", $"k{i}", System.Text.Encoding.UTF8.GetBytes(text), before.Context)).IsSuccess);
                Assert.Equal(text, (await client.Get("b", $"k{i}")).Text);
            }
        }
    }

    // A client that knows the ring: before it does, nodes coordinate its gets.
    private async Task<DynamoClient> Client()
    {
        var client = DynamoClient.Start(_nodes.Outside(), new DynamoClientOptions
        {
            Contacts = [_nodes.Contact(1), _nodes.Contact(2), _nodes.Contact(3)], CoordinateGets = true,
            NodeTimeout = TimeSpan.FromMilliseconds(300), RingRefresh = TimeSpan.FromSeconds(1),
        });
        // The first get goes to a node, and to another one as well when that is slow to connect; from then on none does.
        long before;
        do
        {
            before = Coordinated();
            Assert.True((await client.Get("b", "no such key")).IsSuccess);
            await Quiet();
        }
        while (Coordinated() != before);
        return client;
    }

    // A put is acknowledged by two owners; when the third has it as well no two can differ.
    private Task Quiet() => LoopbackCluster.Until(
        () => Enumerable.Range(1, 3).All(i => _nodes.Cluster[i].RequestsInFlight == 0), "no node has a request under way");

    private long Coordinated() => Enumerable.Range(1, 3).Sum(i => _nodes.Cluster[i].Counters()[CounterNames.NodeGets]);

    private static long OwnerGets(DynamoSystem node) =>
        node.Reading().Took.Where(static r => r.Operation == "owner_get").Sum(static r => r.Seconds.Count);
}
