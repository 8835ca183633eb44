using System.Text;
using System.Text.Json;
using Dynamo.Core;

namespace Dynamo.Http.Tests;

/// <summary>What the command line, the console and monitoring read: pinned, because they are programs too.</summary>
public sealed class AdminTests
{
    [Fact]
    public async Task The_cluster()
    {
        await using var service = await Service.Start();
        var cluster = await service.Json("/admin/cluster");
        Assert.Equal("test", cluster.GetProperty("name").GetString());
        Assert.Equal(service.Node.Founding.ClusterId, cluster.GetProperty("id").GetString());
        Assert.Equal(
            """
            [{"name":"node1","weight":1,"zone":"","share":6,"reachable":true,"url":"http://127.0.0.1:1"},
            {"name":"node2","weight":2,"zone":"cellar","share":5,"reachable":false,"url":"http://127.0.0.1:2"},
            {"name":"node3","weight":1,"zone":"","share":5,"reachable":true,"url":""}]
            """.ReplaceLineEndings(""),
            cluster.GetProperty("members").GetRawText());
    }

    [Fact]
    public async Task The_ring()
    {
        await using var service = await Service.Start();
        var ring = await service.Json("/admin/ring");
        Assert.Equal(16, ring.GetProperty("partitions").GetInt32());
        Assert.Equal(
            Enumerable.Range(0, 16).Select(static p => $"node{p % 3 + 1}"),
            ring.GetProperty("owners").EnumerateArray().Select(static o => o.GetString()));
    }

    [Fact]
    public async Task A_preference_list()
    {
        await using var service = await Service.Start();
        await service.Node.SetProperties("b", BucketProperties.Standard with { NVal = 2 });
        var list = await service.Json("/admin/preflist/b/a%2Fb");
        var key = Key.Of("b", "a/b");
        var expected = service.Node.Ring.PreferenceList(service.Node.Ring.PartitionOf(key), 3);
        Assert.Equal("a/b", list.GetProperty("key").GetString());
        Assert.Equal(key.Position.ToString(), list.GetProperty("position").GetString());
        Assert.Equal(service.Node.Ring.PartitionOf(key).Index, list.GetProperty("partition").GetInt32());
        Assert.Equal(expected.Take(2).Select(static n => n.Name), Names(list.GetProperty("primaries")));
        Assert.Equal(expected.Skip(2).Select(static n => n.Name), Names(list.GetProperty("fallbacks")));
        Assert.All(list.GetProperty("primaries").EnumerateArray(), static n =>
            Assert.Equal(n.GetProperty("node").GetString() != "node2", n.GetProperty("reachable").GetBoolean()));

        static IEnumerable<string?> Names(JsonElement nodes) =>
            nodes.EnumerateArray().Select(static n => n.GetProperty("node").GetString());
    }

    [Fact]
    public async Task The_node()
    {
        await using var service = await Service.Start();
        service.Node.Seed("b", "k", Service.Text("v"));
        service.Node.StorageError = "The disk is full.";
        Assert.StartsWith(
            """{"name":"node1","pid":4711,"serving":true,"absence":null,"runtime":"embedded","keys":1,"tombstones":0,"partitions":1,"""
            + "\"hints\":{\"node2\":5}"
            + ""","exchanges":9,"storage":{"engine":"memory","error":"The disk is full."},"requests_in_flight":2,"version":"0.1.0","asking":null,"clock":"2""",
            (await service.Ask("GET", "/admin/node")).Body, StringComparison.Ordinal);
        service.Node.Absence = "node1 is no member of the cluster any more: it has left.";
        Assert.StartsWith(
            """{"name":"node1","pid":4711,"serving":false,"absence":"node1 is no member of the cluster any more: it has left.",""",
            (await service.Ask("GET", "/admin/node")).Body, StringComparison.Ordinal);
        Assert.Contains("dynamo_serving 0", (await service.Ask("GET", "/metrics")).Body, StringComparison.Ordinal);
        Assert.Equal(
            service.Node.Absence,
            (await service.Json("/admin/cluster")).GetProperty("membership").GetProperty("absence").GetString());
    }

