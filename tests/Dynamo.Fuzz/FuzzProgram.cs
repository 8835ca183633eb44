using System.Diagnostics;
using System.Globalization;

namespace Dynamo.Fuzz;

/// <summary>The command line of a program that fuzzes.</summary>
public static class FuzzProgram
{
    private const string Help = """
        --count N     inputs for each target, 10000 by default
        --target NAME one target; all by default
        --seed N      another seed than 1
        --input HEX   one input, with --target, as a failure prints it
        """;

    /// <summary>Runs targets.</summary>
    /// <returns>The exit code: 1 when one of them did not survive an input, 2 when the command line is not understood.</returns>
    public static int Run(string[] args, params FuzzTarget[] targets)
    {
        ArgumentNullException.ThrowIfNull(args);
        var (count, seed, only, input) = (10_000L, 1UL, "", (byte[]?)null);
        try
        {
            for (var i = 0; i < args.Length; i += 2)
                switch (args[i])
                {
                    case "--count": count = long.Parse(args[i + 1], CultureInfo.InvariantCulture); break;
                    case "--seed": seed = ulong.Parse(args[i + 1], CultureInfo.InvariantCulture); break;
                    case "--target": only = args[i + 1]; break;
                    case "--input": input = Convert.FromHexString(args[i + 1]); break;
                    default: throw new FormatException();
                }
        }
        catch (Exception fault) when (fault is FormatException or OverflowException or IndexOutOfRangeException)
        {
            Console.Error.WriteLine(Help);
            return 2;
        }

        var chosen = targets.Where(t => only.Length == 0 || t.Name == only).ToList();
        if (chosen.Count == 0 || (input is not null && only.Length == 0))
        {
            Console.Error.WriteLine($"{Help}\nTargets: {string.Join(", ", targets.Select(static t => t.Name))}");
            return 2;
        }

        // All of them run, whatever becomes of one.
        var survived = chosen.ConvertAll(target => input is null ? Survives(target, seed, count) : Replays(target, input));
        return survived.TrueForAll(static s => s) ? 0 : 1;
    }

    private static bool Survives(FuzzTarget target, ulong seed, long count)
    {
        var clock = Stopwatch.StartNew();
        var run = new FuzzRun(target, seed);
        run.Run(count);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{target.Name}: {run.Seen.Values.Sum()} inputs, seed {seed}, {clock.Elapsed.TotalSeconds:0} s"));
        foreach (var (seen, times) in run.Seen) Console.WriteLine($"  {times,9}  {seen}");
        if (run.Failure.Length > 0) Console.WriteLine(run.Failure);
        return run.Failure.Length == 0;
    }

    private static bool Replays(FuzzTarget target, byte[] input)
    {
        var run = new FuzzRun(target, 0);
        Console.WriteLine(run.Replay(input));
        return run.Failure.Length == 0;
    }
}
