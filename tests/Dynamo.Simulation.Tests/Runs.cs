namespace Dynamo.Simulation.Tests;

/// <summary>Runs by name and seed, as the tests want them.</summary>
public static class Runs
{
    public static SimulationReport Of(string profile, ulong seed, int? nodes = null, int? ops = null, string? mutant = null) =>
        SimulationRun.CarryOut(SimulationEnvironment.Draw(seed, FaultProfile.Find(profile)!, nodes, ops), mutant);

    /// <summary>Fails with what a person needs in order to see it happen again.</summary>
    public static void AssertClean(SimulationReport report) => Assert.True(
        report.ExitCode == SimulationReport.Clean,
        $"dynamo simulate --profile {report.Environment.Profile.Name} --seed {report.Environment.Seed} --trace\n"
            + string.Join('\n', report.Findings.Take(10)));
}
