using System.Diagnostics;
using Dynamo.Core;
using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Embedded.Tests;

/// <summary>
/// Nodes die while others join, or for good: changes of the membership end all the same, as planned, and every key has its N
/// copies without any get. Sections 4.8 and 4.9 of the paper.
/// </summary>
public sealed class InterruptedChangeTests(ITestOutputHelper output) : IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(4));
    private readonly TempFolder _folder = new();
    private readonly HttpMembership _admin = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    private CancellationToken Soon => _limit.Token;

    public void Dispose()
    {
        _limit.Dispose();
        _admin.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_joiner_killed_twice_and_a_source_killed_once_in_the_middle_of_the_transfer()
    {
        var slow = NodeSettings.Standard with { SyncKeysPerSecond = 100, SyncWindow = 4 };
        await using var cluster = await EmbeddedCluster.StartAsync(Options(3) with { Settings = slow });
        string[] alive = [cluster["node1"].Url, cluster["node3"].Url];
        // What nobody writes any more comes by transfer alone; what is written comes under both rings as well.
        await using var still = new HttpLoad("still", 400, alive, "r=2&w=2");
        await Fill(still);
        await using var load = new HttpLoad("load", 100, alive, "r=2&w=2");
        load.Start(workers: 3);
        await Until(() => load.KeysWritten >= 90);
        Clean(load.Switch("the joiner is killed twice"));

        var join = await _admin.Change(alive[0], ("join", """{"node":"node4"}"""));
        var held = 0L;
        for (var kill = 0; kill < 2; kill++)
        {
            await InTheMiddle(cluster["node4"].Url);
            Assert.InRange(held, 0, held = await _admin.Keys(cluster["node4"].Url));
            cluster.Kill("node4");
            await Requests(load, 200);
            Assert.True((await _admin.Seen(alive[0]))!.IsChanging, "The transfer had ended before the joiner was killed.");
            cluster.Restart("node4");
            // It goes on with what it has.
            Assert.InRange(await _admin.Keys(cluster["node4"].Url), Math.Max(held, 1), 500);
        }

        await InTheMiddle(cluster["node4"].Url);
        Clean(load.Switch("a source is killed"));
        cluster.Kill("node2");
        await Requests(load, 500);
        Assert.True((await _admin.Seen(alive[0]))!.IsChanging, "The transfer had ended before its source was killed.");
        cluster.Restart("node2");
        await cluster.WhenSettled(Soon);
        Clean(load.Switch("on four", [.. cluster.Nodes.Select(static n => n.Url)]));
        await Requests(load, 300);
        Clean(await load.Stop());
        await StoresAreRight(cluster, join, still, load);
    }

    [Fact]
    public async Task Three_become_five_become_four_as_the_plans_said()
    {
        await using var cluster = await EmbeddedCluster.StartAsync(Options(3));
        await using var load = new HttpLoad("load", 200, [.. cluster.Nodes.Select(static n => n.Url)], "r=2&w=2");
        load.Start(workers: 4);
        await Until(() => load.KeysWritten >= 180);

        // Asked for and planned, but not committed: nobody has joined.
        Assert.Equal(System.Net.HttpStatusCode.Accepted, (await _admin.Stage(cluster["node1"].Url, "join", """{"node":"node4"}""")).Status);
        await Requests(load, 200);
        Assert.DoesNotContain("node4", await _admin.Owners(cluster["node2"].Url));
        Assert.Equal(3, cluster.Nodes.Count);

        Clean(load.Switch("three become five"));
        var joins = await _admin.Change(cluster["node1"].Url, ("join", """{"node":"node5"}"""));
        await cluster.WhenSettled(Soon);
        await Kept(cluster, joins);
        Clean(load.Switch("five become four", [.. cluster.Nodes.Skip(1).Select(static n => n.Url)]));
        var leave = await _admin.Change(cluster["node4"].Url, ("leave", """{"node":"node1"}"""));
        await cluster.WhenSettled(Soon);
        cluster.Kill("node1");
        Clean(load.Switch("on four"));
        await Requests(load, 500);
        Clean(await load.Stop());
        await StoresAreRight(cluster, leave, load);
    }

    [Fact]
    public async Task A_dead_node_is_replaced_and_another_removed_and_every_key_has_three_copies_again()
    {
        await using var cluster = await EmbeddedCluster.StartAsync(Options(4));
        await using var before = new HttpLoad("before", 200, [.. cluster.Nodes.Select(static n => n.Url)], "r=2&w=2");
        await Fill(before);
        cluster.Kill("node4");
        EmbeddedMember[] living = [.. cluster.Nodes.Where(static n => n.IsUp)];
        await Until(() => living.All(static n => !n.CanReach(new NodeId("node4"))));
        // What is written now leaves hints for a node that never comes back.
        await using var meanwhile = new HttpLoad("meanwhile", 200, [.. living.Select(static n => n.Url)], "r=2&w=2");
        await Fill(meanwhile);

        var owners = await _admin.Owners(living[0].Url);
        var replace = await _admin.Change(living[0].Url, ("replace", """{"old":"node4","new":"node5"}"""));
        await cluster.WhenSettled(Soon);
        await Kept(cluster, replace);
        Assert.Equal(owners.Select(static o => o == "node4" ? "node5" : o), await _admin.Owners(cluster["node5"].Url));

        cluster.Kill("node3");
        await Until(() => cluster.Nodes.Where(static n => n.IsUp).All(static n => !n.CanReach(new NodeId("node3"))));
        var remove = await _admin.Change(cluster["node5"].Url, ("remove", """{"node":"node3"}"""));
        await cluster.WhenSettled(Soon);
        await StoresAreRight(cluster, remove, before, meanwhile);
    }

    [Fact]
    public async Task A_node_that_has_joined_comes_back_while_others_are_down()
    {
        await using var cluster = await EmbeddedCluster.StartAsync(Options(3));
        await using var load = new HttpLoad("load", 100, [.. cluster.Nodes.Select(static n => n.Url)], "r=2&w=2");
        await Fill(load);
        await _admin.Change(cluster["node1"].Url, ("join", """{"node":"node4"}"""), ("join", """{"node":"node5"}"""));
        await cluster.WhenSettled(Soon);
        foreach (var node in (string[])["node1", "node2", "node3", "node4", "node5"]) cluster.Kill(node);
        cluster.Restart("node5");
        cluster.Restart("node4");
        await cluster.WhenConnected(Soon);
        var known = 0;
        foreach (var key in load.Keys.Where(k => load.Acknowledged(k) > 0))
        {
            var (_, numbers, _) = await load.Read(cluster["node5"].Url, key, "?r=1");
            // Both may be no owners: three of five are.
            if (numbers.Length > 0) known++;
            Assert.True(numbers.Length == 0 || numbers.Max() >= load.Acknowledged(key), key);
        }

        Assert.InRange(known, 50, 100);
        foreach (var node in (string[])["node3", "node1", "node2"]) cluster.Restart(node);
        await cluster.WhenConnected(Soon);
        foreach (var key in load.Keys.Where(k => load.Acknowledged(k) > 0))
            Assert.True((await load.Read(cluster["node4"].Url, key, "?r=3")).Numbers.DefaultIfEmpty().Max() >= load.Acknowledged(key), key);
    }

    private EmbeddedOptions Options(int nodes) =>
        new() { Nodes = nodes, DataFolder = _folder.Path, HttpPort = 0, Partitions = 64 };

    private async Task Fill(HttpLoad load)
    {
        load.Start(workers: 4);
        await Until(() => load.KeysWritten >= load.Keys.Count() * 9 / 10);
        Clean(await load.Stop());
    }

    // Some of what this run of the joiner began with is compared, and some is not.
    private async Task InTheMiddle(string url)
    {
        var most = 0;
        await Until(async () =>
        {
            if (await _admin.Seen(url) is not { IsChanging: true, TransfersLeft: var left }) return false;
            most = Math.Max(most, left);
            return left > 0 && left < most * 3 / 4;
        });
    }

    private Task Requests(HttpLoad load, int more)
    {
        var (phase, before) = (load.Now, load.Now.Done);
        return Until(() => phase.Done >= before + more);
    }

    private void Clean(LoadPhase phase)
    {
        Say(phase.ToString());
        Assert.True(phase.IsClean, phase.ToString());
        Assert.True(phase.Puts > 0 && phase.Found > 0, phase.ToString());
    }

    private async Task Kept(EmbeddedCluster cluster, PlanPromise promise)
    {
        foreach (var node in cluster.Nodes.Where(static n => n.IsUp)) Assert.Equal("", string.Join('\n', promise.Broken(await _admin.Owners(node.Url))));
        Say($"as planned: {promise.PartitionsMoved} partitions, {promise.ReplicasMoved} replicas moved");
    }

    // The ring is the one that was planned; then all stop, and their stores are looked into: no get has repaired anything.
    private async Task StoresAreRight(EmbeddedCluster cluster, PlanPromise promise, params HttpLoad[] loads)
    {
        await Kept(cluster, promise);
        EmbeddedMember[] members = [.. cluster.Nodes.Where(static n => n.IsUp)];
        await Until(async () =>
        {
            foreach (var member in members)
                if ((await member.Port.Status()).Hints.Values.Sum() > 0) return false;
            return true;
        });
        var owners = await _admin.Owners(members[0].Url);
        var names = members.Select(static m => m.Name.Name).ToArray();
        await cluster.DisposeAsync();
        using var stores = new StoppedStores(names.Select(n => KeyValuePair.Create(n, Path.Combine(_folder.Path, n))));
        foreach (var load in loads)
        {
            var wrong = stores.Wrong(load, owners, out var compared);
            Assert.True(wrong.Count == 0, $"{wrong.Count} copies are wrong: {string.Join('\n', wrong.Take(10))}");
            Assert.Equal(3 * load.KeysWritten, compared);
            Say($"{load.Bucket}: {compared} copies of {load.KeysWritten} keys, each where it belongs");
        }
    }

    private void Say(string what) => output.WriteLine($"{_watch.Elapsed.TotalSeconds,5:0.0}  {what}");

    private Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    private async Task Until(Func<Task<bool>> condition)
    {
        while (!await condition()) await Task.Delay(20, Soon);
    }
}
