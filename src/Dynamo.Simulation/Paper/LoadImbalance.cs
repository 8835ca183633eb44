using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Figure 6: how many nodes are out of balance, half hour by half hour, while the load falls to an eighth of its peak.</summary>
/// <remarks>
/// Each request is served by the first N nodes of its key's preference list, so it counts at each of them. The same requests are
/// counted twice: as this system places keys (strategy 3), and as the paper's did then, with random tokens (strategy 1).
/// When the load is low fewer keys are asked for, and the popular ones among them weigh more.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 6.2.
/// </remarks>
internal sealed class LoadImbalance
{
    private const int Windows = 48, N = 3;

    // The paper's: within 15 % of the mean a node is in balance.
    private const double Threshold = 0.15;
    private const double LeastLoad = 1.0 / 8;
    private const int MostRequests = 1_000;

    // How many half hours count as the low load and as the high.
    private const int Extreme = 8;

    public required ulong Seed { get; init; }

    /// <summary>The nodes: "a couple of hundred".</summary>
    public int Nodes { get; init; } = 200;

    /// <summary>Q of strategy 3.</summary>
    public int Partitions { get; init; } = 4096;

    /// <summary>T of strategy 1.</summary>
    public int Tokens { get; init; } = 50;

    /// <summary>Different keys asked for in the half hour of peak load; as many fewer as the load is lower.</summary>
    public int KeysAtPeak { get; init; } = 250_000;

    /// <summary>Carries it out.</summary>
    public PaperReport Run()
    {
        var random = new Prng(Seed);
        var tokens = TokenRing.Draw(Nodes, Tokens, random);
        var ring = Cluster.RingOf(Cluster.Founding(Nodes, Partitions));
        ImmutableArray<HalfHour> day = [.. Enumerable.Range(0, Windows).Select(i => Count(i, tokens, ring, random))];
        List<HalfHour> byLoad = [.. day.OrderBy(static h => h.Load).ThenBy(static h => h.Hour)];
        var (low, high) = (byLoad[..Extreme], byLoad[^Extreme..]);
        double Mean(List<HalfHour> hours, Func<HalfHour, double> of) => hours.Average(of);
        var (oursLow, oursHigh) = (Mean(low, static h => h.Ours), Mean(high, static h => h.Ours));
        var (theirsLow, theirsHigh) = (Mean(low, static h => h.Theirs), Mean(high, static h => h.Theirs));
        // The paper's observation, and that ours is no worse than its figures.
        var holds = theirsLow > theirsHigh && oursLow > oursHigh && oursLow <= 0.20 && oursHigh <= 0.10;
        return new PaperReport
        {
            Name = "fig6",
            Seed = Seed,
            Setting =
            [
                $"{Nodes} nodes, N = {N}, {Windows} half hours; a node more than {Threshold:P0} away from the mean is out of balance.",
                "The load follows a cosine from 1/8 of its peak at midnight to the peak at noon, when "
                    + $"{KeysAtPeak} different keys are asked for, each at least x times with probability 1/x^2, {MostRequests} times at most.",
                $"Strategy 1 with {Tokens} random tokens a node stands for the system of the paper; "
                    + $"strategy 3 with Q = {Partitions} is this system's own placement.",
                "The paper says neither how many keys and tokens it had nor how popular keys were: these are chosen so that "
                    + "strategy 1 comes near its figures, and ours is what the same requests make of our placement.",
                $"Low and high are the means of the {Extreme} half hours with the least and the most load.",
            ],
            Columns = ["hour", "load", "keys", "requests", "out_of_balance_strategy1", "out_of_balance_strategy3"],
            Rows =
            [
                .. day.Select(static h => ImmutableArray.Create(
                    $"{h.Hour:F1}", $"{h.Load:F4}", $"{h.Keys}", $"{h.Requests}", $"{h.Theirs:F4}", $"{h.Ours:F4}")),
            ],
            Comparisons =
            [
                new("out of balance at low load, strategy 1", "20 %", $"{theirsLow:P1}"),
                new("out of balance at high load, strategy 1", "10 %", $"{theirsHigh:P1}"),
                new("out of balance at low load, ours", "20 %", $"{oursLow:P1}"),
                new("out of balance at high load, ours", "10 %", $"{oursHigh:P1}"),
            ],
            Sentence = $"As in the paper low load is the less balanced; of our nodes {oursLow:P1} are out of balance then "
                + $"and {oursHigh:P1} at high load, where the paper has 20 % and 10 % and random tokens under the same requests {theirsLow:P1} and {theirsHigh:P1}.",
            Holds = holds,
            Chart = new CurveChart(
                "Nodes out of balance in the course of a day (figure 6)",
                new ChartAxis("hour of the day", 0, 24),
                new ChartAxis("share of nodes out of balance (and of the peak load)", 0, 0.4),
                [
                    new("load (peak = full height)", SeriesStyle.Area, 5, [.. day.Select(static h => (h.Hour, h.Load * 0.4))]),
                    new("published, at low load", SeriesStyle.Broken, 3, [(0, 0.20), (24, 0.20)]),
                    new("published, at high load", SeriesStyle.Broken, 4, [(0, 0.10), (24, 0.10)]),
                    new("strategy 1: random tokens", SeriesStyle.Line, 0, [.. day.Select(static h => (h.Hour, h.Theirs))]),
                    new("strategy 3 (ours)", SeriesStyle.Line, 2, [.. day.Select(static h => (h.Hour, h.Ours))]),
                ]),
        };
    }

    private HalfHour Count(int window, TokenRing tokens, Ring ring, Prng random)
    {
        var hour = (window + 0.5) / 2;
        var load = LeastLoad + ((1 - LeastLoad) * (1 - Math.Cos(2 * Math.PI * hour / 24)) / 2);
        var keys = (int)Math.Round(KeysAtPeak * load);
        var (theirs, ours) = (new long[Nodes], new long[Nodes]);
        var sum = 0L;
        Span<int> list = stackalloc int[N];
        Span<byte> name = stackalloc byte[16];
        for (var i = 0; i < keys; i++)
        {
            random.Next().TryFormat(name, out var length, "x16");
            Key.TryCreate("carts", name[..length], out var key, out _);
            var requests = Popularity(random);
            sum += requests;
            foreach (var node in list[..tokens.PreferenceList(key.Position, list)]) theirs[node] += requests;
            foreach (var node in list[..ring.PreferenceList(ring.PartitionOf(key), list)]) ours[node] += requests;
        }

        return new HalfHour(hour, load, keys, sum, OutOfBalance(theirs), OutOfBalance(ours));
    }

    // P(n >= x) = 1/x^2, cut off: most keys are asked for once, and some very often.
    private static int Popularity(Prng random) => (int)Math.Min(MostRequests, 1 / Math.Sqrt(Draws.Unit(random)));

    private static double OutOfBalance(long[] load)
    {
        var mean = load.Average();
        return load.Count(requests => Math.Abs(requests - mean) > Threshold * mean) / (double)load.Length;
    }

    private sealed record HalfHour(double Hour, double Load, int Keys, long Requests, double Theirs, double Ours);
}
