using System.CommandLine;
using Dynamo.Cli.Bench;
using Dynamo.Cli.Up;

namespace Dynamo.Cli.Commands;

/// <summary><c>dynamo bench</c>.</summary>
internal static class BenchCommand
{
    private const string Summary = "Measures a cluster: throughput, latency, what it refuses and how fast.";

    private const string Lesson = """
        It writes the keys k = 0 .. --keys - 1 of --bucket once, then drives the mix. The bucket is set to allow_mult=false, so that
        writes without a context do not pile up siblings; give it a bucket of its own.

        With --rate the loop is open: operations begin when their time has come, and latency counts from that time, also while
        they wait for a free connection. Without it --clients clients each begin the next operation when one has ended; who was
        refused waits for ten milliseconds first.

        Mixes: a half gets, half puts; b 95 % gets; c gets; f half gets, half get-then-put with the context read; get; put.

        Examples:
          dynamo bench --clients 64 --seconds 30
          dynamo bench --nodes http://127.0.0.1:8098,http://127.0.0.1:8099 --mix b --key-choice zipfian --rate 2000
          dynamo bench --find-limit --mix a                        the highest throughput of a closed loop, 8 to 512 clients
          dynamo bench --rate 2000:10,8000:60,2000:20 --json       three stretches; each second of them in the answer
          dynamo bench --target embedded                           three nodes in memory inside this process
          dynamo bench --target client --clients 256               through Dynamo.Client, from a process of its own

        The target client needs Dynamo.Actors.Benchmarks, a program of the checkout, beside this one or named by --load-program. It speaks
        to the Akka.Remote ports of --contacts; without them, to those that "dynamo up" gives the nodes of --nodes.

        Refused is what a node answered with 503 and Retry-After; unavailable is any other 503. Memory and processor time of
        nodes on this machine are shown beside. DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1 makes the client itself cheaper.
        """;

    private static readonly Option<string> Target = CreateTarget();
    private static readonly Option<string?> Contacts = new("--contacts")
    {
        Description = "For the target client: Akka.Remote's host:port of some nodes, with commas between.",
        HelpName = "LIST",
    };

    private static readonly Option<FileInfo?> LoadProgram = new("--load-program")
    {
        Description = $"For the target client: the program to start; {ClientLoad.ProgramName} beside this program by default.",
        HelpName = "PATH",
    };

    private static readonly Option<string?> Nodes = new("--nodes")
    {
        Description = "The HTTP addresses of the nodes, with commas between; the node of --url when not given.",
        HelpName = "URLS",
    };

    private static readonly Option<string> MixName = new("--mix")
    {
        Description = $"What is done: {string.Join(' ', Mix.All.Select(static m => m.Name))}.",
        DefaultValueFactory = static _ => "a",
    };

    private static readonly Option<string> Choice = new("--key-choice")
    {
        Description = $"Which keys: {string.Join(' ', KeyChoice.Names)}.",
        DefaultValueFactory = static _ => "uniform",
    };

    private static readonly Option<long> Keys = Number("--keys", "How many keys.", 10_000L);
    private static readonly Option<int> ValueBytes = Number("--value-bytes", "The size of values.", 100);
    private static readonly Option<int?> Clients = new("--clients")
    {
        Description = "Clients of a closed loop (64), or connections that an open loop may use (1000).",
    };

    private static readonly Option<string?> Rate = new("--rate")
    {
        Description = "Operations begun per second, or stretches RATE:SECONDS with commas between.",
        HelpName = "RATE",
    };

    private static readonly Option<int> Seconds = Number("--seconds", "How long; stretches have their own length.", 30);
    private static readonly Option<int> WarmUp = Number("--warm-up", "Seconds before, at the first rate, that do not count.", 5);
    private static readonly Option<int> Timeout = Number("--timeout", "Seconds after which an operation is given up.", 15);
    private static readonly Option<string> Bucket = Number("--bucket", "The bucket: letters, digits, - and _.", "bench");
    private static readonly Option<bool> NoLoad = new("--no-load") { Description = "The keys are there already." };
    private static readonly Option<bool> FindLimit = new("--find-limit")
    {
        Description = "Find the cluster's capacity: more and more clients, --seconds each, until throughput rises no more.",
    };

    public static Command Create(Session session)
    {
        var command = new TaughtCommand("bench", Summary, Lesson)
        {
            Target, Contacts, LoadProgram, Nodes, MixName, Choice, Keys, ValueBytes, Clients, Rate, Seconds, WarmUp, Timeout, Bucket, NoLoad, FindLimit,
        };
        command.SetAction((parse, cancel) => Run(session, parse, cancel));
        return command;
    }

    private static Option<string> CreateTarget()
    {
        var target = new Option<string>("--target")
        {
            Description = "What is driven: nodes over HTTP, nodes inside this process, or nodes through Dynamo.Client.",
            DefaultValueFactory = static _ => "http",
        };
        target.AcceptOnlyFromAmong("http", "embedded", "client");
        return target;
    }

