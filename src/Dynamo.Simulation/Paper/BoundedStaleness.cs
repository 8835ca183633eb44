using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Probabilistically bounded staleness: how soon after a write's acknowledgement a read sees it, with R = W = 1.</summary>
/// <remarks>
/// First latencies are measured over some races, then <see cref="StalenessModel"/> predicts from them, then other races are
/// run on the real coordinators and replicas and counted.
/// Source: Bailis et al., Probabilistically Bounded Staleness for Practical Partial Quorums (VLDB 2012).
/// </remarks>
internal sealed class BoundedStaleness
{
    private const int Nodes = 5, Points = 18;

    // A prediction that is off by more on average (root mean square) does not predict.
    private const double MostError = 0.01;

    public required ulong Seed { get; init; }

    /// <summary>Races at each point in time.</summary>
    public int Races { get; init; } = 5_000;

    /// <summary>Races over which latencies are measured.</summary>
    public int Calibration { get; init; } = 20_000;

    /// <summary>Races imagined by the model.</summary>
    public int Draws { get; init; } = 200_000;

    /// <summary>Where they are run.</summary>
    public IReadOnlyList<StalenessScene> Scenes { get; init; } = StalenessScene.All;

    /// <summary>Carries it out.</summary>
    public PaperReport Run()
    {
        List<Result> results = [.. Scenes.Select(Measure)];
        var worst = results.Max(static r => r.Error);
        return new PaperReport
        {
            Name = "pbs",
            Seed = Seed,
            Setting =
            [
                $"{Nodes} nodes, N = 3, R = W = 1: a put at one of the key's owners, then a get at any node; "
                    + $"{Races} races for each point in time.",
                "Our put coordinator is an owner: it stores its own copy while the record is on its way to the two others; "
                    + "our get coordinator asks all three owners, itself without any way if it is one.",
                "LNKD-SSD, LNKD-DISK and YMMR: latencies as Bailis et al. fitted them, W with the disk in it; "
                    + "SYNC: those of LNKD-SSD and a sync of 1 to 3 ms.",
                $"Predicted by {Draws} Monte Carlo draws from the latencies of {Calibration} other races.",
            ],
            Columns = ["environment", "after_ms", "predicted", "measured"],
            Rows =
            [
                .. results.SelectMany(static r => r.Points.Select(p => ImmutableArray.Create(
                    r.Scene.Name, $"{p.After / 1000.0:F3}", $"{p.Predicted:F5}", $"{p.Measured:F5}"))),
            ],
            Comparisons =
            [
                .. results.Select(static r => new PaperComparison(
                    $"{r.Scene.Name}: ms until 99.9 % consistent",
                    r.Scene.Published is { } published ? $"{published}" : "-", $"{r.When / 1000.0:F2}")),
                .. results.Select(static r => new PaperComparison(
                    $"{r.Scene.Name}: measured at that time", "99.9 %",
                    $"{r.Points.First(p => p.After == r.When).Measured:P2}")),
                .. results.Select(static r => new PaperComparison(
                    $"{r.Scene.Name}: RMS error of the prediction", $"<= {MostError} asked", $"{r.Error:F4}")),
            ],
            Sentence = $"The prediction is off by {worst:F4} at most (root mean square; {MostError} asked), "
                + "and a read is 99.9 % consistent after "
                + string.Join(", ", results.Where(static r => r.Scene.Published is not null).Select(static r =>
                    $"{r.When / 1000.0:F2} ms where Bailis has {r.Scene.Published} ({r.Scene.Name})")) + ".",
            Holds = worst <= MostError,
            Chart = Chart(results),
        };
    }

    private static CurveChart Chart(List<Result> results) => new(
        "Reads that see a write, by the time since its acknowledgement; N = 3, R = W = 1",
        new ChartAxis("milliseconds after the acknowledgement", 0.01, 3_000, IsLogarithmic: true),
        new ChartAxis("probability of a consistent read", 0.2, 1),
        [
            .. results.SelectMany(static (r, i) => (ChartSeries[])
            [
                new($"{r.Scene.Name}, predicted", SeriesStyle.Line, i, [.. Shown(r).Select(static p => (p.After / 1000.0, p.Predicted))]),
                new("measured", SeriesStyle.Rings, i, [.. Shown(r).Select(static p => (p.After / 1000.0, p.Measured))]),
            ]),
            .. results.SelectMany(static (r, i) => r.Scene.Published is { } at
                ? (ChartSeries[])[new($"Bailis: 99.9 % after {at} ms", SeriesStyle.Broken, i, [(at, 0.2), (at, 1)])]
                : []),
        ]);

    // A logarithmic axis has no place for time 0.
    private static IEnumerable<Point> Shown(Result result) => result.Points.Where(static p => p.After >= 10);

    private Result Measure(StalenessScene scene, int number)
    {
        var random = new Prng(Seed + (ulong)number);
        var first = new StalenessRace(scene, Nodes, random.Next());
        for (var i = 0; i < Calibration; i++) first.Run(after: i % 2 == 0 ? 0 : 1_000);
        var model = new StalenessModel(first.Samples, Nodes, Draws, new Prng(random.Next()));
        var when = model.When(0.999);
        var races = new StalenessRace(scene, Nodes, random.Next());
        // Squares, so that most points lie where the curve still rises; the last but one is the time for 99.9 %.
        var points = Enumerable.Range(0, Points + 1)
            .Select(i => (long)(when * (double)(i * i) / ((Points - 1) * (Points - 1))))
            .Select(after => new Point(
                after, model.Consistent(after), Enumerable.Range(0, Races).Count(_ => races.Run(after)) / (double)Races));
        return new Result(scene, when, [.. points]);
    }

    private sealed record Point(long After, double Predicted, double Measured);

    private sealed record Result(StalenessScene Scene, long When, List<Point> Points)
    {
        public double Error => Math.Sqrt(Points.Average(static p => (p.Predicted - p.Measured) * (p.Predicted - p.Measured)));
    }
}
