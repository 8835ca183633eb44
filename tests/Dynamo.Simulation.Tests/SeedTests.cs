using System.Globalization;

namespace Dynamo.Simulation.Tests;

/// <summary>Runs over many seeds: fresh ones each time, and those that once found something.</summary>
public class SeedTests
{
    public static TheoryData<string> Profiles => 
        [.. FaultProfile.All.Select(static p => p.Name).Where(static p => p != FaultProfile.TruncatePaper)];

    [Fact]
    public void Three_hundred_fresh_seeds_of_the_swarm_are_clean()
    {
        // Fresh on purpose: each day's tests look where nobody has looked before. The seed of a failure is named.
        var first = (ulong)DateTime.UtcNow.Ticks % 1_000_000_000;
        var batch = new SimulationBatch(first);
        for (var i = 0UL; i < 300; i++)
        {
            var report = Runs.Of("swarm", first + i);
            batch.Add(report);
            Runs.AssertClean(report);
        }

        Assert.Equal(0, batch.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Each_profile_is_clean(string profile)
    {
        var troubled = 0;
        var isOneStory = profile is FaultProfile.JepsenSet or FaultProfile.HintStorm;
        for (var seed = 1UL; seed <= (isOneStory ? 1UL : 15UL); seed++)
        {
            var report = Runs.Of(profile, seed, ops: profile == FaultProfile.HintStorm ? 4_000 : null);
            Runs.AssertClean(report);
            if (report.Acknowledged < report.Environment.Operations / 2) troubled++;
            Assert.True(report.Acknowledged > 0, "nothing was acknowledged");
        }

        // A run in which nearly everything is refused proves little; some such runs are the price of real trouble.
        Assert.True(troubled < 15, "every run of the profile refused most of its writes");
    }

    [Fact]
    public void Sixty_fresh_seeds_of_membership_changes_among_all_other_faults_are_clean()
    {
        var first = (ulong)DateTime.UtcNow.Ticks % 1_000_000_000;
        for (var i = 0UL; i < 60; i++) Runs.AssertClean(Runs.Of(FaultProfile.Churn, first + i));
    }

    // Section 4.4: "this truncation scheme can lead to inefficiencies in reconciliation as the descendant relationships cannot
    // be derived accurately".
    [Fact]
    public void Clocks_cut_as_in_the_paper_lose_nothing_and_bring_back_what_was_replaced()
    {
        int lost = 0, resurrected = 0;
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var report = Runs.Of(FaultProfile.TruncatePaper, seed);
            Assert.Null(report.Crash);
            lost += report.Verdict.Lost;
            resurrected += report.Verdict.Resurrected;
        }

        Assert.Equal(0, lost);
        Assert.True(resurrected > 0, "nothing came back: the profile does not show what it is for");
    }

    [Fact]
    public void Seeds_that_once_failed_are_clean()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "corpus.txt"))
            .Where(static line => line.Length > 0 && !line.StartsWith('#')).ToList();
        Assert.NotEmpty(lines);
        foreach (var words in lines.Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            Runs.AssertClean(Runs.Of(
                words[0], ulong.Parse(words[1], CultureInfo.InvariantCulture), Number(words, "nodes="), Number(words, "ops=")));
    }

    [Fact]
    public void Swarm_draws_every_trouble_but_lying_disks_and_backups()
    {
        var drawn = Enumerable.Range(1, 200)
            .Select(static seed => SimulationEnvironment.Draw((ulong)seed, FaultProfile.Find("swarm")!).Troubles)
            .Aggregate((x, y) => x | y);
        Assert.Equal(Enum.GetValues<Trouble>().Aggregate((x, y) => x | y) & ~(Trouble.DiskLies | Trouble.Restore), drawn);
    }

    private static int? Number(string[] words, string name) =>
        words.FirstOrDefault(word => word.StartsWith(name, StringComparison.Ordinal)) is { } word
            ? int.Parse(word.AsSpan(name.Length), CultureInfo.InvariantCulture)
            : null;
}
