using System.Diagnostics;
using Dynamo.Core;

namespace Dynamo.Fuzz;

/// <summary>Feeds many inputs to one target, counts what came of them, and stops at the first that it does not survive.</summary>
/// <param name="target">The target.</param>
/// <param name="seed">Decides every input.</param>
public sealed class FuzzRun(FuzzTarget target, ulong seed)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly SortedDictionary<string, long> _seen = new(StringComparer.Ordinal);
    private volatile byte[] _input = [];
    private long _number;

    /// <summary>How many inputs there were of each class, and what came of them.</summary>
    public IReadOnlyDictionary<string, long> Seen => _seen;

    /// <summary>What went wrong, with the input; "" when nothing did.</summary>
    public string Failure { get; private set; } = "";

    /// <summary>Runs.</summary>
    /// <param name="count">How many inputs.</param>
    public void Run(long count)
    {
        // A thread of its own: one that hangs can be told of and left behind.
        var worker = new Thread(() => Feed(count)) { IsBackground = true, Name = target.Name };
        worker.Start();
        var (last, since) = (-1L, Stopwatch.StartNew());
        while (!worker.Join(TimeSpan.FromMilliseconds(200)))
        {
            var now = Interlocked.Read(ref _number);
            if (now != last) (last, since) = (now, Stopwatch.StartNew());
            else if (since.Elapsed > Patience)
            {
                Failure = Describe(_input, $"It has not come back for {Patience.TotalSeconds:0} s.");
                return;
            }
        }

        if (Failure.Length > 0 || count < 10_000) return;
        var missing = target.Expected.Where(e => !_seen.Keys.Any(k => k.Contains(e, StringComparison.Ordinal))).ToList();
        if (missing.Count > 0) Failure = $"{target.Name}: no input was of the class {string.Join(", ", missing)}.";
    }

    /// <summary>Feeds one input: what came of it.</summary>
    public string Replay(byte[] input) => Once(input, out var what) ? what : Failure;

    private void Feed(long count)
    {
        var random = new Prng(seed);
        for (var i = 0L; i < count && Failure.Length == 0; i++)
        {
            var input = target.Make(random, out var kind);
            _input = input;
            Interlocked.Increment(ref _number);
            if (!Once(input, out var what)) return;
            var seen = $"{kind}: {what}";
            _seen[seen] = _seen.GetValueOrDefault(seen) + 1;
        }
    }

    private bool Once(byte[] input, out string what)
    {
        what = "";
        try
        {
            what = Measured(input, out var allocated);
            if (target.MostAllocated(input.Length) is not { } most || allocated <= most) return true;
            // What is made once in a process, as static fields are by whoever comes first, is no input's doing, and not made again.
            what = Measured(input, out allocated);
            if (allocated <= most) return true;
            Failure = Describe(input, $"{input.Length} bytes made it allocate {allocated}.");
        }
        catch (Exception fault)
        {
            Failure = Describe(input, fault.ToString());
        }

        return false;
    }

    private string Measured(byte[] input, out long allocated)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var what = target.Try(input);
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return what;
    }

    private string Describe(byte[] input, string what) =>
        $"{target.Name}, seed {seed}, input {_number}: {what}\n--target {target.Name} --input {Convert.ToHexString(input)}";
}
