using System.Text.Json;
using Dynamo.Bench.Figures;

namespace Dynamo.Bench.Tests;

/// <summary>The arithmetic over rounds: medians, ratios of the same round, goals.</summary>
public sealed class FiguresTests
{
    [Theory]
    [InlineData(new[] { 5.0 }, 5, 5, 5)]
    [InlineData(new[] { 9.0, 1, 4 }, 4, 1, 9)]
    [InlineData(new[] { 9.0, 1, 4, 2 }, 3, 1, 9)]
    public void The_median_is_the_middle_one_or_the_mean_of_the_middle_two(double[] values, double median, double min, double max) =>
        Assert.Equal(new Spread(median, min, max), Spread.Of(values));

    [Fact]
    public void Nothing_has_no_median() => Assert.Null(Spread.Of([]));

    [Fact]
    public void A_ratio_is_made_within_its_round_and_a_round_that_lacks_one_of_the_two_has_none()
    {
        // The machine became three times as fast: the medians 200 and 300 would say 0.67.
        IReadOnlyList<Sample>[] rounds =
        [
            [Ops("ours", 100), Ops("peer", 200)],
            [Ops("peer", 300), Ops("ours", 200)],
            [Ops("peer", 10)],
            [Ops("ours", 300), Ops("peer", 1200)],
            [Ops("ours", 7), Ops("peer", 0)],
        ];
        var comparison = new Comparison("ours", "peer", Sample.OpsPerSecond, Goal.AtLeast(0.5));

        Assert.Equal([0.5, 200 / 300.0, 0.25], comparison.Ratios(rounds));
        var report = comparison.Report(rounds)!;
        Assert.Equal(new Spread(0.5, 0.25, 200 / 300.0), report.Ratio);
        Assert.True(report.IsMet);
        Assert.False((comparison with { Goal = Goal.AtLeast(0.51) }).Report(rounds)!.IsMet);
        Assert.Null((comparison with { To = "nobody" }).Report(rounds));
        Assert.Null((comparison with { Figure = "none" }).Report(rounds));
    }

    [Theory]
    [InlineData(6, 10, true, true)]
    [InlineData(6.1, 10, false, true)]
    [InlineData(10, 10, false, false)]
    public void A_ratio_may_have_to_stay_below_something(double of, double to, bool isAtMost, bool isLower)
    {
        IReadOnlyList<Sample>[] rounds = [[new Sample("client", (Sample.GetMean, of)), new Sample("server", (Sample.GetMean, to))]];
        Assert.Equal(isAtMost, new Comparison("client", "server", Sample.GetMean, Goal.AtMost(0.6)).Report(rounds)!.IsMet);
        Assert.Equal(isLower, new Comparison("client", "server", Sample.GetMean, Goal.Lower).Report(rounds)!.IsMet);
    }

    [Theory]
    [InlineData(4, 5, true)]
    [InlineData(4, 5.01, false)]
    [InlineData(40, 44, true)]
    [InlineData(40, 44.1, false)]
    [InlineData(40, 3, true)]
    public void Background_work_may_add_a_tenth_or_a_millisecond(double calm, double busy, bool isMet)
    {
        IReadOnlyList<Sample>[] rounds = [[new Sample("calm", (Sample.AllP999, calm)), new Sample("busy", (Sample.AllP999, busy))]];
        Assert.Equal(isMet, new Comparison("busy", "calm", Sample.AllP999, Goal.RaisedLittle).Report(rounds)!.IsMet);
    }

    [Theory]
    [InlineData(10, 13, true, false)]
    [InlineData(10, 13.1, false, false)]
    [InlineData(6, 8, false, true)]
    [InlineData(6, 8.1, false, false)]
    [InlineData(6, 6, true, true)]
    [InlineData(6, 2, true, true)]
    public void What_grows_may_do_so_by_a_factor_or_by_so_much(double few, double many, bool isWithinFactor, bool isWithinSum)
    {
        IReadOnlyList<Sample>[] rounds = [[Ops("few", few), Ops("many", many)]];
        var comparison = new Comparison("many", "few", Sample.OpsPerSecond);
        Assert.Equal(isWithinFactor, (comparison with { Goal = Goal.AtMost(1.3) }).Report(rounds)!.IsMet);
        Assert.Equal(isWithinSum, (comparison with { Goal = Goal.AtMostMore(2) }).Report(rounds)!.IsMet);
    }

    [Fact]
    public void A_limit_is_held_against_the_median()
    {
        IReadOnlyList<Sample>[] rounds = [[Ops("a", 1)], [Ops("a", 9)], [Ops("b", 100), Ops("a", 2)]];
        Assert.True(new Limit("a", Sample.OpsPerSecond, 2.5).Report(rounds)!.IsMet);
        Assert.False(new Limit("a", Sample.OpsPerSecond, 2).Report(rounds)!.IsMet);
        Assert.Null(new Limit("c", Sample.OpsPerSecond, 2).Report(rounds));
    }

    [Fact]
    public void An_error_in_any_round_is_a_failure_of_the_run_and_all_is_in_the_json()
    {
        var bad = Ops("ours", 100) with { Errors = new Dictionary<string, long> { ["TimedOut"] = 3 } };
        var report = BenchReport.Of([[Ops("ours", 300), Ops("peer", 100)], [bad]], [new Comparison("ours", "peer", Sample.OpsPerSecond)], [], []);

        Assert.Equal(["ours: 3 TimedOut."], report.Failures);
        Assert.Equal(new Spread(200, 100, 300), report.Summary["ours"][Sample.OpsPerSecond]);
        var json = JsonDocument.Parse(report.ToJson()).RootElement;
        Assert.Equal(3, json.GetProperty("comparisons")[0].GetProperty("ratio").GetProperty("median").GetDouble());
        Assert.Equal(100, json.GetProperty("rounds")[1][0].GetProperty("figures").GetProperty(Sample.OpsPerSecond).GetDouble());
        var text = string.Join('\n', report.Describe());
        Assert.Contains("ours / peer, ops_per_second: 3.00", text, StringComparison.Ordinal);
        Assert.Contains("3 TimedOut", text, StringComparison.Ordinal);
    }

    private static Sample Ops(string name, double ops) => new(name, (Sample.OpsPerSecond, ops));
}
