using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dynamo.Chaos.Beds;
using Dynamo.Chaos.Checkers;
using Dynamo.Testing.Load;

namespace Dynamo.Chaos;

/// <summary>What clients felt of one fault, for people and programs.</summary>
internal sealed record FaultReport(
    string Fault, string What, double AtSeconds, double LastedSeconds, double HealedInSeconds, int Operations, int Silenced, int Failed,
    int FailedUnexcused, double UnavailableSeconds);

/// <summary>What a run came to.</summary>
internal sealed record ChaosReport : IReport
{
    public static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private const int MostShown = 20;

    public required ulong Seed { get; init; }

    public required int Nodes { get; init; }

    /// <summary>Where the nodes ran.</summary>
    public required string Where { get; init; }

    public required int Operations { get; init; }

    /// <summary>Operations that succeeded.</summary>
    public required int Succeeded { get; init; }

    /// <summary>Puts and deletes that were acknowledged.</summary>
    public required int Acknowledged { get; init; }

    public required int Lost { get; init; }

    public required int Resurrected { get; init; }

    public required int Diverged { get; init; }

    /// <summary>How long the failure detector may take, in seconds.</summary>
    public required double DetectionSeconds { get; init; }

    /// <summary>Operations that failed while there was no fault at all.</summary>
    public required int FailedInCalm { get; init; }

    public required IReadOnlyList<FaultReport> Faults { get; init; }

    /// <summary>IP packets carried between the nodes, and lost on purpose; null on loopback.</summary>
    public long? PacketsCarried { get; init; }

    /// <inheritdoc cref="PacketsCarried"/>
    public long? PacketsLost { get; init; }

    /// <summary>A sentence for everything that should not be.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    /// <summary>Whether all is as it should be.</summary>
    public bool IsClean => Findings.Count == 0;

    public static ChaosReport Of(
        ChaosOptions options, Bed bed, IReadOnlyCollection<HistoryLine> history, IReadOnlyList<FaultFigures> faults,
        IReadOnlyList<HistoryLine> failedInCalm, ChaosVerdict verdict, IEnumerable<string> findings, (long Carried, long Lost)? packets)
    {
        var start = history.Count == 0 ? 0 : history.Min(static l => l.Began);
        return new ChaosReport
        {
            Seed = options.Seed,
            Nodes = options.Nodes,
            Where = bed.Description,
            Operations = history.Count,
            Succeeded = history.Count(static l => l.Succeeded),
            Acknowledged = history.Count(static l => l.IsAcknowledgedWrite),
            Lost = verdict.Lost,
            Resurrected = verdict.Resurrected,
            Diverged = verdict.Diverged,
            DetectionSeconds = Fleet.Detection.TotalSeconds,
            FailedInCalm = failedInCalm.Count,
            PacketsCarried = packets?.Carried,
            PacketsLost = packets?.Lost,
            Faults = [.. faults.Select(f => new FaultReport(
                f.Window.Kind, f.Window.Description, Seconds(f.Window.Began - start), Seconds(f.Window.Healing - f.Window.Began),
                Seconds(f.Window.Healed - f.Window.Healing), f.Operations, f.Silenced, f.Failed, f.Unexcused.Count,
                Math.Round(f.Unavailable.TotalSeconds, 2)))],
            Findings =
            [
                .. verdict.Findings, .. findings,
                .. failedInCalm.Select(l => $"{Describe(l, start)} failed though nothing was wrong: {l.Error}"),
                .. faults.SelectMany(f => f.Unexcused.Select(l => $"{Describe(l, start)} failed during \"{f.Window.Kind}\" though a quorum was there: {l.Error}")),
            ],
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>The report for people.</summary>
    public IEnumerable<string> Describe()
    {
        yield return "";
        yield return "fault       at s  lasted s  healed s   operations  silenced  failed  unexcused  unavailable s";
        foreach (var f in Faults)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{f.Fault,-10} {f.AtSeconds,5:0}  {f.LastedSeconds,8:0.0}  {f.HealedInSeconds,8:0.0}  {f.Operations,11}  {f.Silenced,8}  {f.Failed,6}  {f.FailedUnexcused,9}  {f.UnavailableSeconds,13:0.00}");
        yield return "";
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{Operations} operations on {Nodes} nodes {Where}: {Succeeded} succeeded, {Acknowledged} writes acknowledged; detection takes {DetectionSeconds:0.0} s.");
        yield return $"lost {Lost}, resurrected {Resurrected}, diverged {Diverged}, failed in calm {FailedInCalm}, "
            + $"failed unexcused {Faults.Sum(static f => f.FailedUnexcused)}; seed {Seed}";
        foreach (var finding in Findings.Take(MostShown)) yield return finding;
        if (Findings.Count > MostShown) yield return $"... and {Findings.Count - MostShown} more, in the report.";
        yield return IsClean ? "clean" : $"{Findings.Count} findings";
    }

    private static double Seconds(long microseconds) => Math.Round(microseconds / 1e6, 1);

    private static string Describe(HistoryLine line, long start) => string.Create(CultureInfo.InvariantCulture,
        $"{line.Kind} {line.Id} of {line.Key} by {line.Client} at {Seconds(line.Began - start):0.0} s, after {(line.Ended - line.Began) / 1000} ms,");
}
