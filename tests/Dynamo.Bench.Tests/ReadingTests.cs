using System.Text;
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
        Assert.Equal((20.5, 9.0), (sample.Figures[Sample.OpsPerSecond], sample.Figures["get_p999_ms"]));
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
