using Dynamo.Core;
using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Embedded.Tests;

/// <summary>A node of five is killed under load and comes back: nothing acknowledged is missed or lost. Section 4.6.</summary>
public class KillUnderLoadTests(ITestOutputHelper output)
{
    [Fact]
    public async Task One_of_five_killed_under_load_at_N3_R2_W2()
    {
        using var folder = new TempFolder();
        await using var cluster = await EmbeddedCluster.StartAsync(new EmbeddedOptions
        {
            Nodes = 5, DataFolder = folder.Path, HttpPort = 0, Partitions = 64,
        });
        var all = cluster.Nodes.Select(n => n.Url).ToArray();
        var alive = cluster.Nodes.Where(n => n.Name.Name != "node3").ToArray();
        await using var load = new HttpLoad("load", 200, [.. alive.Select(n => n.Url)]);
        load.Start(workers: 8);
        await Until(() => load.KeysWritten > 150);

        Report(load.Switch("detecting"), expectClean: true);
        cluster.Kill("node3");
        await Until(() => alive.All(n => !n.CanReach(new NodeId("node3"))));
        var detecting = load.Switch("one dead");
        output.WriteLine(detecting.ToString());
        Assert.Empty(detecting.Stale);
        await Requests(alive, 1500);
        Report(load.Switch("returning"), expectClean: true);

        cluster.Restart("node3");
        await cluster.WhenConnected();
        await EmbeddedClusterTests.Until(async () => await Hints(alive) == 0);
        var returning = load.Switch("back", all);
        output.WriteLine(returning.ToString());
        Assert.Empty(returning.Failures);
        // What is acknowledged now was acknowledged by a node that is back, and its hints are drained.
        await Requests(alive, 1500);
        Report(await load.Stop(), expectClean: true);
        await EmbeddedClusterTests.Until(async () => await Hints([.. cluster.Nodes]) == 0);
        Assert.InRange(await OwnedAndComplete(cluster, load, "node3"), 60, 200);
    }

    private static async Task<int> OwnedAndComplete(EmbeddedCluster cluster, HttpLoad load, string name)
    {
        var node = cluster[name];
        var owned = 0;
        foreach (var key in load.Keys.Where(k => load.Acknowledged(k) > 0))
        {
            var ring = node.Port.Ring;
            if (!ring.PreferenceList(ring.PartitionOf(Key.Of("load", key)), 3).Contains(node.Name)) continue;
            owned++;
            // An owner whose acknowledgement W did not need may still be writing.
            await EmbeddedClusterTests.Until(async () =>
                (await load.ReadLocal(node.Url, key)).DefaultIfEmpty().Max() >= load.Acknowledged(key));
        }

        return owned;
    }

    private static async Task<long> Hints(EmbeddedMember[] nodes)
    {
        var hints = 0L;
        foreach (var node in nodes) hints += (await node.Port.Status()).Hints.Values.Sum();
        return hints;
    }

    internal static async Task Requests(EmbeddedMember[] nodes, long more)
    {
        async Task<long> Done()
        {
            var done = 0L;
            foreach (var node in nodes)
            {
                var counters = (await node.Port.Status()).Counters;
                done += counters["node_gets_total"] + counters["node_puts_total"];
            }

            return done;
        }

        var before = await Done();
        await EmbeddedClusterTests.Until(async () => await Done() >= before + more);
    }

    private static Task Until(Func<bool> condition) => EmbeddedClusterTests.Until(() => Task.FromResult(condition()));

    private void Report(LoadPhase phase, bool expectClean)
    {
        output.WriteLine(phase.ToString());
        if (!expectClean) return;
        Assert.True(phase.Failures.IsEmpty && phase.Stale.IsEmpty, phase.ToString());
        Assert.True(phase.Puts > 50 && phase.Gets > 50, phase.ToString());
    }
}
