using System.Text.Json;

namespace Dynamo.Simulation.Tests;

/// <summary>Jepsen's test of Riak: siblings lose nothing, last-write-wins loses much of what it acknowledged.</summary>
public class JepsenSetTests
{
    [Fact]
    public void Siblings_lose_no_add_and_last_write_wins_loses_many_and_says_how_many()
    {
        var report = Runs.Of(FaultProfile.JepsenSet, 1);
        Runs.AssertClean(report);
        Assert.Equal(0, report.Verdict.Lost);
        Assert.True(report.Acknowledged > 1_500, $"only {report.Acknowledged} adds were acknowledged");
        Assert.True(report.LostToLastWriteWins > report.AcknowledgedByLastWriteWins / 2, $"{report.LostToLastWriteWins} were lost");
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(report.LostToLastWriteWins, json.RootElement.GetProperty("lost_to_last_write_wins").GetInt32());
    }

    [Fact]
    public void A_report_is_one_line_with_every_documented_field()
    {
        var line = Runs.Of("calm", 1).ToJson();
        Assert.DoesNotContain('\n', line);
        using var json = JsonDocument.Parse(line);
        string[] fields =
        [
            "seed", "profile", "nodes", "ops", "acked", "lost", "resurrected", "diverged", "siblings_max", "hints_left",
            "virtual_seconds", "wall_seconds", "hash",
        ];
        Assert.All(fields, field => Assert.True(json.RootElement.TryGetProperty(field, out _), field));
    }
}
