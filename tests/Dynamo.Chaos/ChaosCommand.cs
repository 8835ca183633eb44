using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Runtime.InteropServices;
using Dynamo.Chaos.Beds;
using Dynamo.Chaos.Faults;

namespace Dynamo.Chaos;

/// <summary>The command line.</summary>
internal sealed class ChaosCommand : RootCommand
{
    private const int Clean = 0, Wrong = 1, Usage = 2, NotPossible = 3;

    private static readonly string Lesson = $"""
        Starts node processes, each in a network namespace of its own, puts load on them over HTTP and through Dynamo.Client, and
        lets one fault after the other happen. Then everything heals, the cluster comes to rest, all nodes are stopped, and the
        history of every client is compared with what lies in the owners' stores.

        Faults:
        {string.Join('\n', Fault.All.Select(static f => $"  {f.Name,-10} {f.Sentence}"))}

        It is clean when nothing acknowledged is lost, nothing replaced or deleted has come back, all owners agree, and no
        request failed that a quorum could have served, except in the time that the failure detector takes.

        Examples:
          ./build.sh chaos                                  ten minutes
          ./build.sh chaos --minutes 3 --seed 7             the same faults in the same order as any run with seed 7
          ./build.sh chaos --faults kill,partition          only these
          ./build.sh chaos --set-test                       Jepsen's set test: 2,000 adds to one set, under a partition

        Network namespaces and small disks need the rights of root; without them the nodes run on 127.0.0.1, and what cannot be
        broken there is named and left out. What a run makes goes with it; a run that was killed is cleaned up by the next.

        Exit codes: 0 clean, 1 something is wrong, 2 the command line is, 3 it could not be run here.
        """;

    private readonly Option<double> _minutes = new("--minutes") { Description = "How long clients are at work: 0.5 to 240.", DefaultValueFactory = static _ => 10 };
    private readonly Option<int> _nodes = new("--nodes") { Description = "Node processes: 3 to 9.", DefaultValueFactory = static _ => 5 };
    private readonly Option<ulong?> _seed = new("--seed") { Description = "What faults and load are drawn from; drawn and printed when not given." };
    private readonly Option<string?> _faults = new("--faults") { Description = "Only these faults, with commas; all when not given.", HelpName = "LIST" };
    private readonly Option<bool> _setTest = new("--set-test") { Description = "Jepsen's set test instead." };
    private readonly Option<int> _adds = new("--adds") { Description = "How many adds the set test makes: 100 to 10000.", DefaultValueFactory = static _ => 2000 };
    private readonly Option<bool> _json = new("--json") { Description = "The report as JSON." };
    private readonly Option<string?> _histories = new("--keep-histories")
    {
        Description = "Where histories, logs and the report go; artifacts/chaos below the current folder when not given.", HelpName = "FOLDER",
    };

    private readonly Option<string?> _node = new("--node-program") { Hidden = true }, _client = new("--client-program") { Hidden = true };

    public ChaosCommand()
        : base("Breaks real node processes under load, and checks that nothing is lost.")
    {
        foreach (var option in (Option[])[_minutes, _nodes, _seed, _faults, _setTest, _adds, _histories, _json, _node, _client]) Add(option);
        var help = Options.OfType<HelpOption>().Single();
        help.Action = new LessonAction((HelpAction)help.Action!);
        SetAction((parse, cancel) => Run(parse, cancel));
    }

    private async Task<int> Run(ParseResult parse, CancellationToken invoked)
    {
        if (Read(parse, out var wrong) is not { } options)
        {
            await Console.Error.WriteLineAsync(wrong);
            return Usage;
        }

        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(invoked);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel);
        try
        {
            using var place = RunFolder.Take();
            using var bed = Make(options);
            Say($"{options.Nodes} nodes {bed.Description}; seed {options.Seed}; histories in {options.Histories}");
            var report = parse.GetValue(_setTest)
                ? (IReport)await SetTest.Run(options, bed, place.Path, parse.GetValue(_adds), Say, cancel.Token)
                : await ChaosRun.Run(options, bed, place.Path, Say, cancel.Token);
            await File.WriteAllTextAsync(Path.Combine(options.Histories, "report.json"), report.ToJson(), CancellationToken.None);
            if (options.Json) Console.WriteLine(report.ToJson());
            else foreach (var line in report.Describe()) Console.WriteLine(line);
            return report.IsClean ? Clean : Wrong;
        }
        catch (ChaosException fault)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return NotPossible;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped; everything that the run had made is removed.");
            return NotPossible;
        }

        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            cancel.Cancel();
        }

        // Where the report is JSON, standard output is for it alone.
        void Say(string line) => (options.Json ? Console.Error : Console.Out).WriteLine($"{DateTime.Now:HH:mm:ss} {line}");

        Bed Make(ChaosOptions of)
        {
            if (NamespaceBed.TryMake(RunFolder.NamespacePrefix, of.Nodes, of.Seed, out var reason) is { } made) return made;
            Say($"No network namespaces here, so the network stays whole: {reason}");
            return new LoopbackBed(of.Nodes);
        }
    }

    private ChaosOptions? Read(ParseResult parse, out string wrong)
    {
        var (minutes, nodes, adds) = (parse.GetValue(_minutes), parse.GetValue(_nodes), parse.GetValue(_adds));
        var names = parse.GetValue(_faults)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        wrong = (minutes is < 0.5 or > 240 || double.IsNaN(minutes)) ? "--minutes must be 0.5 to 240."
            : nodes is < 3 or > 9 ? "--nodes must be 3 to 9."
            : adds is < 100 or > 10_000 ? "--adds must be 100 to 10000."
            : names is [] ? "--faults names none."
            : names?.FirstOrDefault(n => Fault.All.All(f => f.Name != n)) is { } unknown ? $"There is no fault {unknown}; --help lists them."
            : OperatingSystem.IsWindows() ? "There are no signals to stop and kill processes with on Windows; use Linux."
            : parse.GetValue(_node) is null ? "The programs of the nodes are not named; start this with ./build.sh chaos."
            : "";
        if (wrong.Length > 0) return null;
        var seed = parse.GetValue(_seed) ?? (ulong)Random.Shared.Next(1, int.MaxValue);
        var folder = parse.GetValue(_histories)
            ?? Path.Combine("artifacts", "chaos", string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{seed}"));
        return new ChaosOptions
        {
            Minutes = minutes,
            Nodes = nodes,
            Seed = seed,
            Faults = names is null ? Fault.All : [.. Fault.All.Where(f => names.Contains(f.Name))],
            Histories = Directory.CreateDirectory(folder).FullName,
            NodeProgram = parse.GetValue(_node)!,
            ClientProgram = parse.GetValue(_client),
            Json = parse.GetValue(_json),
        };
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
