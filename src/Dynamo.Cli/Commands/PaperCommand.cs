using System.CommandLine;
using Dynamo.Cli.Paper;
using Dynamo.Simulation;
using Spectre.Console;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo paper</c>.</summary>
internal static class PaperCommand
{
    private const string Everything = "all";

    private const string Summary = "Repeats the Dynamo paper's measurements on this system and sets the results beside the published ones.";

    private static readonly string Lesson = $"""
        Experiments:
        {string.Join('\n', PaperExperiment.All.Select(static e => $"  {e.Name,-7} {e.Sentence}"))}

        They run on the real coordinators, replicas and placement, under virtual time where two hundred nodes or chosen latencies are
        needed; the same seed gives the same figures. Each writes NAME.csv and NAME.svg into --out and says how it compares.

        Examples:
          dynamo paper fig8
          dynamo paper pbs --seed 7 --out /tmp/paper
          dynamo paper all --json

        Exit codes:
          0  what the paper claims is so here
          1  it is not, or the files could not be written
        """;

    private static readonly Argument<string> Name = new("experiment")
    {
        Description = $"{string.Join(", ", PaperExperiment.All.Select(static e => e.Name))}, or {Everything}.",
    };

    private static readonly Option<string> Out = new("--out")
    {
        Description = "The folder for the .csv and .svg files; it is made if it is not there.",
        HelpName = "DIR",
        DefaultValueFactory = static _ => "./paper",
    };

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "What everything is drawn from.",
        DefaultValueFactory = static _ => 1,
    };

    public static Command Create(Session session)
    {
        var command = new TaughtCommand("paper", Summary, Lesson, asksNodes: false) { Name, Out, Seed };
        command.SetAction(parse =>
        {
            var name = parse.GetValue(Name)!;
            var experiments = name == Everything
                ? PaperExperiment.All
                : [PaperExperiment.Find(name) ?? throw Misunderstood(name)];
            var holds = true;
            foreach (var experiment in experiments)
            {
                var report = experiment.Run(parse.GetValue(Seed));
                var files = PaperFiles.Write(report, parse.GetValue(Out)!);
                if (session.WantsJson(parse)) session.Terminal.Json(Document(report, files));
                else Show(session.Terminal, experiment, report, files);
                holds &= report.Holds;
            }

            return holds ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    private static CommandFailure Misunderstood(string name) =>
        new(ExitCode.Usage, $"There is no experiment {name}; --help lists them.");

    private static void Show(Terminal terminal, PaperExperiment experiment, PaperReport report, (string Csv, string Svg) files)
    {
        terminal.Text.WriteLine($"{report.Name}: {experiment.Sentence}; seed {report.Seed}");
        foreach (var sentence in report.Setting) terminal.Text.WriteLine($"  {sentence}");
        var table = new Table().RoundedBorder().AddColumns("", "published", "ours");
        foreach (var line in report.Comparisons)
            table.AddRow(Markup.Escape(line.What), Markup.Escape(line.Published), Markup.Escape(line.Ours));
        terminal.Pretty.Write(table);
        terminal.Text.WriteLine(report.Sentence);
        terminal.Text.WriteLine($"Written: {files.Csv}, {files.Svg}");
    }

    private static object Document(PaperReport report, (string Csv, string Svg) files) => new
    {
        report.Name,
        report.Seed,
        report.Setting,
        report.Comparisons,
        report.Sentence,
        report.Holds,
        files.Csv,
        files.Svg,
    };
}
