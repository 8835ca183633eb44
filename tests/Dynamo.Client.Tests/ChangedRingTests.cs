using Akka.Actor;
using Akka.Configuration;
using Dynamo.Actors;
using Dynamo.Actors.Tests;
using Dynamo.Core;
using static Dynamo.Core.MembershipChange;

namespace Dynamo.Client.Tests;

/// <summary>A client that was started before the ring changed sends each request to its present owner. Section 6.4.</summary>
/// <remarks>It would refresh the ring once an hour, so what it knows it has asked for because nodes said that it is behind.</remarks>
public sealed class ChangedRingTests
{
    private const int Keys = 60;
    private static readonly ChangeOrigin Origin = new(LoopbackCluster.Name(1), "test", default);

    [Fact]
    public async Task A_client_follows_the_ring_through_a_join_and_the_leaving_of_its_only_contact()
    {
        await using var cluster = LoopbackCluster.OfAndMore(3, 1);
        await cluster.StartAll();
        var system = ActorSystem.Create(
            "shop", ConfigurationFactory.ParseString("akka.loglevel = ERROR").WithFallback(DynamoClient.DefaultConfig()));
        var contact = cluster.Endpoints[LoopbackCluster.Name(1)];
        var client = DynamoClient.Start(
            system, new DynamoClientOptions { Contacts = [$"{contact.Host}:{contact.Port}"], RingRefresh = TimeSpan.FromHours(1) });
        await Put(client, "old");
        await cluster.Start(4);
        await Commit(cluster[1], new Join(new RingMember(LoopbackCluster.Name(4)), Origin));
        await LoopbackCluster.Until(() => IsSettled(cluster, 1, 1, 2, 3, 4), "everybody works by the ring of four");
        await LoopbackCluster.Until(() => GoesToOwners(cluster, client, 1, 2, 3, 4), "each put goes to the owner by the ring of four");

        await Commit(cluster[2], new Leave(LoopbackCluster.Name(1), Origin));
        await LoopbackCluster.Until(() => IsSettled(cluster, 2, 2, 3, 4), "the others work by the ring of three");
        await LoopbackCluster.Until(() => GoesToOwners(cluster, client, 2, 3, 4), "each put goes to the owner by the ring without node1");
        await cluster.Kill(1);
        await Put(client, "new");
        for (var i = 0; i < Keys; i++) Assert.NotEmpty((await client.Get("b", $"k{i}")).Siblings);
        await system.Terminate();
    }

    // One put of each key; whether each node has coordinated exactly those that it is the first owner of.
    private static bool GoesToOwners(LoopbackCluster cluster, DynamoClient client, params int[] members)
    {
        var before = members.ToDictionary(static i => i, i => Coordinated(cluster[i]));
        Put(client, "again").GetAwaiter().GetResult();
        var ring = cluster[members[0]].View.Ring;
        return members.All(i => Coordinated(cluster[i]) - before[i] == Enumerable.Range(0, Keys).Count(
            k => ring.OwnerOf(ring.PartitionOf(Key.Of("b", $"k{k}"))) == LoopbackCluster.Name(i)));
    }

    private static long Coordinated(DynamoSystem node) => node.Counters().GetValueOrDefault(CounterNames.NodePuts);

    private static async Task Put(DynamoClient client, string text)
    {
        for (var i = 0; i < Keys; i++)
        {
            var read = await client.Get("b", $"k{i}");
            var answer = await client.Put("b", $"k{i}", System.Text.Encoding.UTF8.GetBytes(text), read.Context);
            Assert.IsType<Stored>(answer.Outcome);
        }
    }

    private static bool IsSettled(LoopbackCluster cluster, int version, params int[] nodes) => nodes.All(
        i => cluster[i].View.Rings is { Next: null, Settled.Number: var number } && number == version);

    private static async Task Commit(DynamoSystem node, MembershipChange change)
    {
        Assert.Equal("", await node.Stage(change, force: false));
        Assert.Equal("", (await node.Commit(static _ => ""))!.Item2);
    }
}
