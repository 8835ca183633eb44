using Dynamo.Core;
using Xunit.Abstractions;

namespace Dynamo.Embedded.Tests;

/// <summary>Counters over real storage and HTTP, while nodes are cut off and killed.</summary>
public class CounterTests(ITestOutputHelper output)
{
    private static readonly CancellationToken Soon = new CancellationTokenSource(TimeSpan.FromMinutes(10)).Token;

    [Fact]
    public async Task Both_sides_of_a_partition_count_and_every_node_tells_the_sum_afterwards()
    {
        await using var cluster = await EmbeddedCluster.StartAsync(new EmbeddedOptions { Nodes = 3, HttpPort = 0 });
        var w1 = new PutOptions { W = QuorumSize.One };
        Assert.IsType<Stored>(await cluster["node1"].Increment("visits", "home", 5));
        cluster.Partition(["node1"], ["node2", "node3"]);
        for (var i = 0; i < 10; i++)
        {
            Assert.IsType<Stored>(await cluster["node1"].Increment("visits", "home", 10, w1));
            Assert.IsType<Stored>(await cluster["node2"].Increment("visits", "home", -1, w1));
        }

        cluster.Heal();
        using var http = new HttpClient();
        foreach (var node in cluster.Nodes)
            await EmbeddedClusterTests.Until(async () =>
                await http.GetStringAsync(new Uri($"{node.Url}/buckets/visits/counters/home"), Soon) == "95");
    }

    [Fact]
    public async Task What_is_acknowledged_while_nodes_are_killed_and_restarted_is_counted_exactly_once()
    {
        const int workers = 8, each = 150;
        using var folder = new TempFolder();
        await using var cluster = EmbeddedCluster.Start(new EmbeddedOptions { Nodes = 5, DataFolder = folder.Path });
        long acknowledged = 0, perhaps = 0, done = 0;
        var work = Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                var node = cluster.Nodes[(worker + i) % 5];
                var outcome = await node.Increment("visits", "home", 1, new PutOptions { Timeout = TimeSpan.FromSeconds(2) });
                if (outcome is Stored) Interlocked.Increment(ref acknowledged);
                else if (outcome is TimedOut { MayTakeEffect: true } or Unavailable { MayTakeEffect: true })
                    Interlocked.Increment(ref perhaps);
                Interlocked.Increment(ref done);
            }
        })).ToArray();
        foreach (var name in new[] { "node3", "node1", "node5" })
        {
            var before = Interlocked.Read(ref done);
            await Passed(before + 100);
            cluster.Kill(name);
            await Passed(before + 250);
            cluster.Restart(name);
        }

        await Task.WhenAll(work);
        await cluster.WhenConnected();
        await EmbeddedClusterTests.Until(async () =>
        {
            var hints = 0L;
            foreach (var node in cluster.Nodes) hints += (await node.Port.Status()).Hints.Values.Sum();
            return hints == 0;
        });
        var read = Assert.IsType<Found>(await cluster["node2"].Get("visits", "home", new GetOptions { R = QuorumSize.All }));
        var value = (long)Counter.ValueOf(read.Siblings)!;
        output.WriteLine($"{acknowledged} acknowledged, {perhaps} perhaps, {value} counted in {read.Siblings.Length} entries");
        Assert.InRange(value, acknowledged, acknowledged + perhaps);
        Assert.True(acknowledged > workers * each / 2, $"only {acknowledged} were acknowledged");

        Task Passed(long count) =>
            EmbeddedClusterTests.Until(() => Task.FromResult(Interlocked.Read(ref done) >= count || work.All(static w => w.IsCompleted)));
    }
}
