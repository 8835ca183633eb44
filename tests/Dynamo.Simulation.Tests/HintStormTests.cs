using System.Text.Json;

namespace Dynamo.Simulation.Tests;

/// <summary>The delivery of many hints, measured in virtual time: paced as it is, clients do not feel it; unpaced, they do.</summary>
public class HintStormTests
{
    private const int Hints = 4_000;

    [Fact]
    public void Clients_do_not_feel_a_storm_and_every_hint_arrives()
    {
        var report = Runs.Of(FaultProfile.HintStorm, 1, ops: Hints);
        Runs.AssertClean(report);
        Assert.True(report.Storm!.Delivered >= Hints, $"{report.Storm.Delivered} hints were delivered");
        Assert.True(report.Storm.Storm.Answered > 1_000, $"{report.Storm.Storm.Answered} requests were measured");
        using var json = JsonDocument.Parse(report.ToJson());
        string[] fields =
        [
            "calm_p50_ms", "calm_p99_ms", "calm_p999_ms", "storm_p50_ms", "storm_p99_ms", "storm_p999_ms", "delivery_seconds",
        ];
        Assert.All(fields, field => Assert.True(json.RootElement.GetProperty(field).GetDouble() > 0, field));
    }

    [Fact]
    public void Without_pacing_the_same_measure_finds_that_they_do()
    {
        var environment = SimulationEnvironment.Draw(1, FaultProfile.Find(FaultProfile.HintStorm)!, operations: Hints);
        var unpaced = NodeSettings.Standard with { HandoffWindow = 10_000, HandoffPerSecond = 1_000_000 };
        var report = SimulationRun.CarryOut(environment with { Settings = unpaced });
        Assert.Equal(SimulationReport.Wrong, report.ExitCode);
        Assert.All(report.Findings, static finding => Assert.StartsWith(new StormsDoNotHurt().Name, finding, StringComparison.Ordinal));
        Assert.True(report.Storm!.Delivered >= Hints, $"{report.Storm.Delivered} hints were delivered");
    }

    [Fact]
    public void On_nodes_half_as_fast_hints_leave_more_slowly_and_clients_feel_little()
    {
        var environment = SimulationEnvironment.Draw(1, FaultProfile.Find(FaultProfile.HintStorm)!, operations: Hints);
        var report = SimulationRun.CarryOut(environment with { MessageTime = 2 * environment.MessageTime });
        var (calm, storm) = (report.Storm!.Calm.Percentile(0.999), report.Storm.Storm.Percentile(0.999));
        Assert.True(storm < calm * 1.5, $"p99.9 rose from {calm} to {storm}");
    }
}