    private static Option<T> Number<T>(string name, string description, T usual) =>
        new(name) { Description = description, DefaultValueFactory = _ => usual };

    private static async Task<int> Run(Session session, ParseResult parse, CancellationToken cancel)
    {
        var rate = parse.GetValue(Rate);
        var plan = new BenchPlan
        {
            Mix = Mix.Find(parse.GetValue(MixName)!) ?? throw Misunderstood($"There is no mix {parse.GetValue(MixName)}."),
            Keys = KeyChoice.Names.Contains(parse.GetValue(Choice)!)
                ? parse.GetValue(Choice)! : throw Misunderstood($"Keys cannot be chosen {parse.GetValue(Choice)}."),
            KeyCount = InRange("--keys", parse.GetValue(Keys), 1, 1_000_000_000),
            Clients = (int)InRange("--clients", parse.GetValue(Clients) ?? (rate is null ? 64 : 1000), 1, 20_000),
            Timeout = TimeSpan.FromSeconds(InRange("--timeout", parse.GetValue(Timeout), 1, 3600)),
            Stretches = StretchText.Parse(
                rate, (int)InRange("--seconds", parse.GetValue(Seconds), 1, 86_400),
                (int)InRange("--warm-up", parse.GetValue(WarmUp), 0, 3600), out var wrong),
        };
        if (wrong.Length > 0) throw Misunderstood(wrong);
        if (parse.GetValue(FindLimit) && rate is not null) throw Misunderstood("--find-limit finds the rate itself.");
        var bucket = parse.GetValue(Bucket)!;
        if (bucket.Length == 0 || bucket.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            throw Misunderstood("The bucket must be letters, digits, - and _.");
        var size = (int)InRange("--value-bytes", parse.GetValue(ValueBytes), 0, 16 << 20);
        var target = parse.GetValue(Target);
        if (target == "client") return await OverClient(session, parse, plan, bucket, size, cancel);
        await using var bench = target == "embedded"
            ? await BenchSession.OpenEmbedded(session.Terminal, bucket, size, session.WantsJson(parse), cancel)
            : await BenchSession.Open(
                session.Terminal, AddressesOf(session, parse), bucket, size, session.Access(parse).Token, session.WantsJson(parse), cancel);
        if (!parse.GetValue(NoLoad)) await bench.Load(plan.KeyCount, cancel);
        return parse.GetValue(FindLimit) ? await bench.FindLimit(plan, cancel) : await bench.Run(plan, cancel);
    }

    private static async Task<int> OverClient(
        Session session, ParseResult parse, BenchPlan plan, string bucket, int size, CancellationToken cancel)
    {
        if (parse.GetValue(FindLimit)) throw Misunderstood("--find-limit is for the targets http and embedded.");
        var rate = parse.GetValue(Rate) ?? "0";
        if (!rate.All(char.IsAsciiDigit)) throw Misunderstood("The target client takes one --rate, a whole number.");
        var program = parse.GetValue(LoadProgram)?.FullName ?? Path.Combine(AppContext.BaseDirectory, ClientLoad.ProgramName);
        if (!File.Exists(program)) throw Misunderstood($"There is no {program}; --load-program names it.");
        var nodes = AddressesOf(session, parse);
        var contacts = parse.GetValue(Contacts) ?? string.Join(',', nodes.Select(static n => $"{n.Host}:{n.Port + UpOptions.RemoteOffset}"));
        return await new ClientLoad(program, session.Terminal, session.WantsJson(parse)).Run(
            [
                "--contacts", contacts, "--http", nodes[0].AbsoluteUri, "--bucket", bucket, "--mix", plan.Mix.Name, "--key-choice", plan.Keys,
                "--keys", $"{plan.KeyCount}", "--value-bytes", $"{size}", "--in-flight", $"{plan.Clients}", "--rate", rate,
                "--seconds", $"{parse.GetValue(Seconds)}", "--warm-up", $"{parse.GetValue(WarmUp)}", "--no-load", parse.GetValue(NoLoad) ? "true" : "false",
            ], cancel);
    }

    private static List<Uri> AddressesOf(Session session, ParseResult parse)
    {
        if (parse.GetValue(Nodes) is not { } list) return [parse.GetValue(session.Url)!];
        return [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static text =>
            Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == "http"
                ? url : throw Misunderstood($"'{text}' is not an address such as http://127.0.0.1:8098."))];
    }

    private static long InRange(string option, long given, long least, long most) => given >= least && given <= most
        ? given : throw Misunderstood($"{option} is {given}; it must be {least} to {most}.");

    private static CommandFailure Misunderstood(string sentence) => new(ExitCode.Usage, sentence);
}
