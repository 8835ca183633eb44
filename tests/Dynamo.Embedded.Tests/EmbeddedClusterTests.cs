using System.Net;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Embedded.Tests;

public class EmbeddedClusterTests
{
    // Made anew for each wait: all tests together may well take longer.
    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    [Fact]
    public async Task Three_nodes_keep_a_cart_through_a_partition()
    {
        await using var cluster = EmbeddedCluster.Start(nodes: 3);
        Assert.IsType<Stored>(await cluster["node1"].Put("carts", "alice", "milk"));
        Assert.Equal(["milk"], Texts(await cluster["node3"].Get("carts", "alice")));

        cluster.Partition(["node1"], ["node2", "node3"]);
        var context = ((Found)await cluster["node2"].Get("carts", "alice")).Context;
        Assert.IsType<Stored>(await cluster["node2"].Put("carts", "alice", "milk+bread", context));
        var w1 = new PutOptions { W = QuorumSize.One };
        Assert.IsType<Stored>(await cluster["node1"].Put("carts", "alice", "milk+eggs", context, w1));

        cluster.Heal();
        await Until(async () => Texts(await cluster["node3"].Get("carts", "alice")) is ["milk+bread", "milk+eggs"]);
    }

    [Fact]
    public async Task Every_node_serves_http_and_the_data_survives_a_restart_of_the_whole_cluster()
    {
        using var folder = new TempFolder();
        var options = new EmbeddedOptions { Nodes = 5, HttpPort = 0, DataFolder = folder.Path };
        using var http = new HttpClient();
        await using (var cluster = await EmbeddedCluster.StartAsync(options))
        {
            foreach (var node in cluster.Nodes)
                Assert.Equal("OK", await http.GetStringAsync(new Uri($"{node.Url}/ping"), Soon));
            var put = await http.PutAsync(
                new Uri($"{cluster["node1"].Url}/buckets/carts/keys/alice"),
                new StringContent("milk", Encoding.UTF8, "text/plain"), Soon);
            Assert.Equal(HttpStatusCode.NoContent, put.StatusCode);
        }

        await using (var cluster = await EmbeddedCluster.StartAsync(options))
        {
            foreach (var node in cluster.Nodes)
                Assert.Equal("milk", await http.GetStringAsync(new Uri($"{node.Url}/buckets/carts/keys/alice"), Soon));
        }
    }

    [Fact]
    public async Task A_killed_node_gets_what_it_missed_when_it_is_back()
    {
        using var folder = new TempFolder();
        await using var cluster = EmbeddedCluster.Start(new EmbeddedOptions { Nodes = 5, DataFolder = folder.Path });
        cluster.Kill("node2");
        var alive = cluster.Nodes.Where(n => n.Name.Name != "node2").ToArray();
        for (var i = 0; i < 200; i++)
            Assert.IsType<Stored>(await alive[i % 4].Put("b", $"key{i}", $"value{i}"));

        cluster.Restart("node2");
        await cluster.WhenConnected(Soon);
        await Until(async () =>
        {
            foreach (var node in alive)
                if (!(await node.Port.Status()).Hints.IsEmpty) return false;
            return true;
        });
        var owned = 0;
        for (var i = 0; i < 200; i++)
        {
            var key = Key.Of("b", $"key{i}");
            var ring = cluster["node2"].Port.Ring;
            if (!ring.PreferenceList(ring.PartitionOf(key), 3).Contains(new NodeId("node2"))) continue;
            owned++;
            var local = await cluster["node2"].Port.Local(key);
            Assert.Equal($"value{i}", Encoding.UTF8.GetString(Assert.Single(local!.Record!.Siblings).Value!.Body.Span));
        }

        Assert.InRange(owned, 60, 180);
    }

    [Fact]
    public async Task A_killed_node_says_that_it_is_down()
    {
        await using var cluster = EmbeddedCluster.Start(nodes: 3);
        cluster.Kill("node3");
        Assert.Contains("node3 is down", Assert.IsType<NotReady>(await cluster["node3"].Get("b", "k")).Sentence);
    }

