using System.Globalization;
using System.Runtime.CompilerServices;
using Dynamo.Bench.Figures;
using Dynamo.Bench.Processes;

namespace Dynamo.Bench.Scenarios;

/// <summary>What the paper promises: latency at a rate that the cluster can bear, and what it costs to be there.</summary>
internal static class RateScenarios
{
    /// <summary>The nodes.</summary>
    public const int Nodes = 5;

    /// <summary>The requests per second of the paper's promise.</summary>
    public const int PerSecond = 500;

    // What nodes are started with: five pings half a second apart, and half a second until a silent replica is replaced.
    private static readonly TimeSpan Detection = TimeSpan.FromSeconds(3);

    public static async IAsyncEnumerable<Sample> Calm(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var fleet = await NodeFleet.Start(place, Nodes, "sqlite", cancel);
        yield return await Load.Measure(
            place, "latency", fleet, OurScenarios.Client(fleet), AtRate(place, PerSecond), cancel);
    }

    public static async IAsyncEnumerable<Sample> Kill(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var fleet = await NodeFleet.Start(place, Nodes, "sqlite", cancel);
        var half = TimeSpan.FromSeconds(place.LongSeconds / 2.0);
        // A request that began just before the node died is among those that it leaves without an answer.
        var apart = string.Create(CultureInfo.InvariantCulture, $"{(half - TimeSpan.FromSeconds(1)).TotalSeconds}:{(half + Detection).TotalSeconds}");
        var report = await Load.Run(
            place, OurScenarios.Client(fleet), [.. AtRate(place, PerSecond), "--apart", apart], cancel,
            async () =>
            {
                await Task.Delay(half, cancel);
                await fleet.Kill(Nodes - 1);
            });
        fleet.CheckAlive();
        yield return Sample.Of("kill", report);
        // Until the death is noticed requests may fail: that is told, and is no failure of the run.
        var silent = Sample.Of("kill, until it is noticed", report.Apart!);
        var failed = report.Apart!.Errors.Values.Sum();
        yield return new Sample(silent.Name, [.. silent.Figures.Select(static f => (f.Key, f.Value)), ("errors", failed)]);
    }

    public static async IAsyncEnumerable<Sample> Idle(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var fleet = await NodeFleet.Start(place, 3, "sqlite", cancel);
        // A start is no idleness: code is still being compiled better, and for a minute and a half each pair of stores is compared.
        await Task.Delay(TimeSpan.FromSeconds(place.LongSeconds * 2), cancel);
        var (before, length) = (fleet.Processor, TimeSpan.FromSeconds(20));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await Task.Delay(length, cancel);
        fleet.CheckAlive();
        yield return new Sample("idle", (Sample.Processors, Math.Round((fleet.Processor - before) / watch.Elapsed, 4)));
    }

    /// <summary>The options of a load of so many requests a second.</summary>
    /// <param name="place">Which says how long.</param>
    /// <param name="perSecond">How many.</param>
    /// <param name="times">By what the usual time of measuring is multiplied.</param>
    /// <remarks>
    /// When what counts begins, a start is over: what requests pass is compiled, what was compiled in haste is so again, and each pair of
    /// stores was compared; in a quick run it is not.
    /// </remarks>
    public static string[] AtRate(Place place, int perSecond, int times = 1) =>
        ["--rate", $"{perSecond}", "--warm-up", $"{place.LongSeconds * 3 / 2}", "--seconds", $"{place.LongSeconds * times}"];
}
