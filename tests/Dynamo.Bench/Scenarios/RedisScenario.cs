using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dynamo.Bench.Figures;
using Dynamo.Bench.Processes;
using Dynamo.Chaos.Beds;

namespace Dynamo.Bench.Scenarios;

/// <summary>A redis-server without persistence: one process, no replicas, half gets and half sets over one connection.</summary>
internal static class RedisScenario
{
    private const string Program = "redis-server";

    /// <summary>Whether it is on the path.</summary>
    public static bool IsInstalled => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(static folder => File.Exists(Path.Combine(folder, Program)));

    public static async IAsyncEnumerable<Sample> Round(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        var port = LoopbackBed.FreePorts(1)[0];
        await using var server = ChildProcess.Start(
            "redis", place, [Program, "--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", place.EmptyFolder()]);
        await server.Line(static line => line.Contains("eady to accept connections", StringComparison.Ordinal), TimeSpan.FromMinutes(1), cancel);
        foreach (var underWay in PeerScenarios.InFlight)
        {
            yield return await Task.Run(() => Drive(port, underWay, place), cancel);
            if (server.IsLost) throw server.Lost();
        }
    }

    private static Sample Drive(int port, int underWay, Place place)
    {
        using var redis = new RedisConnection("127.0.0.1", port);
        redis.Load();
        redis.Run(underWay, TimeSpan.FromSeconds(place.WarmUp));
        var processor = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        var (gets, puts, failed) = redis.Run(underWay, TimeSpan.FromSeconds(place.Seconds));
        var (took, used) = (watch.Elapsed, Environment.CpuUsage.TotalTime - processor);
        var sample = new Sample(
            $"redis {underWay}", (Sample.OpsPerSecond, Math.Round((gets.Count + puts.Count) / took.TotalSeconds, 1)),
            ("get_p50_ms", Ms(gets.Percentile(0.5))), ("get_p99_ms", Ms(gets.Percentile(0.99))), ("get_p999_ms", Ms(gets.Percentile(0.999))),
            ("put_p50_ms", Ms(puts.Percentile(0.5))), ("put_p99_ms", Ms(puts.Percentile(0.99))), ("put_p999_ms", Ms(puts.Percentile(0.999))),
            (Sample.ClientMicroseconds, Math.Round(used.TotalMicroseconds / Math.Max(1, gets.Count + puts.Count), 2)));
        return failed == 0 ? sample : sample with { Errors = new SortedDictionary<string, long> { ["refused"] = failed } };

        static double Ms(TimeSpan span) => Math.Round(span.TotalMilliseconds, 3);
    }
}
