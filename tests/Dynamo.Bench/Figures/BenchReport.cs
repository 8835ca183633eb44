using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Dynamo.Bench.Figures;

/// <summary>All that a run has to say.</summary>
/// <param name="Machine">What it ran on.</param>
/// <param name="Rounds">The samples of each round, in the order in which they were taken.</param>
/// <param name="Summary">Each sample's figures over all rounds.</param>
/// <param name="Comparisons">Ratios, made within rounds.</param>
/// <param name="Limits">Figures that are to stay below something.</param>
/// <param name="Failures">What must not have happened; one sentence each.</param>
internal sealed record BenchReport(
    string Machine, IReadOnlyList<IReadOnlyList<Sample>> Rounds, IReadOnlyDictionary<string, IReadOnlyDictionary<string, Spread>> Summary,
    IReadOnlyList<ComparisonReport> Comparisons, IReadOnlyList<LimitReport> Limits, IReadOnlyList<string> Failures)
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private static readonly (string Figure, string Head)[] Columns =
    [
        (Sample.GetMean, "get mean"), ("get_p50_ms", "p50"), ("get_p99_ms", "p99"), (Sample.GetP999, "p99.9"),
        (Sample.PutMean, "put mean"), ("put_p50_ms", "p50"), ("put_p99_ms", "p99"), (Sample.PutP999, "p99.9"),
        (Sample.ClientMicroseconds, "client us"), (Sample.NodesMicroseconds, "nodes us"),
    ];

    /// <summary>Makes it of what was measured.</summary>
    public static BenchReport Of(
        IReadOnlyList<IReadOnlyList<Sample>> rounds, IEnumerable<Comparison> comparisons, IEnumerable<Limit> limits, IReadOnlyList<string> failures)
    {
        var all = rounds.SelectMany(static r => r).ToList();
        var summary = all.GroupBy(static s => s.Name).ToDictionary(
            static g => g.Key,
            static g => (IReadOnlyDictionary<string, Spread>)g.SelectMany(static s => s.Figures).GroupBy(static f => f.Key)
                .ToDictionary(static f => f.Key, static f => Spread.Of(f.Select(static p => p.Value))!.Value));
        var wrong = all.Where(static s => s.Errors.Values.Sum() > 0)
            .Select(static s => $"{s.Name}: {string.Join(", ", s.Errors.Select(static e => $"{e.Value} {e.Key}"))}.");
        return new BenchReport(
            $"{Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}", rounds, summary,
            [.. comparisons.Select(c => c.Report(rounds)).OfType<ComparisonReport>()],
            [.. limits.Select(l => l.Report(rounds)).OfType<LimitReport>()], [.. failures, .. wrong]);
    }

    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>The report for people.</summary>
    public IEnumerable<string> Describe()
    {
        yield return "";
        yield return $"{Rounds.Count} rounds; medians, latencies in ms; {Machine}";
        yield return $"{"",-30}{"ops/s",9}{"min",9}{"max",9}{string.Concat(Columns.Select(static c => $"{c.Head,10}"))}";
        foreach (var (name, figures) in Summary.Where(static s => s.Value.ContainsKey(Sample.OpsPerSecond)))
        {
            var ops = figures[Sample.OpsPerSecond];
            var rest = Columns.Select(c => figures.TryGetValue(c.Figure, out var f) ? Text($"{f.Median,10:0.00}") : $"{"",10}");
            yield return Text($"{name,-30}{ops.Median,9:0}{ops.Min,9:0}{ops.Max,9:0}") + string.Concat(rest);
        }

        foreach (var (name, figures) in Summary.Where(static s => !s.Value.ContainsKey(Sample.OpsPerSecond)))
        foreach (var (figure, spread) in figures.Where(f => Limits.All(l => (l.Of, l.Figure) != (name, f.Key))))
            yield return Text($"{name}, {figure}: {spread.Median:0.000} (min {spread.Min:0.000}, max {spread.Max:0.000})");
        if (Comparisons.Count > 0) yield return "";
        foreach (var c in Comparisons)
        {
            var goal = c.Goal is null ? "" : $"; {c.Goal}: {(c.IsMet is true ? "met" : "missed")}";
            yield return Text($"{c.Of} / {c.To}, {c.Figure}: {c.Ratio.Median:0.00} (min {c.Ratio.Min:0.00}, max {c.Ratio.Max:0.00}){goal}");
        }

        foreach (var l in Limits)
        {
            var seen = Text($"{l.Seen.Median:0.000} (min {l.Seen.Min:0.000}, max {l.Seen.Max:0.000})");
            yield return Text($"{l.Of}, {l.Figure}: {seen}; < {l.Below}: {(l.IsMet ? "met" : "missed")}");
        }

        foreach (var failure in Failures) yield return failure;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
