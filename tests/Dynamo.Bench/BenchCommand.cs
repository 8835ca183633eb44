using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Runtime.InteropServices;
using Dynamo.Bench.Figures;
using Dynamo.Bench.Scenarios;

namespace Dynamo.Bench;

/// <summary>The command line.</summary>
internal sealed class BenchCommand : RootCommand
{
    private const int Fine = 0, Wrong = 1, Usage = 2, NotPossible = 3;

    private static readonly string Lesson = $"""
        Measures Dynamo and what it is held against on this machine, one after the other, round after round (A B C A B C ...), each in
        processes of its own that begin and end with their turn. Ratios are made of figures of the same round. All loads are closed
        loops of half gets, half puts of 100 bytes under 10,000 keys, 64 and 256 under way, unless a scenario says otherwise.

        Measured usually:
        {Describe(Scenario.All.Where(static s => s.IsUsual))}

        Only when --only names them:
        {Describe(Scenario.All.Where(static s => !s.IsUsual))}

        etcd is not among them: its HTTP gateway would be measured, and a client of its own protocol would bring packages along.

        Examples:
          ./build.sh bench --quick                                one short round, to see that everything runs
          ./build.sh bench --only skeleton,memory,durable         what the goals for throughput speak of
          ./build.sh bench --only latency,kill,idle --out FILE
          sudo ./build.sh bench --only links                      client-driven beside server-driven, on links that take time

        Exit codes: 0 done, 1 something failed or a process was lost, 2 the command line is wrong, 3 it could not be run here. That a
        goal is missed is said and fails nothing: figures belong to a machine.
        """;

    private readonly Option<int?> _rounds = new("--rounds") { Description = "How many rounds, 1 to 100; 5, or 1 with --quick.", HelpName = "N" };
    private readonly Option<bool> _quick = new("--quick")
    {
        Description = "Measure for 3 seconds where it is 8, for 10 where it is 60, and nothing of 100,000 and more keys but growth, with 100,000.",
    };

    private readonly Option<string?> _only = new("--only") { Description = "Only these, with commas.", HelpName = "LIST" };
    private readonly Option<int?> _seconds = new("--seconds") { Description = "How long each load is measured, 1 to 600.", HelpName = "N" };
    private readonly Option<bool> _json = new("--json") { Description = "The report as JSON." };
    private readonly Option<string?> _out = new("--out") { Description = "A file for the report as JSON.", HelpName = "FILE" };
    private readonly Option<string?> _data = new("--data")
    {
        Description = "A folder on the disk to measure; artifacts/bench below the current folder when not given.", HelpName = "FOLDER",
    };

    private readonly Option<string?> _node = new("--node-program") { Hidden = true }, _load = new("--load-program") { Hidden = true };
    private readonly Option<string?> _tool = new("--tool-program") { Hidden = true };

    public BenchCommand()
        : base("Measures Dynamo side by side with what it is held against.")
    {
        foreach (var option in (Option[])[_rounds, _quick, _only, _seconds, _json, _out, _data, _node, _load, _tool]) Add(option);
        var help = Options.OfType<HelpOption>().Single();
        help.Action = new LessonAction((HelpAction)help.Action!);
        SetAction((parse, cancel) => Run(parse, cancel));
    }

    /// <summary>The scenarios that a command line names; "" in <paramref name="wrong"/> when all exist.</summary>
    internal static IReadOnlyList<Scenario> Choose(string? only, out string wrong)
    {
        wrong = "";
        if (only is null) return [.. Scenario.All.Where(static s => s.IsUsual)];
        var names = only.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.FirstOrDefault(static n => Scenario.All.All(s => s.Name != n)) is { } unknown)
            wrong = $"There is nothing called {unknown} to measure; --help lists all.";
        else if (names.Length == 0) wrong = "--only names nothing.";
        return [.. Scenario.All.Where(s => names.Contains(s.Name))];
    }

    private static string Describe(IEnumerable<Scenario> scenarios) =>
        string.Join('\n', scenarios.Select(static s => $"  {s.Name,-12} {s.Sentence}"));

    private async Task<int> Run(ParseResult parse, CancellationToken invoked)
    {
        var scenarios = Choose(parse.GetValue(_only), out var wrong);
        var isQuick = parse.GetValue(_quick);
        var (rounds, seconds) = (parse.GetValue(_rounds) ?? (isQuick ? 1 : 5), parse.GetValue(_seconds) ?? (isQuick ? 3 : 8));
        if (rounds is < 1 or > 100) wrong = "--rounds must be 1 to 100.";
        if (seconds is < 1 or > 600) wrong = "--seconds must be 1 to 600.";
        if (parse.GetValue(_node) is not { } node || parse.GetValue(_load) is not { } load || parse.GetValue(_tool) is not { } tool)
            return Say("The programs that are measured are not named; start this with ./build.sh bench.");
        if (wrong.Length > 0) return Say(wrong);

        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(invoked);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        var folder = Path.Combine(
            Path.GetFullPath(parse.GetValue(_data) ?? Path.Combine("artifacts", "bench")),
            string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}"));
        var place = new Place
        {
            Programs = new Programs(node, load, tool),
            Data = Path.Combine(folder, "data"),
            Logs = Directory.CreateDirectory(Path.Combine(folder, "logs")).FullName,
            Seconds = seconds,
            // .NET compiles what is used much a second and a third time; before that a figure is one of the compiler.
            WarmUp = isQuick ? 1 : 60,
            LongSeconds = isQuick ? 10 : 60,
            // A rented disk gives for minutes what it takes back later, so what is compared has to begin with the same in hand.
            Rest = isQuick ? TimeSpan.FromSeconds(10) : TimeSpan.FromMinutes(3),
            Hints = isQuick ? 10_000 : 100_000,
            // Writing 100,000 keys into DistributedData takes minutes.
            KeyCounts = isQuick ? [1_000, 10_000] : [1_000, 10_000, 100_000],
            GrowthKeys = isQuick ? [10_000, 100_000] : [10_000, 1_000_000],
        };
        var isJson = parse.GetValue(_json);
        try
        {
            var report = await new BenchRun(place, scenarios, rounds, (isJson ? Console.Error : Console.Out).WriteLine).CarryOut(cancel.Token);
            await File.WriteAllTextAsync(parse.GetValue(_out) ?? Path.Combine(folder, "report.json"), report.ToJson(), CancellationToken.None);
            if (isJson) Console.WriteLine(report.ToJson());
            else foreach (var line in report.Describe()) Console.WriteLine(line);
            return report.Failures.Count == 0 ? Fine : Wrong;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped; whatever ran has ended.");
            return NotPossible;
        }

        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            cancel.Cancel();
        }

        static int Say(string sentence)
        {
            Console.Error.WriteLine(sentence);
            return Usage;
        }
    }

    /// <summary>The usual help, then what to know.</summary>
    private sealed class LessonAction(HelpAction usual) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var result = usual.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(Lesson);
            return result;
        }
    }
}
