using System.CommandLine;
using Dynamo.Simulation;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo simulate</c>.</summary>
internal static class SimulateCommand
{
    private const string Summary = "Runs the protocol under virtual time, with faults drawn from a seed, and checks what became of it.";

    private const string Lesson = """
        The machines are the real ones; network, disks and clocks are simulated. Each run prints the environment it drew,
        then what is wrong, if anything is, and ends with one line of JSON. The same seed is the same run, hash included.

        Examples:
          dynamo simulate --seed 7
          dynamo simulate --seed 7 --profile partition --trace
          dynamo simulate --seed 1 --seeds 10000              a batch; a seed that fails is named with its findings
          dynamo simulate --profile hint-storm                what clients feel of 20,000 hints, in virtual time
          dynamo simulate --mutants                           the bugs that can be planted
          dynamo simulate --mutant reuse-dots                 seeds of its own profile, until one catches it
          dynamo simulate --mutant reuse-dots --seed 3 --seeds 1 --trace

        Exit codes:
          0    clean
          127  something crashed
          128  something that must come to an end did not, after everything had healed
          129  something is wrong
        """;

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "What everything is drawn from.",
        DefaultValueFactory = static _ => 1,
    };

    private const int SeedsForMutant = 200;

    private static readonly Option<int?> Seeds = new("--seeds")
    {
        Description = $"Run this many seeds, from --seed on; 1 when not given, and with --mutant up to {SeedsForMutant} until one catches it.",
    };

    private static readonly Option<int?> Nodes = new("--nodes") { Description = "3 to 1000 nodes; drawn when not given." };

    private static readonly Option<int?> Ops = new("--ops")
    {
        Description = "How many operations clients begin; drawn when not given.",
    };

    private static readonly Option<string?> Bug = new("--mutant")
    {
        Description = "Plant a bug; see --mutants.",
        HelpName = "NAME",
    };

    private static readonly Option<bool> Trace = new("--trace") { Description = "Tell everything that happens, a line each." };

    private static readonly Option<bool> Bugs = new("--mutants")
    {
        Description = "List the bugs that can be planted, and the profile that brings each to light.",
    };

    private static readonly Option<string?> Profile = new("--profile")
    {
        Description = $"What goes wrong: {string.Join(' ', FaultProfile.All.Select(static p => p.Name))}. "
            + "swarm when not given; a mutant's own with --mutant.",
        HelpName = "NAME",
    };

    public static Command Create(Session session)
    {
        var command = new TaughtCommand("simulate", Summary, Lesson, asksNodes: false) { Seed, Seeds, Nodes, Ops, Profile, Bug, Trace, Bugs };
        command.SetAction(parse => parse.GetValue(Bugs) ? ListBugs(session.Terminal.Text) : Run(session.Terminal, parse));
        return command;
    }

    private static CommandFailure Misunderstood(string sentence) => new(ExitCode.Usage, sentence);

    private static int ListBugs(TextWriter to)
    {
        foreach (var bug in PlantedBug.All) to.WriteLine($"{bug.Name,-24} {bug.Profile,-12} {bug.Sentence}");
        return ExitCode.Success;
    }

    private static int Run(Terminal terminal, ParseResult parse)
    {
        var bug = parse.GetValue(Bug) is { } name
            ? PlantedBug.Find(name) ?? throw Misunderstood($"There is no mutant {name}; --mutants lists them.")
            : null;
        var wanted = parse.GetValue(Profile) ?? bug?.Profile ?? "swarm";
        var profile = FaultProfile.Find(wanted)
            ?? throw Misunderstood($"There is no profile {wanted}; --help lists them.");
        if (parse.GetValue(Nodes) is < 3 or > 1000) throw Misunderstood("There must be 3 to 1000 nodes.");
        if (parse.GetValue(Ops) is < 1) throw Misunderstood("There must be at least one operation.");
        if (parse.GetValue(Seeds) < 1) throw Misunderstood("There must be at least one seed.");
        var first = parse.GetValue(Seed);
        SimulationEnvironment Draw(ulong seed) =>
            SimulationEnvironment.Draw(seed, profile, parse.GetValue(Nodes), parse.GetValue(Ops));
        var count = parse.GetValue(Seeds) ?? 1;
        if (bug is not null && parse.GetValue(Seeds) is null && !parse.GetValue(Trace)) return Catch(terminal, first, Draw, bug);
        return count == 1
            ? RunOne(terminal, Draw(first), bug, parse.GetValue(Trace))
            : RunBatch(terminal, first, count, Draw, bug);
    }

    // One seed after the other until the bug shows; the run that shows it is told as any single run.
    private static int Catch(Terminal terminal, ulong first, Func<ulong, SimulationEnvironment> draw, PlantedBug bug)
    {
        for (var seed = first; seed < first + SeedsForMutant; seed++)
            if (SimulationRun.CarryOut(draw(seed), bug.Name).ExitCode != SimulationReport.Clean)
                return RunOne(terminal, draw(seed), bug, trace: false);
        terminal.Text.WriteLine($"{bug.Name} was not caught by the seeds {first} to {first + SeedsForMutant - 1}.");
        return ExitCode.Success;
    }

    private static int RunOne(Terminal terminal, SimulationEnvironment environment, PlantedBug? bug, bool trace)
    {
        if (!trace)
            foreach (var line in environment.Describe()) terminal.Text.WriteLine(line);
        using var story = trace ? new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1 << 16) : null;
        var report = SimulationRun.CarryOut(environment, bug?.Name, story);
        story?.Flush();
        foreach (var finding in report.Findings) terminal.Text.WriteLine(finding);
        if (report.LostToLastWriteWins is { } lost)
            terminal.Text.WriteLine(
                $"last-write-wins: {lost} of {report.AcknowledgedByLastWriteWins} acknowledged adds are lost; "
                + $"siblings: {report.Verdict.Lost} of {report.Acknowledged}");
        foreach (var line in report.Storm?.Describe() ?? []) terminal.Text.WriteLine(line);
        if (report.Destroyed > 0)
            terminal.Text.WriteLine($"faults destroyed every durable copy of {report.Destroyed} versions");
        terminal.Text.WriteLine(report.ToJson());
        return report.ExitCode;
    }

    private static int RunBatch(
        Terminal terminal, ulong first, int count, Func<ulong, SimulationEnvironment> draw, PlantedBug? bug)
    {
        var batch = new SimulationBatch(first);
        for (var i = 0; i < count; i++)
        {
            var report = SimulationRun.CarryOut(draw(first + (ulong)i), bug?.Name);
            batch.Add(report);
            if (report.ExitCode == SimulationReport.Clean) continue;
            terminal.Text.WriteLine($"seed {report.Environment.Seed}: exit {report.ExitCode}");
            foreach (var finding in report.Findings.Take(5)) terminal.Text.WriteLine($"  {finding}");
        }

        terminal.Text.WriteLine(batch.ToJson());
        return batch.ExitCode;
    }
}
