using Dynamo.Core;
using static Dynamo.Actors.Tests.Requests;

namespace Dynamo.Actors.Tests;

/// <summary>Anti-entropy over real Akka.Remote connections; stores are compared directly, since a get would repair what it finds.</summary>
public sealed class RepairTests
{
    private const int Keys = 200;

    [Fact]
    public async Task A_node_with_an_empty_store_holds_everything_again()
    {
        await using var cluster = LoopbackCluster.Of(3);
        await cluster.StartAll();
        var all = PutOptions.None with { W = QuorumSize.All };
        for (var i = 0; i < Keys; i++)
            Assert.IsType<Stored>(await cluster[1 + i % 3].Execute(Put(KeyOf(i), $"v{i}", options: all)));
        await cluster.Kill(2);
        cluster.Wipe(2);
        await cluster.Start(2);
        await cluster.UntilTheLivingSeeEachOther();

        Assert.Equal(32, (await cluster[2].Repair())!.PairsOfRepair);

        await UntilRepaired(cluster[2]);
        Assert.True((await cluster[2].RepairProgress())!.KeysRepaired >= Keys);
        AssertOwnersAgree(cluster);
        Assert.True(cluster[2].Counters()[CounterNames.ExchangeRepairs] >= Keys);
    }

    [Fact]
    public async Task What_one_store_alone_holds_reaches_the_other_owners()
    {
        await using var cluster = LoopbackCluster.Of(5);
        var ring = cluster.Founding.ToRing();
        var expected = new SortedDictionary<NodeId, int>();
        // Behind the machines' back and before they start, so that no tree has been told of it.
        for (var i = 0; i < Keys; i++)
        {
            var (key, partition) = (KeyOf(i), ring.PartitionOf(KeyOf(i)));
            var owners = ring.PreferenceList(partition, 3);
            foreach (var owner in owners) expected[owner] = expected.GetValueOrDefault(owner) + 1;
            var dot = new Dot(new ReplicaId(owners[1], 1), (ulong)i + 1);
            var record = Core.Record.Empty.Put(
                VersionVector.Empty, new Sibling(dot, 1, Put(key, $"v{i}").Value), new DotRange(dot.Replica, dot.Counter, dot.Counter));
            var number = int.Parse(owners[i % 3].Name["node".Length..], System.Globalization.CultureInfo.InvariantCulture);
            cluster.StoreOf(number).Enqueue([new StoreChange.PutRecord(partition, key, new StoredRecord(record, 1, 0))], static _ => { });
        }

        await cluster.StartAll();
        foreach (var node in Nodes(cluster)) await node.Repair();
        foreach (var node in Nodes(cluster)) await UntilRepaired(node);

        Assert.Equal(expected, Nodes(cluster).ToDictionary(static n => n.Self, static n => (int)n.Store.Counts().Records));
        AssertOwnersAgree(cluster);
    }

    [Fact]
    public async Task A_node_that_has_stopped_repairs_nothing()
    {
        await using var cluster = LoopbackCluster.Of(1);
        await cluster.StartAll();
        var node = cluster[1];
        await cluster.Kill(1);
        Assert.Null(await node.Repair());
        Assert.Null(await node.RepairProgress());
    }

    private static Key KeyOf(int i) => Key.Of("b", $"k{i}");

    private static IEnumerable<DynamoSystem> Nodes(LoopbackCluster cluster) =>
        Enumerable.Range(1, cluster.Founding.Members.Length).Select(i => cluster[i]);

    private static Task UntilRepaired(DynamoSystem node) => LoopbackCluster.Until(
        () => node.RepairProgress().GetAwaiter().GetResult() is { PairsLeft: 0 }, $"{node.Self} has compared everything");

    private static void AssertOwnersAgree(LoopbackCluster cluster)
    {
        var stores = Nodes(cluster).ToDictionary(static n => n.Self, static n => n.Store);
        for (var i = 0; i < Keys; i++)
        {
            var partition = cluster[1].Ring.PartitionOf(KeyOf(i));
            var records = cluster[1].Ring.PreferenceList(partition, 3).Select(o => stores[o].Read(partition, KeyOf(i)).Stored!.Record).ToList();
            Assert.Equal($"v{i}", Text(Assert.Single(records[0].Siblings)));
            Assert.All(records, record => Assert.Equal(records[0], record));
        }
    }
}