    [Fact]
    public async Task Keys_and_buckets_are_listed_from_every_node()
    {
        await using var cluster = EmbeddedCluster.Start(nodes: 4);
        for (var i = 0; i < 50; i++) await cluster.Nodes[i % 4].Put($"bucket{i % 3}", $"key{i:00}", "x");
        await cluster["node1"].Delete("bucket0", "key00");
        foreach (var node in cluster.Nodes)
        {
            Assert.Equal(["bucket0", "bucket1", "bucket2"], await List(node, null));
            Assert.Equal(16, (await List(node, "bucket0")).Length);
        }
    }

    [Fact]
    public async Task Properties_reach_every_node_and_survive_a_restart()
    {
        using var folder = new TempFolder();
        await using var cluster = EmbeddedCluster.Start(new EmbeddedOptions { Nodes = 3, DataFolder = folder.Path });
        Assert.Equal("", await cluster["node2"].Port.SetProperties("b", new BucketProperties { NVal = 2 }));
        await Until(() => Task.FromResult(cluster.Nodes.All(n => n.Port.Properties("b").NVal == 2)));
        foreach (var node in cluster.Nodes) cluster.Kill(node.Name.Name);
        foreach (var node in cluster.Nodes) cluster.Restart(node.Name.Name);
        await Until(() => Task.FromResult(cluster.Nodes.All(n => n.Port.Properties("b").NVal == 2)));
    }

    [Theory]
    [InlineData(0, 256, "nodes")]
    [InlineData(65, 256, "nodes")]
    [InlineData(3, 100, "power of two")]
    public async Task Options_that_cannot_be_are_refused_in_a_sentence(int nodes, int partitions, string says)
    {
        var options = new EmbeddedOptions { Nodes = nodes, Partitions = partitions };
        var fault = await Assert.ThrowsAsync<EmbeddedStartException>(() => EmbeddedCluster.StartAsync(options));
        Assert.Contains(says, fault.Message);
    }

    [Fact]
    public async Task A_folder_of_another_cluster_and_a_port_in_use_are_refused_in_a_sentence()
    {
        using var folder = new TempFolder();
        var options = new EmbeddedOptions { Nodes = 3, DataFolder = folder.Path, HttpPort = 0 };
        await using (var first = await EmbeddedCluster.StartAsync(options))
        {
            var taken = new Uri(first["node1"].Url).Port;
            var port = await Assert.ThrowsAsync<EmbeddedStartException>(() =>
                EmbeddedCluster.StartAsync(new EmbeddedOptions { Nodes = 1, HttpPort = taken }));
            Assert.Contains($"{taken}", port.Message);
        }

        var other = await Assert.ThrowsAsync<EmbeddedStartException>(() =>
            EmbeddedCluster.StartAsync(options with { Nodes = 5 }));
        Assert.Contains("belongs to", other.Message);
    }

    [Fact]
    public async Task Whoever_asks_a_node_that_is_being_killed_gets_an_answer()
    {
        await using var cluster = EmbeddedCluster.Start(nodes: 1);
        for (var round = 0; round < 30; round++)
        {
            var asked = Task.Run(() => Enumerable.Range(0, 200).Select(i => cluster["node1"].Put("b", $"key{i}", "value")).ToList(), Soon);
            await cluster["node1"].Put("b", "first", "value");
            cluster.Kill("node1");
            await Task.WhenAll(await asked).WaitAsync(Soon);
            cluster.Restart("node1");
        }
    }

    internal static async Task Until(Func<Task<bool>> condition)
    {
        var soon = Soon;
        while (!await condition()) await Task.Delay(20, soon);
    }

    internal static string[] Texts(Outcome outcome) => outcome is Found found
        ? [.. found.Siblings.Select(s => Encoding.UTF8.GetString(s.Value!.Body.Span)).Order(StringComparer.Ordinal)]
        : [];

    private static async Task<string[]> List(EmbeddedMember node, string? bucket)
    {
        var names = new List<string>();
        await foreach (var page in node.Port.List(new ListRequest(bucket), Soon))
            names.AddRange(Assert.IsType<Listing>(page).Names.Select(n => Encoding.UTF8.GetString(n.Span)));
        names.Sort(StringComparer.Ordinal);
        return [.. names];
    }
}
