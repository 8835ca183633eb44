using System.Diagnostics;

namespace Dynamo.Cli.Bench;

/// <summary>What has ended in some stretch of a run, and how long it took. May be fed from any thread.</summary>
internal sealed class Tally
{
    private static readonly int Endings = Enum.GetValues<Ending>().Length;
    private readonly long[] _counts = new long[Endings];

    /// <summary>How long those took that were answered as asked.</summary>
    public LatencyHistogram Accepted { get; } = new();

    /// <summary>How long it took until the others were refused.</summary>
    public LatencyHistogram Refused { get; } = new();

    /// <summary>How many ended so.</summary>
    public long this[Ending ending] => Volatile.Read(ref _counts[(int)ending]);

    /// <summary>How many ended at all.</summary>
    public long All => _counts.Sum();

    /// <summary>How many were answered as asked, "nothing there" included.</summary>
    public long Answered => this[Ending.Ok] + this[Ending.NotFound];

    /// <summary>Counts one ending.</summary>
    public void Record(Ending ending, TimeSpan took)
    {
        Interlocked.Increment(ref _counts[(int)ending]);
        if (ending is Ending.Ok or Ending.NotFound) Accepted.Record(took);
        else if (ending == Ending.Refused) Refused.Record(took);
    }
}

/// <summary>A stretch of a run with one rate.</summary>
/// <param name="Rate">Operations begun per second; 0 for a closed loop, in which each client begins the next when one has ended.</param>
/// <param name="Length">How long.</param>
/// <param name="IsWarmUp">Whether it only prepares the others.</param>
internal sealed record Stretch(double Rate, TimeSpan Length, bool IsWarmUp = false)
{
    /// <summary>What was begun in it.</summary>
    public Tally Tally { get; } = new();

    /// <summary>Stopwatch times of its begin and end.</summary>
    public long Begin { get; set; }

    /// <inheritdoc cref="Begin"/>
    public long End => Begin + (long)(Length.TotalSeconds * Stopwatch.Frequency);
}
