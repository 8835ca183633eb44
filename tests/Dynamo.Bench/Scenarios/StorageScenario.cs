using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dynamo.Bench.Figures;
using Dynamo.Cli.Bench;
using Dynamo.Core;
using Dynamo.Storage;
using Record = Dynamo.Core.Record;

namespace Dynamo.Bench.Scenarios;

/// <summary>The storage engine by itself: durable writes of records with values of 100 bytes, so many under way at a time.</summary>
internal static class StorageScenario
{
    private const int Keys = 10_000, ValueBytes = 100;

    public static async IAsyncEnumerable<Sample> Round(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var underWay in PeerScenarios.InFlight)
        {
            using var engine = SqliteEngine.Open(new SqliteOptions { Folder = place.EmptyFolder() });
            yield return await Task.Run(() => Drive(engine, underWay, place, cancel), cancel);
        }

        place.EmptyFolder();
    }

    private static Sample Drive(SqliteEngine engine, int underWay, Place place, CancellationToken cancel)
    {
        var keys = Enumerable.Range(0, Keys).Select(static i => Key.Of("bench", $"k{i}")).ToArray();
        var writer = new ReplicaId(new NodeId("node1"), 1);
        var value = new Value { Body = new byte[ValueBytes] };
        var took = new LatencyHistogram();
        var failed = 0L;
        using var places = new SemaphoreSlim(underWay);
        var from = Stopwatch.GetTimestamp() + (place.WarmUp * Stopwatch.Frequency);
        var end = from + (place.Seconds * Stopwatch.Frequency);
        for (var i = 1UL; Stopwatch.GetTimestamp() < end; i++)
        {
            places.Wait(cancel);
            var key = keys[i % Keys];
            var sibling = new Sibling(new Dot(writer, i), (long)i, value);
            var record = Record.Empty.Put(VersionVector.Empty, sibling, new DotRange(writer, i, i));
            var began = Stopwatch.GetTimestamp();
            engine.Enqueue([new StoreChange.PutRecord(new PartitionId((int)(i % 256)), key, new StoredRecord(record, 0, 0))], result =>
            {
                if (result.Error is not null) Interlocked.Increment(ref failed);
                else if (began >= from) took.Record(Stopwatch.GetElapsedTime(began));
                places.Release();
            });
        }

        for (var i = 0; i < underWay; i++) places.Wait(cancel);
        var sample = new Sample(
            $"storage {underWay}", (Sample.OpsPerSecond, took.Count / (double)place.Seconds), ("put_p50_ms", took.Percentile(0.5).TotalMilliseconds),
            ("put_p99_ms", took.Percentile(0.99).TotalMilliseconds), ("put_p999_ms", took.Percentile(0.999).TotalMilliseconds));
        return failed == 0 ? sample : sample with { Errors = new SortedDictionary<string, long> { ["not stored"] = failed } };
    }
}
