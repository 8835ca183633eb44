using Dynamo.Testing.Load;

namespace Dynamo.Bench.Figures;

/// <summary>One measurement of one round.</summary>
/// <param name="Name">What was measured; the same in each round.</param>
/// <param name="Figures">Numbers by name: <see cref="OpsPerSecond"/> and others.</param>
/// <param name="Errors">What failed, by what it failed with; empty when all went well.</param>
internal sealed record Sample(string Name, IReadOnlyDictionary<string, double> Figures, IReadOnlyDictionary<string, long> Errors)
{
    /// <summary>The names of figures that more than one place knows.</summary>
    public const string OpsPerSecond = "ops_per_second", AllP50 = "all_p50_ms", AllP99 = "all_p99_ms", AllP999 = "all_p999_ms",
        GetMean = "get_mean_ms", GetP999 = "get_p999_ms",
        PutMean = "put_mean_ms", PutP999 = "put_p999_ms", ClientMicroseconds = "client_cpu_us_per_op",
        NodesMicroseconds = "nodes_cpu_us_per_op", Processors = "processors";

    private static readonly SortedDictionary<string, long> NoErrors = [];

    /// <summary>A sample of figures alone.</summary>
    public Sample(string name, params ReadOnlySpan<(string Name, double Value)> figures)
        : this(name, Sorted(figures), NoErrors)
    {
    }

    /// <summary>What a load has measured.</summary>
    /// <param name="name">What it drove.</param>
    /// <param name="report">What it says.</param>
    /// <param name="nodes">Processor time that what it drove took meanwhile; null when nobody looked.</param>
    public static Sample Of(string name, LoadReport report, TimeSpan? nodes = null)
    {
        var ended = report.Measured.All?.Count ?? 0;
        var sample = Of(name, report.Measured);
        if (ended == 0) return sample;
        sample = sample.With((ClientMicroseconds, Math.Round(report.ClientCpuSeconds * 1e6 / ended, 2)));
        return nodes is { } used ? sample.With((NodesMicroseconds, Math.Round(used.TotalMicroseconds / ended, 2))) : sample;
    }

    /// <summary>What became of the operations of some time.</summary>
    public static Sample Of(string name, LoadCounts counts)
    {
        List<(string, double)> figures = [(OpsPerSecond, counts.OpsPerSecond)];
        foreach (var (kind, took) in (ReadOnlySpan<(string, LoadLatencies?)>)[("all", counts.All), ("get", counts.Gets), ("put", counts.Puts)])
        {
            if (took is null) continue;
            figures.AddRange(
            [
                ($"{kind}_mean_ms", took.MeanMs), ($"{kind}_p50_ms", took.P50Ms), ($"{kind}_p99_ms", took.P99Ms),
                ($"{kind}_p999_ms", took.P999Ms), ($"{kind}_max_ms", took.MaxMs),
            ]);
        }

        return new Sample(name, Sorted([.. figures]), counts.Errors);
    }

    /// <summary>A line for who watches.</summary>
    public override string ToString() => string.Join(", ", (string[])
    [
        Name, .. Figures.Where(static f => !f.Key.StartsWith("all_", StringComparison.Ordinal) || f.Key == AllP999)
            .Select(static f => FormattableString.Invariant($"{f.Key} {f.Value:0.###}")),
        .. Errors.Select(static e => $"{e.Value} {e.Key}"),
    ]);

    /// <summary>The same, and more figures.</summary>
    public Sample With(params ReadOnlySpan<(string Name, double Value)> figures) =>
        this with { Figures = Sorted([.. Figures.Select(static f => (f.Key, f.Value)), .. figures]) };

    private static SortedDictionary<string, double> Sorted(ReadOnlySpan<(string Name, double Value)> figures)
    {
        var sorted = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in figures) sorted[name] = value;
        return sorted;
    }
}
