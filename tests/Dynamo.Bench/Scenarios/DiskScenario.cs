using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dynamo.Bench.Figures;
using Dynamo.Cli.Bench;

namespace Dynamo.Bench.Scenarios;

/// <summary>
/// The disk by itself, at what the promised rate asks of it: as many files as there are nodes, each of which gets a page and a
/// flush so many times a second. No durable write is quicker than that.
/// </summary>
internal static class DiskScenario
{
    private const int Files = RateScenarios.Nodes, PageBytes = 4096, FilePages = 1000;

    // Half of the requests are puts, each with three copies.
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(Files / (RateScenarios.PerSecond / 2.0 * 3));

    public static async IAsyncEnumerable<Sample> Round(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        var folder = place.EmptyFolder();
        var took = new LatencyHistogram();
        await Task.WhenAll(Enumerable.Range(0, Files).Select(i => Task.Factory.StartNew(
            () => Write(Path.Combine(folder, $"{i}"), TimeSpan.FromSeconds(place.LongSeconds), took, cancel),
            cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        place.EmptyFolder();
        yield return new Sample(
            "disk", (Sample.OpsPerSecond, took.Count / (double)place.LongSeconds), ("put_p50_ms", took.Percentile(0.5).TotalMilliseconds),
            ("put_p99_ms", took.Percentile(0.99).TotalMilliseconds), ("put_p999_ms", took.Percentile(0.999).TotalMilliseconds),
            ("put_max_ms", took.Max.TotalMilliseconds));
    }

    private static void Write(string path, TimeSpan length, LatencyHistogram took, CancellationToken cancel)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        var page = new byte[PageBytes];
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; Stopwatch.GetElapsedTime(start) < length; i++)
        {
            var began = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, page, i % FilePages * (long)PageBytes);
            RandomAccess.FlushToDisk(file);
            took.Record(Stopwatch.GetElapsedTime(began));
            var early = (Every * (i + 1)) - Stopwatch.GetElapsedTime(start);
            if (early > TimeSpan.Zero) cancel.WaitHandle.WaitOne(early);
            cancel.ThrowIfCancellationRequested();
        }
    }
}
