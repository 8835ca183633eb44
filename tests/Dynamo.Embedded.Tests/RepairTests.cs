using Dynamo.Core;
using Record = Dynamo.Core.Record;

namespace Dynamo.Embedded.Tests;

/// <summary>
/// Section 4.7, "replica synchronization": "to handle other threats to durability, Dynamo implements an anti-entropy protocol
/// to keep the replicas synchronized". Stores are compared with each other directly: a get would repair what it finds.
/// </summary>
public class RepairTests
{
    private const int Keys = 2_500;
    private static readonly CancellationToken Soon = new CancellationTokenSource(TimeSpan.FromMinutes(10)).Token;

    [Fact]
    public async Task A_node_whose_disk_was_replaced_holds_all_it_owns_again_before_anybody_reads_it()
    {
        using var folder = new TempFolder();
        var options = new EmbeddedOptions
        {
            Nodes = 5, Partitions = 64, DataFolder = folder.Path,
            Settings = NodeSettings.Standard with { SyncPause = TimeSpan.Zero, SyncKeysPerSecond = 100_000, SyncWindow = 64 },
        };
        await using var cluster = EmbeddedCluster.Start(options);
        await Fill(cluster);
        var before = await Held(cluster, "node2");
        Assert.InRange(before.Count, Keys / 2, Keys);

        cluster.Kill("node2");
        cluster.Restart("node2", wipe: true);
        await cluster.WhenConnected(Soon);
        Assert.Empty(await Held(cluster, "node2"));

        var done = await cluster.Repair(Soon);

        Assert.Equal((0, 0L), (done.PairsLeft, done.Failed));
        // Two nodes may find the same key missing before it is there.
        Assert.InRange(done.KeysRepaired, before.Count, 4L * before.Count);
        Assert.Equal(before, await Held(cluster, "node2"));
        await AllOwnersAgree(cluster);

        var again = await cluster.Repair(Soon);
        Assert.Equal((done.PairsOfRepair, 0L), (again.PairsOfRepair, again.KeysRepaired));
    }

    [Fact]
    public async Task What_one_side_of_a_partition_wrote_reaches_the_other_owners()
    {
        // Hints are refused here, so that nothing but anti-entropy can bring the owners together.
        var settings = NodeSettings.Standard with { SyncPause = TimeSpan.Zero, MaxHintsPerOwner = 0 };
        await using var cluster = EmbeddedCluster.Start(new EmbeddedOptions { Nodes = 3, Partitions = 16, Settings = settings });
        cluster.Partition(["node1"], ["node2", "node3"]);
        var one = new PutOptions { W = QuorumSize.One, DW = QuorumSize.One };
        for (var i = 0; i < 100; i++)
            Assert.IsType<Stored>(await cluster[i % 2 == 0 ? "node1" : "node3"].Put("b", $"key{i}", $"value{i}", options: one));
        cluster.Heal();
        await cluster.WhenConnected(Soon);

        var done = await cluster.Repair(Soon);

        Assert.Equal(0, done.Failed);
        await AllOwnersAgree(cluster, 100);
    }

    [Fact]
    public async Task A_node_that_is_down_is_not_waited_for()
    {
        await using var cluster = EmbeddedCluster.Start(new EmbeddedOptions { Nodes = 3, Partitions = 8 });
        cluster.Kill("node3");
        var done = await cluster.Repair(Soon);
        Assert.Equal((2 * 16, 0), (done.PairsOfRepair, done.PairsLeft));
        Assert.Null(await cluster["node3"].Port.Repair());
        Assert.Null(await cluster["node3"].Port.RepairProgress());
    }

    [Fact]
    public async Task A_node_that_is_up_is_not_wiped()
    {
        using var folder = new TempFolder();
        await using var cluster = EmbeddedCluster.Start(new EmbeddedOptions { Nodes = 1, DataFolder = folder.Path });
        await cluster["node1"].Put("b", "key", "value");
        cluster.Restart("node1", wipe: true);
        Assert.IsType<Found>(await cluster["node1"].Get("b", "key"));
    }

    private static async Task Fill(EmbeddedCluster cluster)
    {
        var w3 = new PutOptions { W = QuorumSize.All };
        for (var start = 0; start < Keys; start += 100)
        {
            var puts = Enumerable.Range(start, 100).Select(i => cluster.Nodes[i % 5].Put("b", $"key{i}", $"value{i}", options: w3));
            Assert.All(await Task.WhenAll(puts), static outcome => Assert.IsType<Stored>(outcome));
        }

        // Some keys have siblings, some are tombstones: these are knowledge as well.
        for (var i = 0; i < Keys; i += 50)
        {
            Assert.IsType<Stored>(await cluster.Nodes[i % 5].Put("b", $"key{i}", "another", options: w3));
            Assert.IsType<Stored>(await cluster.Nodes[i % 5].Delete("b", $"key{i + 1}", options: w3));
        }
    }

    private static async Task<SortedDictionary<string, Record>> Held(EmbeddedCluster cluster, string node, int keys = Keys)
    {
        var held = new SortedDictionary<string, Record>(StringComparer.Ordinal);
        for (var i = 0; i < keys; i++)
            if (await cluster[node].Port.Local(Key.Of("b", $"key{i}")) is { Record: { } record }) held.Add($"key{i}", record);
        return held;
    }

    private static async Task AllOwnersAgree(EmbeddedCluster cluster, int keys = Keys)
    {
        var ring = cluster.Nodes[0].Port.Ring;
        var held = new Dictionary<NodeId, SortedDictionary<string, Record>>();
        foreach (var node in cluster.Nodes) held.Add(node.Name, await Held(cluster, node.Name.Name, keys));
        for (var i = 0; i < keys; i++)
        {
            var owners = ring.PreferenceList(ring.PartitionOf(Key.Of("b", $"key{i}")), 3);
            var records = owners.Select(owner => held[owner][$"key{i}"]).ToList();
            Assert.All(records, record => Assert.Equal(records[0], record));
        }
    }
}
