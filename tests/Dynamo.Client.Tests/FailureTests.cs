using Dynamo.Actors.Tests;
using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>Nodes that die and come back while a client is at work.</summary>
public sealed class FailureTests : IAsyncLifetime
{
    private readonly ThreeNodes _nodes = new();

    public Task InitializeAsync() => _nodes.InitializeAsync();

    public Task DisposeAsync() => _nodes.DisposeAsync();

    [Fact]
    public async Task When_a_node_is_killed_requests_for_its_keys_go_to_the_next_and_come_back_with_it()
    {
        await using var client = DynamoClient.Start(_nodes.Outside(), new DynamoClientOptions
        {
            Contacts = [_nodes.Contact(1), _nodes.Contact(2), _nodes.Contact(3)],
            NodeTimeout = TimeSpan.FromMilliseconds(300),
            RingRefresh = TimeSpan.FromSeconds(1),
        });
        var keys = Enumerable.Range(0, 30).Select(static i => $"k{i}").ToList();
        var contexts = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var key in keys) contexts[key] = (await client.Put("kill", key, "before"u8.ToArray())).Context;

        await _nodes.Cluster.Kill(2);
        var during = await Task.WhenAll(keys.Select(k => client.Put("kill", k, "during"u8.ToArray(), contexts[k])));
        Assert.All(during, static w => Assert.IsType<Stored>(w.Outcome));
        var reads = await Task.WhenAll(keys.Select(k => client.Get("kill", k)));
        Assert.All(reads, static r => Assert.All(r.Siblings, s => Assert.Equal("during", ClientTests.Text(s))));

        // By now everybody knows, so blind puts find their way without a silence, too.
        var blind = await Task.WhenAll(keys.Select(k => client.Put("blind", k, "during"u8.ToArray())));
        Assert.All(blind, static w => Assert.IsType<Stored>(w.Outcome));

        await _nodes.Cluster.Start(2);
        await LoopbackCluster.Until(
            () => keys.All(k => client.Get("kill", k).Result.IsSuccess)
                && _nodes.Cluster[2].Counters()[CounterNames.NodeGets] > 0,
            "The client sends requests to the node that has come back.");
    }

    [Fact]
    public async Task A_client_outlives_all_nodes()
    {
        await using var client = DynamoClient.Start(_nodes.Outside(), new DynamoClientOptions
        {
            Contacts = [_nodes.Contact(1), _nodes.Contact(2), _nodes.Contact(3)],
            NodeTimeout = TimeSpan.FromMilliseconds(300),
            Timeout = TimeSpan.FromSeconds(2),
        });
        await client.Put("all", "k", "before"u8.ToArray());
        await Task.WhenAll(_nodes.Cluster.Kill(1), _nodes.Cluster.Kill(2), _nodes.Cluster.Kill(3));
        var put = await client.Put("all", "k", "nowhere"u8.ToArray());
        Assert.True(Assert.IsType<TimedOut>(put.Outcome).MayTakeEffect);
        Assert.Equal(new TimedOut(QuorumKind.R, 2, 0), (await client.Get("all", "k")).Outcome);

        await _nodes.Cluster.StartAll();
        await LoopbackCluster.Until(() => client.Get("all", "k").Result.IsSuccess, "The client finds the nodes again.");
        Assert.Equal("before", (await client.Get("all", "k")).Text);
    }
}
