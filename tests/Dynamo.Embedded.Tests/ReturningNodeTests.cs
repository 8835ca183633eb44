using Dynamo.Core;

namespace Dynamo.Embedded.Tests;

/// <summary>A node comes back under its old name and over its old folder, and brings nothing of what is in there back.</summary>
public class ReturningNodeTests
{
    private const int Keys = 30;
    private static readonly CancellationToken Soon = new CancellationTokenSource(TimeSpan.FromMinutes(10)).Token;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_deleted_and_reaped_meanwhile_stays_deleted(bool leaves)
    {
        using var folder = new TempFolder();
        await using var cluster = EmbeddedCluster.Start(new EmbeddedOptions
        {
            Nodes = 4, Partitions = 16, DataFolder = folder.Path,
            Settings = NodeSettings.Standard with { ReapEvery = TimeSpan.FromSeconds(1), ReapAfter = TimeSpan.Zero },
        });
        for (var i = 0; i < Keys; i++) Assert.IsType<Stored>(await cluster["node1"].Put("b", $"key{i}", "v"));
        await Until(async () => await Held(cluster, "node4") > 5);
        if (leaves)
        {
            await cluster.Leave("node4");
            await cluster.WhenSettled(Soon);
        }

        // With its folder as it is, in the middle of everything.
        cluster.Kill("node4");
        if (!leaves)
        {
            await Until(() => Task.FromResult(cluster.Nodes.All(static n => !n.IsUp || !n.CanReach(new NodeId("node4")))));
            await cluster.Remove("node4");
            await cluster.WhenSettled(Soon);
        }

        for (var i = 0; i < Keys; i++) Assert.IsType<Stored>(await cluster["node1"].Delete("b", $"key{i}"));
        foreach (var node in (string[])["node1", "node2", "node3"]) await Until(async () => await Held(cluster, node) == 0);

        await cluster.Join("node4");
        await cluster.WhenSettled(Soon);
        await cluster.Repair(Soon);
        foreach (var node in cluster.Nodes)
        {
            Assert.Equal(0, await Held(cluster, node.Name.Name));
            for (var i = 0; i < Keys; i++)
                Assert.IsType<NotFound>(await node.Get("b", $"key{i}", new GetOptions { R = QuorumSize.One }));
        }

        Assert.IsType<Stored>(await cluster["node4"].Put("b", "key0", "new", options: new PutOptions { W = QuorumSize.All }));
        // What it holds now is of this stay, and a restart keeps it.
        var held = await Held(cluster, "node4");
        cluster.Kill("node4");
        cluster.Restart("node4");
        await cluster.WhenConnected(Soon);
        await cluster.WhenSettled(Soon);
        Assert.Equal(held, await Held(cluster, "node4"));
        Assert.Equal(["new"], EmbeddedClusterTests.Texts(await cluster["node4"].Get("b", "key0")));
    }

    private static async Task<long> Held(EmbeddedCluster cluster, string node) => (await cluster[node].Port.Status()).Keys;

    private static async Task Until(Func<Task<bool>> condition)
    {
        while (!await condition()) await Task.Delay(5, Soon);
    }
}
