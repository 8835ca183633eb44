using System.Diagnostics;

namespace Dynamo.Simulation.Tests;

/// <summary>The same seed is the same run, in every process.</summary>
public class DeterminismTests
{
    [Theory]
    [InlineData("calm", 3)]
    [InlineData("swarm", 7)]
    [InlineData("disk", 7)]
    public void The_same_seed_gives_the_same_hash_and_another_seed_another(string profile, ulong seed)
    {
        var first = Runs.Of(profile, seed);
        var second = Runs.Of(profile, seed);
        Assert.Equal(first.Hash, second.Hash);
        Assert.Equal(first.Events, second.Events);
        Assert.NotEqual(first.Hash, Runs.Of(profile, seed + 1).Hash);
    }

    [Fact]
    public void Another_process_gives_the_same_hash()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[] { typeof(DeterminismTests).Assembly.Location, "swarm", "11" }) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var hash = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.Equal(Runs.Of("swarm", 11).Hash, hash);
    }

    [Fact]
    public void Telling_the_story_changes_nothing()
    {
        using var story = new StringWriter();
        var environment = SimulationEnvironment.Draw(5, FaultProfile.Find("partition")!);
        var told = SimulationRun.CarryOut(environment, story: story);
        Assert.Equal(SimulationRun.CarryOut(environment).Hash, told.Hash);
        Assert.Contains("the network falls apart", story.ToString(), StringComparison.Ordinal);
    }
}
