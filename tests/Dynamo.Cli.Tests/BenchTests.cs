using System.Text.Json;
using Dynamo.Embedded;

namespace Dynamo.Cli.Tests;

/// <summary><c>dynamo bench</c> against real nodes, and against one that refuses.</summary>
public sealed class BenchTests
{
    [Theory]
    [InlineData("--mix", "a", "--clients", "4")]
    [InlineData("--mix", "f", "--key-choice", "zipfian", "--clients", "4")]
    [InlineData("--mix", "b", "--key-choice", "latest", "--rate", "200", "--clients", "50")]
    public async Task It_measures_a_cluster_and_all_of_its_operations_end(params string[] workload)
    {
        await using var cluster = await EmbeddedCluster.StartAsync(new EmbeddedOptions { HttpPort = 0 });
        var urls = string.Join(',', cluster.Nodes.Select(static n => n.Url));

        var run = await ToolRun.Of(["bench", "--nodes", urls, "--keys", "50", "--seconds", "2", "--warm-up", "1", "--json", .. workload]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var report = JsonDocument.Parse(run.Text).RootElement;
        var ended = Assert.Single(report.GetProperty("stretches").EnumerateArray()).GetProperty("outcomes");
        var ok = ended.GetProperty("ok").GetInt64();
        foreach (var other in (string[])["not_found", "refused", "unavailable", "timed_out", "failed"])
            Assert.Equal(0, ended.GetProperty(other).GetInt64());
        if (workload.Contains("--rate")) Assert.Equal(400, ok);
        else Assert.True(ok > 0);
        Assert.True(ended.GetProperty("accepted").GetProperty("p999").GetDouble() >= ended.GetProperty("accepted").GetProperty("p50").GetDouble());
        Assert.True(ended.GetProperty("time_to_refuse").ValueKind == JsonValueKind.Null);
        var timeline = report.GetProperty("timeline").EnumerateArray().ToList();
        Assert.True(timeline.Sum(static s => s.GetProperty("outcomes").GetProperty("ok").GetInt64()) >= ok);
        Assert.All(timeline, static second => Assert.True(second.GetProperty("node_mebibytes").EnumerateArray().Single().GetDouble() > 1));
    }

    [Theory]
    [InlineData("--mix", "f", "--clients", "4")]
    [InlineData("--mix", "a", "--rate", "200", "--clients", "50")]
    public async Task A_cluster_inside_the_tool_is_measured_likewise(params string[] workload)
    {
        var run = await ToolRun.Of(["bench", "--target", "embedded", "--keys", "50", "--seconds", "1", "--warm-up", "0", "--json", .. workload]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var ended = JsonDocument.Parse(run.Text).RootElement.GetProperty("stretches")[0].GetProperty("outcomes");
        foreach (var other in (string[])["not_found", "refused", "unavailable", "timed_out", "failed"])
            Assert.Equal(0, ended.GetProperty(other).GetInt64());
        Assert.True(ended.GetProperty("ok").GetInt64() > 0);
    }

    [Fact]
    public async Task For_people_the_distribution_is_drawn()
    {
        var run = await ToolRun.Of(["bench", "--target", "embedded", "--keys", "50", "--seconds", "1", "--warm-up", "0", "--clients", "4"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var bars = run.Text.Split('\n').Where(static line => line.Contains('█', StringComparison.Ordinal)).ToList();
        Assert.Contains(bars, static line => line.StartsWith("p99.9", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_client_library_is_driven_by_a_program_whose_last_line_is_the_report()
    {
        var program = typeof(FakeNodeProgram).Assembly.Location;

        var text = await ToolRun.Of(["bench", "--target", "client", "--load-program", program]);
        var json = await ToolRun.Of(
            ["bench", "--target", "client", "--load-program", program, "--nodes", "http://127.0.0.1:8098,http://127.0.0.1:8099", "--rate", "5", "--json"]);

        Assert.Equal((0, 0), (text.ExitCode, json.ExitCode));
        Assert.Contains("7 ops/s", text.Text, StringComparison.Ordinal);
        Assert.Contains(text.Text.Split('\n'), static line => line.StartsWith("p99.9", StringComparison.Ordinal));
        var said = JsonDocument.Parse(json.Text).RootElement.GetProperty("arguments").GetString()!;
        Assert.Contains("--contacts 127.0.0.1:18098,127.0.0.1:18099", said, StringComparison.Ordinal);
        Assert.Contains("--rate 5 ", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", "refused")]
    [InlineData(null, "unavailable")]
    public async Task What_a_node_refuses_is_told_apart_from_what_it_cannot_do(string? retryAfter, string kind)
    {
        await using var node = await FakeNode.Start();
        node.On("PUT /buckets/bench/props", 204, "");
        (string, string)[] headers = retryAfter is null ? [("Content-Length", "2")] : [("Content-Length", "2"), ("Retry-After", retryAfter)];
        node.On("GET /buckets/bench/keys/0000000000", 503, "no", headers);

        var run = await node.Run(
            "bench", "--no-load", "--keys", "1", "--mix", "get", "--rate", "100", "--seconds", "1", "--warm-up", "0", "--json");

        Assert.Equal(1, run.ExitCode);
        var ended = JsonDocument.Parse(run.Text).RootElement.GetProperty("stretches")[0].GetProperty("outcomes");
        Assert.Equal((0L, 100L), (ended.GetProperty("ok").GetInt64(), ended.GetProperty(kind).GetInt64()));
        Assert.Equal(kind == "refused" ? JsonValueKind.Object : JsonValueKind.Null, ended.GetProperty("time_to_refuse").ValueKind);
    }

    [Theory]
    [InlineData("--mix", "z")]
    [InlineData("--key-choice", "worst")]
    [InlineData("--rate", "fast")]
    [InlineData("--keys", "0")]
    [InlineData("--nodes", "localhost")]
    [InlineData("--bucket", "a/b")]
    [InlineData("--rate", "10", "--find-limit")]
    [InlineData("--target", "moon")]
    [InlineData("--target", "client", "--rate", "10:5")]
    [InlineData("--target", "client", "--load-program", "/none")]
    public async Task What_it_cannot_do_it_says_before_it_asks_anybody(params string[] wrong)
    {
        var run = await ToolRun.Of(["bench", .. wrong]);
        Assert.Equal((2, ""), (run.ExitCode, run.Text));
        Assert.NotEqual("", run.Error);
    }
}
