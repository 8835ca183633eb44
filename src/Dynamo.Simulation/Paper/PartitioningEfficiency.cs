using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Figure 8: how evenly each of the three strategies spreads load, by the metadata that every node must hold for it.</summary>
/// <remarks>
/// Efficiency is mean load by the load of the hottest node; load is the part of the ring that a node serves as one of the N of its
/// keys, so all keys are equally popular and nothing is sampled. Strategies 1 and 2 are drawn several times and averaged.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 6.2.
/// </remarks>
internal sealed class PartitioningEfficiency
{
    private const int N = 3;

    // A position of 128 bits and the number of a node; strategy 3 needs the numbers alone.
    private const int TokenBytes = 16 + NodeBytes, NodeBytes = 2;

    public required ulong Seed { get; init; }

    /// <summary>S, the nodes.</summary>
    public int Nodes { get; init; } = 30;

    /// <summary>How often random tokens are drawn for each size.</summary>
    public int Draws { get; init; } = 20;

    /// <summary>The sizes of strategies 1 and 2: tokens each node has.</summary>
    public ImmutableArray<int> Tokens { get; init; } = [2, 4, 8, 15, 32, 64, 128, 256, 512, 1024];

    /// <summary>The sizes of strategy 3: partitions of the ring.</summary>
    public ImmutableArray<int> Partitions { get; init; } = [128, 256, 512, 1024, 2048, 4096, 8192, 16384];

    /// <summary>Q under strategy 2.</summary>
    public int Q { get; init; } = 1024;

    /// <summary>Carries it out.</summary>
    public PaperReport Run()
    {
        ImmutableArray<Point> points = [.. ByTokens(), .. Partitions.Select(ByPlacement)];
        List<Point> Of(int strategy) => [.. points.Where(p => p.Strategy == strategy)];
        var (one, two, three) = (Of(1), Of(2), Of(3));
        var asked = three.Find(static p => p.Parameter == 4096) ?? three[^1];
        // What strategy 1 reaches with as much metadata as the partitions asked for need.
        var rival = one.Last(p => p.Bytes <= asked.Bytes || p == one[0]);
        var frugal = three.Find(p => p.Efficiency >= one[^1].Efficiency);
        var holds = asked.Efficiency >= 0.99 && rival.Efficiency < asked.Efficiency;
        var best = two.MaxBy(static p => p.Efficiency)!;
        return new PaperReport
        {
            Name = "fig8",
            Seed = Seed,
            Setting =
            [
                $"S = {Nodes} nodes, N = {N}; load is the part of the ring that a node serves, so all keys are equally popular.",
                $"Strategies 1 and 2: the mean of {Draws} draws of T random tokens a node; under strategy 2 the ring has Q = {Q} partitions, "
                    + "a number that the paper does not give.",
                "Strategy 3 is this system's own placement. Metadata: 18 bytes for a token, 2 for a partition's owner; "
                    + "the paper's axis has no unit, so only the ends of its curves can be compared.",
            ],
            Columns = ["strategy", "parameter", "metadata_bytes", "efficiency", "lowest", "highest"],
            Rows =
            [
                .. points.Select(static p => ImmutableArray.Create(
                    $"{p.Strategy}", $"{p.Parameter}", $"{p.Bytes}", $"{p.Efficiency:F4}", $"{p.Lowest:F4}", $"{p.Highest:F4}")),
            ],
            Comparisons =
            [
                new("strategy 1, least to most metadata", "0.52 -> 0.96", Ends(one)),
                new("strategy 2, least, best, most", "0.53 -> 0.88 -> 0.84",
                    $"{two[0].Efficiency:F2} -> {best.Efficiency:F2} -> {two[^1].Efficiency:F2}"),
                new("strategy 3, least to most metadata", "0.86 -> 0.99", Ends(three)),
                new($"strategy 3 with Q = {asked.Parameter}, {asked.Bytes} bytes", ">= 0.99 asked", $"{asked.Efficiency:F4}"),
                new($"strategy 1 with T = {rival.Parameter}, {rival.Bytes} bytes", "-", $"{rival.Efficiency:F4}"),
            ],
            Sentence = $"Strategy 3 reaches {asked.Efficiency:F3} with {asked.Bytes} bytes of metadata, "
                + $"where strategy 1 reaches {rival.Efficiency:F2}"
                + (frugal is null
                    ? "."
                    : $"; for the {one[^1].Efficiency:F2} that strategy 1 has with {one[^1].Bytes} bytes it needs {frugal.Bytes}."),
            Holds = holds,
            Chart = Chart(one, two, three, best),
        };
    }

    private static string Ends(List<Point> points) => $"{points[0].Efficiency:F2} -> {points[^1].Efficiency:F2}";

    private static CurveChart Chart(List<Point> one, List<Point> two, List<Point> three, Point best)
    {
        ChartSeries Ours(string name, int colour, List<Point> points) =>
            new(name, SeriesStyle.Line, colour, [.. points.Select(static p => ((double)p.Bytes, p.Efficiency))]);
        return new CurveChart(
            "Load balancing efficiency of three partitioning strategies (figure 8)",
            new ChartAxis("metadata at each node, bytes", 200, 1_000_000, IsLogarithmic: true),
            new ChartAxis("efficiency: mean load / highest load", 0.4, 1),
            [
                Ours("1: random tokens, ranges between them", 0, one),
                Ours("2: random tokens, equal partitions", 1, two),
                Ours("3: equal partitions, even shares (ours)", 2, three),
                new("published, strategy 1 (ends)", SeriesStyle.Rings, 0, [(one[0].Bytes, 0.52), (one[^1].Bytes, 0.96)]),
                new("published, strategy 2 (ends, best)", SeriesStyle.Rings, 1,
                    [(two[0].Bytes, 0.53), (best.Bytes, 0.88), (two[^1].Bytes, 0.84)]),
                new("published, strategy 3 (ends)", SeriesStyle.Rings, 2, [(three[0].Bytes, 0.86), (three[^1].Bytes, 0.99)]),
            ]);
    }

    // Both strategies over the same tokens.
    private IEnumerable<Point> ByTokens()
    {
        var (one, two) = (new List<Point>(), new List<Point>());
        var random = new Prng(Seed);
        foreach (var each in Tokens)
        {
            var rings = Enumerable.Range(0, Draws).Select(_ => TokenRing.Draw(Nodes, each, random)).ToList();
            one.Add(Point.Of(1, each, Nodes * each * TokenBytes, rings.Select(static ring => Efficiency(ring.Served(N)))));
            two.Add(Point.Of(2, each, Nodes * each * TokenBytes, rings.Select(ring => Efficiency(new TokenPartitions(ring, Q).Served(N)))));
        }

        return one.Concat(two);
    }

    private Point ByPlacement(int q)
    {
        var ring = Cluster.RingOf(Cluster.Founding(Nodes, q));
        var served = new double[Nodes];
        Span<int> list = stackalloc int[N];
        for (var p = 0; p < q; p++)
            foreach (var node in list[..ring.PreferenceList(new PartitionId(p), list)]) served[node]++;
        return Point.Of(3, q, q * NodeBytes, [Efficiency(served)]);
    }

    private static double Efficiency(double[] served) => served.Average() / served.Max();

    private sealed record Point(int Strategy, int Parameter, int Bytes, double Efficiency, double Lowest, double Highest)
    {
        public static Point Of(int strategy, int parameter, int bytes, IEnumerable<double> drawn)
        {
            double[] all = [.. drawn];
            return new Point(strategy, parameter, bytes, all.Average(), all.Min(), all.Max());
        }
    }
}