    [Fact]
    public async Task A_repair_is_begun_and_followed()
    {
        const string done = "\"exchanges\":9,\"failed\":1,\"keys_repaired\":17}";
        await using var service = await Service.Start();
        Assert.Equal(
            """{"name":"node1","pairs":30,"pairs_of_repair":0,"pairs_left":0,""" + done,
            (await service.Ask("GET", "/admin/repair")).Body);
        var begun = await service.Ask("POST", "/admin/repair");
        Assert.Equal(
            (202, "application/json", """{"name":"node1","pairs":30,"pairs_of_repair":30,"pairs_left":30,""" + done),
            (begun.Status, begun.Header("Content-Type"), begun.Body));
        service.Node.Progress = service.Node.Progress! with { PairsLeft = 4 };
        Assert.Equal(4, (await service.Json("/admin/repair")).GetProperty("pairs_left").GetInt32());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_node_that_is_down_repairs_nothing(string method)
    {
        await using var service = await Service.Start();
        service.Node.Progress = null;
        var answer = await service.Ask(method, "/admin/repair");
        Assert.Equal((503, "node1 is down.\n"), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task A_repair_is_nothing_to_put_or_delete(string method)
    {
        await using var service = await Service.Start();
        var answer = await service.Ask(method, "/admin/repair");
        Assert.Equal((405, "GET, HEAD, POST"), (answer.Status, answer.Header("Allow")));
        Assert.Equal(0, service.Node.Progress!.PairsOfRepair);
    }

    [Fact]
    public async Task What_this_node_holds_for_a_key()
    {
        await using var service = await Service.Start();
        Assert.Equal(404, (await service.Ask("GET", "/admin/local/b/k")).Status);
        service.Node.Seed("b", "k", new Value
        {
            ContentType = "a/b", Body = new byte[1025], Metadata = Value.NoMetadata.Add("Owner", "me"),
        });
        service.Node.Seed("b", "k", Service.Text("small"));
        await service.Ask("DELETE", "/buckets/b/other");
        service.Node.Hints = [new LocalHint(new NodeId("node3"), service.Node.Stored("b", "k")!)];
        var local = await service.Json("/admin/local/b/k");
        Assert.Equal(("node1", "found"), (local.GetProperty("node").GetString(), local.GetProperty("status").GetString()));
        var siblings = local.GetProperty("record").GetProperty("siblings");
        Assert.False(siblings[0].TryGetProperty("value", out _));
        Assert.Equal(1025, siblings[0].GetProperty("bytes").GetInt32());
        Assert.Equal("me", siblings[0].GetProperty("metadata").GetProperty("Owner").GetString());
        Assert.Equal("small", Encoding.UTF8.GetString(siblings[1].GetProperty("value").GetBytesFromBase64()));
        Assert.Equal(
            """{"node":"node1","generation":"ffff000000000001","counter":2}""", siblings[1].GetProperty("dot").GetRawText());
        Assert.Equal(
            """[{"node":"node1","generation":"ffff000000000001","first":1,"last":2}]""",
            local.GetProperty("record").GetProperty("clock").GetRawText());
        var hint = Assert.Single(local.GetProperty("hints").EnumerateArray());
        Assert.Equal("node3", hint.GetProperty("owner").GetString());
        Assert.Equal(2, hint.GetProperty("record").GetProperty("siblings").GetArrayLength());
    }

    [Fact]
    public async Task A_tombstone_and_a_lone_hint_can_be_seen()
    {
        await using var service = await Service.Start();
        service.Node.Seed("b", "k", Service.Text("v"));
        await service.Ask("DELETE", "/buckets/b/keys/k");
        var record = (await service.Json("/admin/local/b/k")).GetProperty("record");
        Assert.True(record.GetProperty("deleted").GetBoolean());
        Assert.True(record.GetProperty("siblings")[0].GetProperty("tombstone").GetBoolean());

        service.Node.Hints = [new LocalHint(new NodeId("node3"), service.Node.Stored("b", "k")!)];
        var lone = await service.Json("/admin/local/b/elsewhere");
        Assert.Equal(("missing", JsonValueKind.Null), (lone.GetProperty("status").GetString(), lone.GetProperty("record").ValueKind));
    }

    [Fact]
    public async Task Statistics_have_riaks_names_and_the_last_minute_of_each_counter()
    {
        var time = new SteppedTime();
        await using var service = await Service.Start(new HttpOptions { Time = time });
        time.Step(TimeSpan.FromSeconds(5));
        service.Node.Counters = service.Node.Counters.SetItem(CounterNames.NodeGets, 17);
        var stats = await service.Json("/stats");
        Assert.Equal((17, 10), (stats.GetProperty("node_gets_total").GetInt64(), stats.GetProperty("node_gets").GetInt64()));
        Assert.Equal((3, 0), (stats.GetProperty("node_puts_total").GetInt64(), stats.GetProperty("node_puts").GetInt64()));
        Assert.Equal((16, "node1"), (stats.GetProperty("ring_num_partitions").GetInt32(), stats.GetProperty("nodename").GetString()));
        Assert.Equal("""["node3"]""", stats.GetProperty("connected_nodes").GetRawText());

        for (var i = 0; i < 13; i++) time.Step(TimeSpan.FromSeconds(5));
        Assert.Equal(0, (await service.Json("/stats")).GetProperty("node_gets").GetInt64());
    }

    [Fact]
    public async Task Metrics_are_in_prometheus_format()
    {
        await using var service = await Service.Start();
        var answer = await service.Ask("GET", "/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Header("Content-Type"));
        var lines = answer.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("dynamo_node_gets_total 7", lines);
        Assert.Contains("# TYPE dynamo_node_gets_total counter", lines);
        Assert.Contains("dynamo_hints{owner=\"node2\"} 5", lines);
        Assert.Contains("dynamo_node_reachable{peer=\"node2\"} 0", lines);
        Assert.Contains("dynamo_storage_healthy 1", lines);
        Assert.All(lines, static line => Assert.Matches("""^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? \d+(\.\d+)?)$""", line));
    }

    /// <summary>A clock that stands still until it is stepped; timers fire as it passes them.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        private readonly List<Action> _timers = [];
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            callback(state);
            _timers.Add(() => callback(state));
            return new NoTimer();
        }

        public void Step(TimeSpan by)
        {
            _now += by;
            foreach (var timer in _timers) timer();
        }

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
