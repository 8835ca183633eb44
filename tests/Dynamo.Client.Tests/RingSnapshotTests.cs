using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>What a node tells of its ring, and what a client makes of it.</summary>
public sealed class RingSnapshotTests
{
    [Fact]
    public void Any_number_of_nodes_and_partitions_survives_the_way()
    {
        var random = new Random(1);
        var widths = new SortedSet<int>();
        foreach (var nodes in (int[])[1, 2, 3, 4, 5, 17, 128, 129, 256, 257, 1000])
        {
            foreach (var partitions in (int[])[8, 256, 4096])
            {
                var snapshot = Snapshot(nodes, partitions, 7, () => (ushort)random.Next(nodes));
                var bytes = Written(snapshot);
                var reader = new WireReader(bytes);
                var read = RingSnapshot.Read(ref reader);
                Assert.NotNull(read);
                Assert.Equal(snapshot.Nodes.ToArray(), read.Nodes.ToArray());
                Assert.Equal(snapshot.Owners.ToArray(), read.Owners.ToArray());
                Assert.Equal(snapshot.Owners.ToArray(), read.Ring!.OwnerIndexes.ToArray());
                widths.Add((bytes.Length - Written(snapshot with { Owners = [] }).Length) * 8 / partitions);
                for (var cut = bytes.Length - 1; cut > 0; cut -= Math.Max(1, bytes.Length / 50))
                {
                    var rest = new WireReader(bytes.AsSpan(0, cut));
                    Assert.Null(RingSnapshot.Read(ref rest));
                }
            }
        }

        Assert.Superset(new SortedSet<int> { 1, 2, 3, 5, 7, 8, 9, 10 }, widths);
    }

    [Fact]
    public void A_ring_of_the_largest_size_fits_into_a_frame()
    {
        var at = 0;
        Assert.InRange(Written(Snapshot(1000, 65536, 1000, () => (ushort)(at++ % 1000))).Length, 80_000, 126_000);
    }

    [Fact]
    public void Owners_that_do_not_fit_the_nodes_are_refused()
    {
        var good = Snapshot(3, 8, 1, static () => 2);
        foreach (var (bad, word) in (((RingSnapshot, string)[])
            [
                (good with { Owners = [.. good.Owners.Select(static _ => (ushort)3)] }, "none of its nodes"),
                (good with { Owners = [.. good.Owners, .. good.Owners] }, "one owner for each partition"),
                (good with { Nodes = [.. good.Nodes.Reverse()] }, "not in order"),
                (good with { Nodes = [] }, "one owner for each partition"),
            ]))
        {
            var reader = new WireReader(Written(bad));
            Assert.Null(RingSnapshot.Read(ref reader));
            Assert.Contains(word, reader.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Requests_go_to_the_owner_by_the_newest_ring_that_was_told_whole()
    {
        var driver = new RouterDriver(knowsRing: false);
        Assert.Null(driver.AskForRing().Known);
        driver.Ring();
        Assert.Equal(0UL, driver.AskForRing().Known);
        // A ring of one node that is none of the founders.
        var lonely = new NodeId("node9");
        var newer = new RingSnapshot(driver.Founding, 3, [new(lonely, "", true)], [.. new ushort[16]]);
        driver.Ring(newer with { Owners = [] });
        Assert.Equal(0UL, driver.AskForRing().Known);
        driver.Ring(newer);
        Assert.Equal(3UL, driver.AskForRing().Known);
        driver.Request(RouterDriver.Read);
        Assert.Equal(lonely, Assert.Single(driver.Sent).To);
        // An answer without the owners that are known already says who can be reached, and an older ring changes nothing.
        driver.Ring(newer with { Owners = [] });
        driver.Ring();
        driver.Answer(0, NotFound.Nothing);
        driver.Request(RouterDriver.Read, "more");
        Assert.Equal(lonely, driver.Sent[1].To);
    }

    private static RingSnapshot Snapshot(int nodes, int partitions, ulong version, Func<ushort> owner)
    {
        Assert.True(Founding.TryCreate("test", partitions, 3, [new RingMember(new NodeId("node1"))], out var founding, out var error), error);
        return new RingSnapshot(
            founding, version,
            [.. Enumerable.Range(0, nodes).Select(static i => new RingSnapshot.Node(new NodeId($"node{i:0000}"), $"akka.tcp://d@10.0.0.1:{i}", i % 2 == 0))],
            [.. Enumerable.Range(0, partitions).Select(_ => owner())]);
    }

    private static byte[] Written(RingSnapshot snapshot)
    {
        var writer = new WireWriter();
        snapshot.Write(writer);
        return writer.ToArray();
    }
}
