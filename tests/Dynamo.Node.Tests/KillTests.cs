using System.Net;
using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Node.Tests;

/// <summary>Five node processes of the operating system, killed with SIGKILL under load. Sections 4.5 and 4.6.</summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly NodeProcesses _nodes = new(nodes: 5);

    public async Task InitializeAsync()
    {
        for (var i = 0; i < 5; i++) _nodes.Start(i);
        await _nodes.WhenSettled();
    }

    public Task DisposeAsync() => _nodes.DisposeAsync().AsTask();

    [Fact]
    public async Task One_killed_at_N3_R2_W2_loses_and_hides_nothing()
    {
        int[] alive = [0, 1, 3, 4];
        await using var load = new HttpLoad("one", 300, _nodes.Urls(alive));
        load.Start(workers: 8);
        await Progress(load, 200);
        Clean(load.Switch("detecting"));

        await _nodes.Kill(2);
        await _nodes.WhenSettled();
        var detecting = load.Switch("one dead");
        output.WriteLine(detecting.ToString());
        Assert.Empty(detecting.Stale);

        await Progress(load, 250);
        await Busy();
        Clean(load.Switch("returning"));

        _nodes.Start(2);
        await _nodes.WhenSettled();
        await _nodes.WhenHintsAreDrained();
        var returning = load.Switch("back", _nodes.Urls(Enumerable.Range(0, 5)));
        output.WriteLine(returning.ToString());
        Assert.Empty(returning.Failures);

        await Busy();
        Clean(await load.Stop());
        await _nodes.WhenHintsAreDrained();
        output.WriteLine($"node3 owns and holds {await HeldByItsOwner(load, 2)} of {load.KeysWritten} keys");
    }

    [Fact]
    public async Task Two_killed_with_w1_r1_one_restarted_and_the_other_still_dead()
    {
        await using var load = new HttpLoad("two", 200, _nodes.Urls([0, 1, 4]), "w=1&r=1");
        load.Start(workers: 8);
        await Progress(load, 150);
        load.Switch("detecting");
        await _nodes.Kill(2);
        await _nodes.Kill(3);
        await _nodes.WhenSettled();
        output.WriteLine(load.Switch("two dead").ToString());
        await Busy();
        var dead = load.Switch("one back");
        output.WriteLine(dead.ToString());
        Assert.Empty(dead.Failures);

        // One comes back while the other stays dead: it must serve, whatever Akka's membership thinks of it.
        _nodes.Start(2);
        await _nodes.WhenSettled();
        await _nodes.WhenHintsAreDrained();
        load.Switch("served by it", _nodes.Urls([2]));
        await Busy();
        var served = await load.Stop();
        output.WriteLine(served.ToString());
        Assert.Empty(served.Failures);
        Assert.True(served.Puts > 50, served.ToString());
        output.WriteLine($"node3 owns and holds {await HeldByItsOwner(load, 2)} of {load.KeysWritten} keys");

        _nodes.Start(3);
        await _nodes.WhenSettled();
        await _nodes.WhenHintsAreDrained();
        await Everything(load, "?r=3");
    }

    [Fact]
    public async Task A_write_that_only_a_killed_node_holds_is_back_when_it_is()
    {
        // Written with w=1 at one node while it is the only one left.
        await using var load = new HttpLoad("alone", 50, _nodes.Urls([0]), "w=1&r=1");
        for (var i = 1; i < 5; i++) await _nodes.Kill(i);
        await _nodes.WhenSettled();
        load.Start(workers: 4);
        await Progress(load, 50);
        await load.Stop();
        await _nodes.Kill(0);

        for (var i = 1; i < 5; i++) _nodes.Start(i);
        await _nodes.WhenSettled();
        var (status, _, _) = await load.Read(_nodes.Url(1), load.Keys.First());
        Assert.Equal(HttpStatusCode.NotFound, status);

        _nodes.Start(0);
        await _nodes.WhenSettled();
        await _nodes.WhenHintsAreDrained();
        // With w=1 one owner alone may hold the last write, so all are asked.
        await Everything(load, "?r=3");
    }

    [Fact]
    public async Task All_five_killed_and_restarted_in_another_order_first_member_last()
    {
        await using var load = new HttpLoad("all", 200, _nodes.Urls(Enumerable.Range(0, 5)));
        load.Start(workers: 8);
        await Progress(load, 200);
        await load.Stop();
        for (var i = 0; i < 5; i++) await _nodes.Kill(i);
        foreach (var i in new[] { 3, 1, 4, 2 }) _nodes.Start(i);
        await _nodes.WhenSettled();
        await Everything(load, "?r=2");
        _nodes.Start(0);
        await _nodes.WhenSettled();
        await _nodes.WhenHintsAreDrained();
        await Everything(load, "?r=3");
    }

    private async Task Everything(HttpLoad load, string query)
    {
        foreach (var key in load.Keys.Where(k => load.Acknowledged(k) > 0))
        {
            var url = _nodes.Url(_nodes.Alive.First());
            var (status, numbers, _) = await load.Read(url, key, query);
            Assert.True(
                numbers.DefaultIfEmpty().Max() >= load.Acknowledged(key),
                $"{key}: {load.Acknowledged(key)} was acknowledged, {status} [{string.Join(",", numbers)}] was read");
        }
    }

    // The node's own store, asked of nobody else. An owner whose answer W did not need may still be writing.
    private async Task<int> HeldByItsOwner(HttpLoad load, int node)
    {
        var owned = 0;
        foreach (var key in load.Keys.Where(k => load.Acknowledged(k) > 0))
        {
            if (!(await _nodes.Owners(load.Bucket, key)).Contains(NodeProcesses.Name(node))) continue;
            owned++;
            await NodeProcesses.Until(async () =>
                (await load.ReadLocal(_nodes.Url(node), key)).DefaultIfEmpty().Max() >= load.Acknowledged(key));
        }

        Assert.True(owned > load.KeysWritten / 4, $"node{node + 1} owns only {owned} keys");
        return owned;
    }

    private static Task Progress(HttpLoad load, int keysWritten) =>
        NodeProcesses.Until(() => Task.FromResult(load.KeysWritten >= keysWritten));

    // Lets the load run for a while that is counted in requests of a node, not in seconds.
    private async Task Busy()
    {
        async Task<double> Done()
        {
            var done = 0.0;
            using var http = new HttpClient();
            foreach (var node in _nodes.Alive)
            {
                using var stats = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync(new Uri(_nodes.Url(node) + "/stats")));
                done += stats.RootElement.GetProperty("node_gets_total").GetDouble()
                    + stats.RootElement.GetProperty("node_puts_total").GetDouble();
            }

            return done;
        }

        var before = await Done();
        await NodeProcesses.Until(async () => await Done() >= before + 1500);
    }

    private void Clean(LoadPhase phase)
    {
        output.WriteLine(phase.ToString());
        Assert.True(phase.IsClean, $"{phase}\nThe nodes said:\n{_nodes.Log}");
    }
}
