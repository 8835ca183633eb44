using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;

namespace Dynamo.Telemetry;

/// <summary>What a process tells of itself, by the names that Prometheus uses for any process; several nodes in one share it.</summary>
/// <remarks>Not part of the meter: the framework has a meter of its own for these, System.Runtime.</remarks>
public static class ProcessMetrics
{
    /// <summary>All of them.</summary>
    public static readonly ImmutableArray<Metric> All =
    [
        Of("process_cpu_seconds_total", MetricKind.Counter, "s", "Processor time the process has used.",
            static p => p.TotalProcessorTime.TotalSeconds),
        Of("process_resident_memory_bytes", MetricKind.Gauge, "By", "Memory of the process that is in RAM.", static p => p.WorkingSet64),
        Of("process_start_time_seconds", MetricKind.Gauge, "s", "When the process began, seconds since 1970.",
            static p => new DateTimeOffset(p.StartTime).ToUnixTimeMilliseconds() / 1000.0),
        Of("process_threads", MetricKind.Gauge, "", "Threads of the process.", static p => p.Threads.Count),
        Of("dotnet_gc_heap_bytes", MetricKind.Gauge, "By", "Bytes of objects on the heap of .NET.", static _ => GC.GetTotalMemory(false)),
        Of("dotnet_gc_pause_seconds_total", MetricKind.Counter, "s", "Time that collections of garbage held the process up.",
            static _ => GC.GetTotalPauseDuration().TotalSeconds),
        new("dotnet_gc_collections_total", MetricKind.Counter, "", "Collections of garbage, by generation.", static _ =>
            Enumerable.Range(0, GC.MaxGeneration + 1).Select(static g =>
                new Sample(GC.CollectionCount(g), "generation", g.ToString(CultureInfo.InvariantCulture)))),
        Of("dotnet_threadpool_queue_length", MetricKind.Gauge, "", "Work that waits for a thread of the pool.",
            static _ => ThreadPool.PendingWorkItemCount),
    ];

    private static Metric Of(string name, MetricKind kind, string unit, string help, Func<Process, double> value) => new(
        name, kind, unit, help, _ =>
        {
            using var process = Process.GetCurrentProcess();
            return [new Sample(value(process))];
        });
}
