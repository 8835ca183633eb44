using System.Text;
using Dynamo.Core;
using Dynamo.Http;

namespace Dynamo.Embedded.Tests;

/// <summary>A change that waits for a node which will never come has a way out, over HTTP as well.</summary>
public class StuckChangeTests
{
    private static readonly CancellationToken Soon = new CancellationTokenSource(TimeSpan.FromMinutes(10)).Token;

    [Fact]
    public async Task A_leaver_that_dies_on_the_way_is_removed_over_http_and_the_change_goes_on()
    {
        await using var cluster = await EmbeddedCluster.StartAsync(new EmbeddedOptions { Nodes = 4, Partitions = 16, HttpPort = 0 });
        for (var i = 0; i < 50; i++) Assert.IsType<Stored>(await cluster["node1"].Put("b", $"key{i}", "v"));
        cluster.Kill("node3");
        await Until(() => cluster.Nodes.All(static n => !n.IsUp || !n.CanReach(new NodeId("node3"))));
        await cluster.Leave("node3");
        await Until(async () => (await Status(cluster, "node2")) is { Next: not null });
        using var http = new HttpClient { BaseAddress = new Uri(cluster["node2"].Url) };
        using var staged = await http.PostAsync(
            new Uri("/admin/cluster/remove", UriKind.Relative), Json("{\"node\":\"node3\"}"), Soon);
        Assert.Equal(202, (int)staged.StatusCode);
        Assert.Contains("node3 is removed", await staged.Content.ReadAsStringAsync(Soon));
        using var committed = await http.PostAsync(new Uri("/admin/cluster/commit", UriKind.Relative), Json("{}"), Soon);
        Assert.Contains("node3 is leaving already", await committed.Content.ReadAsStringAsync(Soon));
        await cluster.WhenSettled(Soon);
        Assert.Equal(2, (await Status(cluster, "node1")).Settled.Number);
        for (var i = 0; i < 50; i++)
            Assert.Equal(["v"], EmbeddedClusterTests.Texts(await cluster["node4"].Get("b", $"key{i}")));
    }

    [Fact]
    public async Task A_joiner_that_dies_on_the_way_is_removed_and_the_change_goes_on()
    {
        await using var cluster = EmbeddedCluster.Start(new EmbeddedOptions
        {
            Nodes = 3, Partitions = 16, Settings = NodeSettings.Standard with { SyncKeysPerSecond = 50 },
        });
        for (var i = 0; i < 200; i++) Assert.IsType<Stored>(await cluster["node1"].Put("b", $"key{i}", "v"));
        await cluster.Join("node4");
        await Until(async () => (await Status(cluster, "node4")) is { Next: not null, TransfersLeft: > 0 });
        cluster.Kill("node4");
        await Until(() => cluster.Nodes.All(static n => !n.IsUp || !n.CanReach(new NodeId("node4"))));
        await cluster.Remove("node4");
        await cluster.WhenSettled(Soon);
        Assert.Equal(["node1", "node2", "node3"], cluster["node2"].Port.Ring.Members.Select(static m => m.Node.Name));
        for (var i = 0; i < 200; i++)
            Assert.Equal(["v"], EmbeddedClusterTests.Texts(await cluster["node3"].Get("b", $"key{i}")));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<MembershipStatus> Status(EmbeddedCluster cluster, string node) =>
        (await cluster[node].Port.Membership()).Value ?? throw new InvalidOperationException($"{node} is down.");

    private static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    private static async Task Until(Func<Task<bool>> condition)
    {
        while (!await condition()) await Task.Delay(5, Soon);
    }
}
