namespace Dynamo.Cli.Bench;

/// <summary>Durations of one kind in milliseconds, as they appear in JSON.</summary>
internal sealed record Latencies(double Mean, double P50, double P90, double P99, double P999, double Max)
{
    /// <summary>What a histogram says; null when it has counted nothing.</summary>
    public static Latencies? Of(LatencyHistogram seen)
    {
        return seen.Count == 0 ? null : new Latencies(
            Round(seen.Mean), At(0.5), At(0.9), At(0.99), At(0.999), Round(seen.Max));

        double At(double share) => Round(seen.Percentile(share));
        static double Round(TimeSpan span) => Math.Round(span.TotalMilliseconds, 3);
    }
}

/// <summary>What ended in a stretch or a second, as it appears in JSON.</summary>
internal record Ended(
    long Ok, long NotFound, long Refused, long Unavailable, long TimedOut, long Failed, Latencies? Accepted, Latencies? TimeToRefuse)
{
    /// <summary>What a tally says.</summary>
    public static Ended Of(Tally tally) => new(
        tally[Ending.Ok], tally[Ending.NotFound], tally[Ending.Refused], tally[Ending.Unavailable], tally[Ending.TimedOut],
        tally[Ending.Failed], Latencies.Of(tally.Accepted), Latencies.Of(tally.Refused));
}

/// <summary>A stretch of a run.</summary>
/// <param name="Rate">Operations begun per second; null for a closed loop.</param>
/// <param name="Seconds">How long it was.</param>
/// <param name="OpsPerSecond">Answered as asked, per second.</param>
/// <param name="Outcomes">What became of the operations begun in it.</param>
internal sealed record StretchReport(double? Rate, double Seconds, double OpsPerSecond, Ended Outcomes);

/// <summary>A second of a run.</summary>
/// <param name="Second">Its number, from the run's begin.</param>
/// <param name="Rate">What was begun per second then; null for a closed loop.</param>
/// <param name="Outcomes">What ended in it.</param>
/// <param name="NodeMebibytes">Memory of each node's process, where it can be seen.</param>
/// <param name="NodeProcessors">Processors that each node's process kept busy in it.</param>
internal sealed record SecondReport(
    int Second, double? Rate, Ended Outcomes, IReadOnlyList<double> NodeMebibytes, IReadOnlyList<double> NodeProcessors);

/// <summary>All that a run has to say.</summary>
/// <param name="Mix">The mix's name.</param>
/// <param name="Keys">How keys were chosen.</param>
/// <param name="KeyCount">Among how many.</param>
/// <param name="ValueBytes">The size of values.</param>
/// <param name="Clients">Clients of a closed loop, connections of an open one.</param>
/// <param name="ClientProcessors">Processors that the benchmark itself kept busy on average.</param>
/// <param name="Stretches">The stretches but for warm-up.</param>
/// <param name="Timeline">Second by second, warm-up included.</param>
internal sealed record BenchReport(
    string Mix, string Keys, long KeyCount, int ValueBytes, int Clients, double ClientProcessors,
    IReadOnlyList<StretchReport> Stretches, IReadOnlyList<SecondReport> Timeline)
{
    /// <summary>A line for a person about one stretch.</summary>
    public static string Describe(StretchReport stretch)
    {
        var ended = stretch.Outcomes;
        var what = stretch.Rate is { } rate ? $"{rate:0}/s asked for" : "closed loop";
        var line = $"{what}, {stretch.Seconds:0} s: {stretch.OpsPerSecond:0} ops/s";
        if (ended.Accepted is { } took)
            line += $"; p50 {took.P50:0.0}, p90 {took.P90:0.0}, p99 {took.P99:0.0}, p99.9 {took.P999:0.0}, max {took.Max:0.0} ms";
        if (ended.TimeToRefuse is { } refused)
            line += $"; {ended.Refused} refused in p50 {refused.P50:0.0}, p99 {refused.P99:0.0}, p99.9 {refused.P999:0.0} ms";
        if (ended.Unavailable > 0) line += $"; {ended.Unavailable} unavailable";
        if (ended.TimedOut > 0) line += $"; {ended.TimedOut} timed out";
        return ended.Failed > 0 ? line + $"; {ended.Failed} failed" : line;
    }

    /// <summary>A line for a person about one second.</summary>
    public static string Describe(int second, Tally tally, string nodes) =>
        $"{second,5} s {tally.Answered,8} ok {tally.Accepted.Percentile(0.5).TotalMilliseconds,8:0.0} ms p50 "
        + $"{tally.Accepted.Percentile(0.99).TotalMilliseconds,8:0.0} p99 {tally[Ending.Refused],8} refused "
        + $"{tally[Ending.Unavailable] + tally[Ending.TimedOut] + tally[Ending.Failed],6} others {nodes}";
}
