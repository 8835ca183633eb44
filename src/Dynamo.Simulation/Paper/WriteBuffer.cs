using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Figure 5: the slowest writes in the course of a day, with an object buffer in front of each disk and without.</summary>
/// <remarks>
/// With a buffer a replica answers twice: applied, which W counts, and durable, which DW counts. The paper's coordinator asks one
/// replica for a durable write and does not wait for it (DW = 0 here); with DW = 1 it is waited for. Here all three copies
/// become durable, as fast as the disks take them. Nodes restart nowhere, so nothing of what is not durable is lost.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 6.1.
/// </remarks>
internal sealed class WriteBuffer
{
    private const int Hours = 24, Partitions = 64;
    private const double LeastLoad = 1.0 / 8;

    // A disk of the paper's day, in microseconds: a sync, what every row adds, and now and then a stall.
    private const int SyncLeast = 2_000, SyncSpread = 6_000, Row = 400, StallLeast = 20_000, StallSpread = 120_000;
    private const double Stalls = 0.005;

    // Unbuffered, buffered with dw = 1, and buffered with dw = 0.
    private static readonly Mode[] Modes = [new(0, 2), new(1_000, 1), new(1_000, 0)];

    public required ulong Seed { get; init; }

    /// <summary>The nodes.</summary>
    public int Nodes { get; init; } = 12;

    /// <summary>Writes a second at the peak.</summary>
    public int PeakPerSecond { get; init; } = 1_500;

    /// <summary>Writes measured in each hour.</summary>
    public int Writes { get; init; } = 8_000;

    /// <summary>Carries it out.</summary>
    public PaperReport Run()
    {
        double[][] tails = [.. Modes.Select(Day)];
        // The four busiest hours; noon is the middle.
        double AtPeak(int mode) => tails[mode][10..14].Average();
        var (one, none) = (AtPeak(0) / AtPeak(1), AtPeak(0) / AtPeak(2));
        string Range(int mode) => $"{tails[mode].Min():F0} to {tails[mode].Max():F0}";
        return new PaperReport
        {
            Name = "fig5",
            Seed = Seed,
            Setting =
            [
                $"{Nodes} nodes, (N, R, W) = (3, 2, 2), a buffer of 1,000 writes; {Writes} writes in each of 24 hours, "
                    + $"at 1/8 of {PeakPerSecond} a second at midnight and all of it at noon.",
                $"A sync takes {SyncLeast / 1000} to {(SyncLeast + SyncSpread) / 1000} ms and {Row / 1000.0} ms for each row, "
                    + $"and carries all that wait; {Stalls:P1} of them stall {StallLeast / 1000} to "
                    + $"{(StallLeast + StallSpread) / 1000} ms longer: chosen for a disk whose p99.9 is near the paper's.",
                "A link takes 0.1 to 0.3 ms, and a write goes through any node.",
                "dw = 0 is nearest to the paper, which does not wait for its one durable write; dw = 1 waits for the first of the three.",
            ],
            Columns = ["hour", "load", "p999_unbuffered_ms", "p999_buffered_dw1_ms", "p999_buffered_dw0_ms"],
            Rows =
            [
                .. Enumerable.Range(0, Hours).Select(hour => ImmutableArray.Create(
                    $"{hour}", $"{Load(hour):F4}", $"{tails[0][hour]:F3}", $"{tails[1][hour]:F3}", $"{tails[2][hour]:F3}")),
            ],
            Comparisons =
            [
                new("p99.9 of writes over the day, unbuffered, ms", "140 to 190", Range(0)),
                new("p99.9 of writes over the day, buffered, dw = 1, ms", "55 to 90", Range(1)),
                new("p99.9 of writes over the day, buffered, dw = 0, ms", "55 to 90", $"{tails[2].Min():F1} to {tails[2].Max():F1}"),
                new("times faster at the peak, dw = 1", "up to 5", $"{one:F1}"),
                new("times faster at the peak, dw = 0", "up to 5", $"{none:F0}"),
            ],
            Sentence = $"At the peak the buffer lowers p99.9 of writes {one:F1} times with one durable copy waited for "
                + $"and {none:F0} times with none; the paper has up to 5 times.",
            Holds = one > 2 && none > one,
            Chart = Chart(tails),
        };
    }

