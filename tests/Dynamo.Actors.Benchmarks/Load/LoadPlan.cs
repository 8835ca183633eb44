using System.Globalization;
using Dynamo.Cli.Bench;

namespace Dynamo.Actors.Benchmarks.Load;

/// <summary>What a load does, the same for every system that is measured.</summary>
internal sealed record LoadPlan
{
    public const string Usage = """
        [--mix a|b|c|f|get|put] [--in-flight 64 | --rate PER_SECOND] [--seconds 10] [--warm-up 3] [--key-choice uniform|zipfian|latest]
        [--keys 10000] [--value-bytes 100] [--no-load true] [--apart FROM:TO] [--seed 1]
        """;

    /// <summary>How many of the operations are of which kind.</summary>
    public required Mix Mix { get; init; }

    /// <summary>One of <see cref="KeyChoice.Names"/>.</summary>
    public required string KeyChoice { get; init; }

    /// <summary>How many keys.</summary>
    public required long Keys { get; init; }

    /// <summary>The size of values.</summary>
    public required int ValueBytes { get; init; }

    /// <summary>Operations under way in a closed loop.</summary>
    public required int InFlight { get; init; }

    /// <summary>Operations begun per second in an open loop; 0 for a closed one.</summary>
    public required long Rate { get; init; }

    /// <summary>How long is measured, and how long the same is done before without being counted.</summary>
    public required TimeSpan Length { get; init; }

    /// <inheritdoc cref="Length"/>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Whether each key is written once before.</summary>
    public required bool Loads { get; init; }

    /// <summary>How long that may take: a store that keeps every write waits for its disk.</summary>
    public TimeSpan LoadPatience => TimeSpan.FromMinutes(10) + TimeSpan.FromMilliseconds(2 * Keys);

    /// <summary>What begins between these times from the begin of the measuring is counted by itself.</summary>
    public (TimeSpan From, TimeSpan To)? Apart { get; init; }

    /// <summary>What operations are drawn from.</summary>
    public required int Seed { get; init; }

    /// <summary>Reads a plan off a command line.</summary>
    /// <exception cref="UsageException">It is wrong.</exception>
    public static LoadPlan Read(Arguments given)
    {
        var choice = given.Text("--key-choice", "uniform");
        return new LoadPlan
        {
            Mix = Mix.Find(given.Text("--mix", "a")) ?? throw new UsageException($"There is no mix {given.Text("--mix")}."),
            KeyChoice = Cli.Bench.KeyChoice.Names.Contains(choice) ? choice : throw new UsageException($"Keys cannot be chosen {choice}."),
            Keys = InRange("--keys", 10_000, 1, 1_000_000_000),
            ValueBytes = (int)InRange("--value-bytes", 100, 0, 32 << 10),
            InFlight = (int)InRange("--in-flight", 64, 1, 100_000),
            Rate = InRange("--rate", 0, 0, 1_000_000),
            Length = TimeSpan.FromSeconds(InRange("--seconds", 10, 1, 86_400)),
            WarmUp = TimeSpan.FromSeconds(InRange("--warm-up", 3, 0, 3600)),
            Loads = given.Text("--no-load", "false") != "true",
            Apart = given.Has("--apart") ? Span(given.Text("--apart")) : null,
            Seed = (int)InRange("--seed", 1, 0, int.MaxValue),
        };

        long InRange(string name, long usual, long least, long most) => given.Number(name, usual) is var n && n >= least && n <= most
            ? n : throw new UsageException($"{name} is {n}; it must be {least} to {most}.");
    }

    private static (TimeSpan From, TimeSpan To) Span(string text)
    {
        if (text.Split(':') is [var from, var to] && Seconds(from, out var a) && Seconds(to, out var b) && a < b) return (a, b);
        throw new UsageException($"--apart is '{text}'; it must be seconds FROM:TO.");

        static bool Seconds(string part, out TimeSpan span)
        {
            var isNumber = double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds);
            span = TimeSpan.FromSeconds(isNumber ? seconds : 0);
            return isNumber;
        }
    }
}
