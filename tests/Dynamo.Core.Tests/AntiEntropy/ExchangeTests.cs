using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Core.Tests.AntiEntropy;

/// <summary>Exchanges between whole nodes. Section 4.7 of the paper.</summary>
public class ExchangeTests(ITestOutputHelper output)
{
    private static readonly Key Cart = Key.Of("carts", "alice");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void What_one_owner_holds_alone_reaches_the_others_whoever_begins(int beginner)
    {
        var cluster = new VirtualCluster(nodes: 5);
        var owners = cluster.Owners(Cart);
        Store(cluster, owners[0], Cart, Write("n01", 1, "milk"));
        Assert.True(cluster.Repair(owners[beginner]));
        if (beginner > 0) Assert.True(cluster.Repair(owners[0]));
        foreach (var owner in owners) Assert.Equal("milk", Text(cluster.Local(owner, Cart)));
        Assert.DoesNotContain(cluster.Nodes.Except(owners), other => !cluster.Local(other, Cart).Clock.IsEmpty);
    }

    [Fact]
    public void Two_owners_with_different_writes_end_with_both_and_a_tombstone_wins_over_what_it_covers()
    {
        var cluster = new VirtualCluster(nodes: 5);
        var owners = cluster.Owners(Cart);
        var milk = Write("n01", 1, "milk");
        var bread = Write("n02", 1, "bread");
        Store(cluster, owners[0], Cart, milk);
        Store(cluster, owners[1], Cart, bread);
        var gone = Key.Of("carts", "bob");
        var deleted = milk.Put(milk.Clock, new Sibling(new Dot(Id("n01"), 2), 5, null), new DotRange(Id("n01"), 2, 2));
        Store(cluster, cluster.Owners(gone)[1], gone, milk);
        Store(cluster, cluster.Owners(gone)[2], gone, deleted);

        foreach (var node in cluster.Nodes) Assert.True(cluster.Repair(node));
        foreach (var owner in owners) Assert.Equal(milk.Merge(bread), cluster.Local(owner, Cart));
        foreach (var owner in cluster.Owners(gone)) Assert.Equal(deleted, cluster.Local(owner, gone));
    }

    [Fact]
    public void Every_n_val_has_owners_of_its_own()
    {
        var cluster = new VirtualCluster(nodes: 5);
        foreach (var n in (int[])[1, 2, 5])
        {
            cluster.SetProperties(cluster.Nodes[0], $"bucket{n}", new BucketProperties { NVal = n });
            cluster.Run(TimeSpan.FromSeconds(10));
            var key = Key.Of($"bucket{n}", "key");
            Store(cluster, cluster.Owners(key, n)[^1], key, Write("n01", 1, "milk"));
        }

        foreach (var node in cluster.Nodes) Assert.True(cluster.Repair(node));
        foreach (var n in (int[])[1, 2, 5])
        {
            var key = Key.Of($"bucket{n}", "key");
            var holders = cluster.Nodes.Where(node => !cluster.Local(node, key).Clock.IsEmpty);
            Assert.Equal(cluster.Owners(key, n).Order(), holders.Order());
        }
    }

    [Fact]
    public void A_wiped_node_gets_every_key_back_by_itself()
    {
        var cluster = new VirtualCluster(nodes: 5, partitions: 16, settings: NodeSettings.Standard with { SyncKeysPerSecond = 100_000 });
        var keys = Enumerable.Range(0, 3_000).Select(static i => Key.Of("carts", $"k{i}")).ToList();
        var number = 0UL;
        foreach (var key in keys)
            foreach (var owner in cluster.Owners(key)) Store(cluster, owner, key, Write("n01", ++number, "x"));
        var wiped = cluster.Nodes[2];
        var held = keys.Where(key => cluster.Owners(key).Contains(wiped)).ToList();
        cluster.Kill(wiped, wipe: true);
        cluster.Run(TimeSpan.FromSeconds(10));
        cluster.Start(wiped);
        Assert.True(cluster.RunUntil(
            () => held.TrueForAll(key => !cluster.Local(wiped, key).Clock.IsEmpty), TimeSpan.FromMinutes(5)));
        Assert.True(held.Count > 1_000);
    }