    private static CurveChart Chart(double[][] tails)
    {
        ImmutableArray<(double X, double Y)> Points(double[] of) => [.. of.Select(static (ms, hour) => (hour + 0.5, ms))];
        return new CurveChart(
            "The slowest writes of a day with and without an object buffer (figure 5)",
            new ChartAxis("hour of the day", 0, Hours),
            new ChartAxis("p99.9 of writes, ms", 0, 50 * Math.Ceiling(Math.Max(200, tails[0].Max()) / 50)),
            [
                new("published, unbuffered: from", SeriesStyle.Broken, 3, [(0, 140), (Hours, 140)]),
                new("published, unbuffered: to", SeriesStyle.Broken, 3, [(0, 190), (Hours, 190)]),
                new("published, buffered: from", SeriesStyle.Broken, 4, [(0, 55), (Hours, 55)]),
                new("published, buffered: to", SeriesStyle.Broken, 4, [(0, 90), (Hours, 90)]),
                new("unbuffered", SeriesStyle.Line, 0, Points(tails[0])),
                new("buffered, dw = 1", SeriesStyle.Line, 2, Points(tails[1])),
                new("buffered, dw = 0", SeriesStyle.Line, 1, Points(tails[2])),
            ]);
    }

    private static double Load(int hour) =>
        LeastLoad + ((1 - LeastLoad) * (1 - Math.Cos(2 * Math.PI * (hour + 0.5) / Hours)) / 2);

    // p99.9 of each hour in milliseconds. Between two hours the cluster comes to rest.
    private double[] Day(Mode mode)
    {
        var random = new Prng(Seed);
        var times = new Prng(random.Next());
        var world = new PaperWorld(
            Nodes, Partitions, new PaperTiming { Link = _ => 100 + times.Below(200), Sync = rows => Sync(rows, times) },
            random.Next(), NodeSettings.Standard, mode.Buffer);
        // Every partition replica takes its first lease, without which a buffer may not answer.
        for (var i = 0; i < Partitions * 10; i++)
            foreach (var owner in world.OwnersOf(KeyOf($"first{i}"))) Put(world, owner, $"first{i}", mode.Durable, null);
        world.Run();
        return [.. Enumerable.Range(0, Hours).Select(hour => Hour(world, random, hour, mode))];
    }

    private double Hour(PaperWorld world, Prng random, int hour, Mode mode)
    {
        var took = new List<long>();
        var at = 0.0;
        for (var i = 0; i < Writes; i++)
        {
            at += Draws.Exponential(random, 1e6 / (PeakPerSecond * Load(hour)));
            var name = $"{hour}.{i}";
            var any = world.Nodes[random.Below(Nodes)];
            world.After((long)at, () => Put(world, any, name, mode.Durable, took));
        }

        world.Run();
        took.Sort();
        return took[(int)(took.Count * 0.999)] / 1000.0;
    }

    private static Key KeyOf(string name) => Key.Of("carts", name);

    private static void Put(PaperWorld world, NodeId at, string name, int durable, List<long>? took)
    {
        var began = world.Now;
        var options = new PutOptions { W = QuorumSize.Of(2), DW = QuorumSize.Of(durable) };
        var request = new PutRequest(KeyOf(name), default, new Value { Body = new byte[100] }, options);
        world.Request(at, request, outcome =>
        {
            Invariant.Holds(outcome is Stored, "Where nothing fails a put is stored.");
            took?.Add(world.Now - began);
        });
    }

    private static long Sync(int rows, Prng random)
    {
        var time = SyncLeast + random.Below(SyncSpread) + (rows * Row);
        return random.Chance(Stalls) ? time + StallLeast + random.Below(StallSpread) : time;
    }

    private sealed record Mode(int Buffer, int Durable);
}
