using System.Text;
using System.Text.Json;
using Dynamo.Bench.Figures;
using Dynamo.Bench.Processes;
using Dynamo.Bench.Scenarios;
using Dynamo.Testing.Load;

namespace Dynamo.Bench.Tests;

/// <summary>What the harness reads: the lines of the programs it starts, redis, and its own command line.</summary>
public sealed class ReadingTests
{
    private static readonly LoadLatencies Took = new(10, 1.5, 1, 4, 9, 12);

    [Fact]
    public void A_load_report_comes_back_as_it_was_written()
    {
        var counts = new LoadCounts(8, 20.5, Took, Took, null, new SortedDictionary<string, long> { ["TimedOut"] = 2 });
        var report = new LoadReport("client-bench", "a", "uniform", 10_000, 100, 64, null, counts, null, 0.5, null);

        var read = LoadReport.Parse(report.ToJson())!;

        Assert.Equal(report.ToJson(), read.ToJson());
        var sample = Sample.Of("ours", read);
        Assert.Equal(
            (20.5, 1.5, 9.0), (sample.Figures[Sample.OpsPerSecond], sample.Figures[Sample.GetMean], sample.Figures[Sample.GetP999]));
        Assert.Equal(50_000, sample.Figures[Sample.ClientMicroseconds]);
        Assert.DoesNotContain("put_p50_ms", sample.Figures.Keys);
        Assert.Equal(2, sample.Errors["TimedOut"]);
    }

    [Theory]
    [InlineData("measuring")]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"measured\"")]
    [InlineData("[ERROR] something about {braces}")]
    public void Other_lines_are_no_reports(string line) => Assert.Null(LoadReport.Parse(line));

    [Fact]
    public void What_dynamo_bench_says_becomes_a_sample()
    {
        const string line = """
            {"client_processors":0.5,"stretches":[{"ops_per_second":1000,"outcomes":{"ok":7990,"not_found":0,"refused":3,"unavailable":0,"timed_out":0,
            "failed":7,"accepted":{"mean":1,"p50":2,"p90":3,"p99":4,"p999":5,"max":6}}}],"timeline":[]}
            """;
        var sample = ToolBench.Read("http 64", line);
        Assert.Equal((1000, 5, 500), (sample.Figures[Sample.OpsPerSecond], sample.Figures[Sample.AllP999], sample.Figures[Sample.ClientMicroseconds]));
        Assert.Equal([("failed", 7L), ("refused", 3L)], sample.Errors.Select(static e => (e.Key, e.Value)));
    }

    [Fact]
    public void What_nodes_tell_of_themselves_is_added_up_and_divided_by_what_was_done()
    {
        var before = FleetStats.Sum([Node(gets: 10, puts: 5, messages: 100, keys: 20, memory: 1000)]);
        var after = FleetStats.Sum([
            Node(gets: 12, puts: 6, messages: 112, keys: 25, memory: 1700), Node(gets: 1, puts: 2, messages: 10, keys: 5, memory: 300, hints: 4),
        ]);
        Assert.Equal((0, 4), (before.UnderWay, after.UnderWay));
        Assert.Equal((21, 122, 30, 2000, 14), (after.Requests, after.Messages, after.Copies, after.Memory, after.Frames));
        // Six requests have come in and two of them were sent again: four operations.
        Assert.Equal((22 + 12) / 4.0, after.MessagesPerOperation(before, operations: 4));
        Assert.Equal(100, after.BytesPerCopy(before));

        static JsonElement Node(int gets, int puts, int messages, int keys, int memory, int hints = 0) => JsonSerializer.SerializeToElement(
            new Dictionary<string, object>
            {
                ["node_gets_total"] = gets, ["node_puts_total"] = puts, ["link_request_messages_sent_total"] = messages, ["link_request_frames_sent_total"] = 7,
                ["keys"] = keys, ["memory_total"] = memory, ["requests_in_flight"] = 0, ["storage_queued_writes"] = 0, ["hints"] = hints, ["nodename"] = "n",
            });
    }

    [Theory]
    [InlineData("+OK\r\n+OK\r\n", 5, false)]
    [InlineData("$-1\r\n", 5, false)]
    [InlineData("$3\r\nabc\r\n+OK\r\n", 9, false)]
    [InlineData("$0\r\n\r\n", 6, false)]
    [InlineData("-ERR no\r\n", 9, true)]
    public void An_answer_of_redis_ends_where_it_ends(string bytes, int length, bool isError)
    {
        Assert.True(RespAnswer.TryRead(Encoding.ASCII.GetBytes(bytes), out var read, out var wasError));
        Assert.Equal((length, isError), (read, wasError));
        for (var cut = 0; cut < length; cut++) Assert.False(RespAnswer.TryRead(Encoding.ASCII.GetBytes(bytes[..cut]), out _, out _));
    }

    [Fact]
    public void What_is_measured_can_be_chosen_and_a_slip_is_told()
    {
        Assert.Equal(["memory", "idle"], BenchCommand.Choose("idle, memory", out var wrong).Select(static s => s.Name));
        Assert.Equal("", wrong);
        BenchCommand.Choose("memory,memmory", out wrong);
        Assert.Contains("memmory", wrong, StringComparison.Ordinal);
        BenchCommand.Choose(",", out wrong);
        Assert.NotEqual("", wrong);
        Assert.All(BenchCommand.Choose(null, out _), static s => Assert.True(s.IsUsual));
        Assert.Equal(Scenario.All.Count, Scenario.All.Select(static s => s.Name).Distinct().Count());
    }
}