    [Fact]
    public void Ten_differences_among_100_000_keys_cost_less_than_64_KB_besides_the_ten_records()
    {
        var cluster = new VirtualCluster(nodes: 3, partitions: 8, settings: NodeSettings.Standard with { SyncEvery = TimeSpan.Zero });
        var keys = Enumerable.Range(0, int.MaxValue).Select(static i => Key.Of("carts", $"customer-{i}"))
            .Where(key => cluster.Ring.PartitionOf(key).Index == 3).Take(100_000).ToList();
        for (var i = 0; i < keys.Count; i++)
            foreach (var node in cluster.Nodes) Store(cluster, node, keys[i], Write("n01", (ulong)i + 1, "x"));
        var different = Enumerable.Range(0, 10).Select(i => keys[i * 9_999]).ToList();
        foreach (var key in different) Store(cluster, cluster.Nodes[1], key, Write("n02", (ulong)different.IndexOf(key) + 1, "y"));

        long trees = 0, records = 0;
        var repairs = 0;
        cluster.Wire = (from, to, message) =>
        {
            var pair = from != cluster.Nodes[2] && to != cluster.Nodes[2];
            if (pair && message is TreeGet or TreeGetReply or LeafGet or LeafGetReply) trees += WireCases.Bytes(message).Length;
            else if (pair && message is ReplicaGet or ReplicaGetReply or ReplicaPut or ReplicaPutReply)
            {
                records += WireCases.Bytes(message).Length;
                if (message is ReplicaPut) repairs++;
            }

            return true;
        };
        Assert.True(cluster.Repair(cluster.Nodes[0]));
        foreach (var key in different) Assert.Equal(2, cluster.Local(cluster.Nodes[0], key).Siblings.Length);
        Assert.Equal(10, repairs);
        Assert.True(trees < 64 * 1024, $"{trees} bytes of trees and keys, {records} of records.");
        output.WriteLine($"{trees} bytes of trees and keys, {records} of records.");
    }

    [Fact]
    public void A_tree_kept_with_each_write_is_the_tree_that_a_scan_makes()
    {
        var cluster = new VirtualCluster(nodes: 3, partitions: 8, settings: NodeSettings.Standard with { SyncEvery = TimeSpan.Zero });
        Assert.True(cluster.Repair(cluster.Nodes[0]));
        var random = new Prng(17);
        for (var i = 0; i < 400; i++)
        {
            var key = Key.Of("carts", $"k{random.Below(60)}");
            var at = cluster.Nodes[random.Below(3)];
            switch (random.Below(4))
            {
                case 0:
                    cluster.Delete(at, key);
                    break;
                case 1:
                    cluster.Put(at, key, $"v{i}");
                    break;
                default:
                    cluster.Put(at, key, $"v{i}", VirtualCluster.ContextOf(cluster.Get(at, key)));
                    break;
            }
        }

        cluster.Run(TimeSpan.FromSeconds(5));
        for (var p = 0; p < 8; p++)
            foreach (var node in cluster.Nodes)
            {
                var kept = Root(cluster, node, p);
                cluster.Deliver(node, node, new TreeDoubt(new PartitionId(p)));
                Assert.Null(Root(cluster, node, p));
                cluster.Run(TimeSpan.FromSeconds(1));
                Assert.Equal(kept, Root(cluster, node, p));
            }
    }

    // The sums at the top of a replica's tree; null while it is being built.
    private static string? Root(VirtualCluster cluster, NodeId node, int partition)
    {
        string? sums = null;
        var asker = cluster.Nodes.First(other => other != node);
        cluster.Wire = (_, _, message) =>
        {
            if (message is TreeGetReply { Status: TreeStatus.Ready } reply) sums = string.Join(' ', reply.Hashes);
            return true;
        };
        cluster.Deliver(asker, node, new TreeGet(new RequestId(RequestId.SyncBit), new PartitionId(partition), 3, 0, [0]));
        cluster.Wire = static (_, _, _) => true;
        return sums;
    }

    private static ReplicaId Id(string node) => new(new NodeId(node), 7);

    private static Record Write(string node, ulong counter, string text)
    {
        var dot = new Dot(Id(node), counter);
        var value = new Value { Body = System.Text.Encoding.UTF8.GetBytes(text) };
        return Record.Empty.Put(VersionVector.Empty, new Sibling(dot, 1, value), DotRange.Of(dot));
    }

    // Behind the back of the machines, as it would lie there after a restart.
    private static void Store(VirtualCluster cluster, NodeId node, Key key, Record record) => cluster.Store(node).Enqueue(
        [new StoreChange.PutRecord(cluster.Ring.PartitionOf(key), key, new StoredRecord(record, 0, 0))], static _ => { });

    private static string Text(Record record) => System.Text.Encoding.UTF8.GetString(record.Siblings.Single().Value!.Body.Span);
}
