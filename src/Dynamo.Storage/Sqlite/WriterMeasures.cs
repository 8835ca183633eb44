using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>Times and sizes of the writer's transactions; recorded by its thread, read by any.</summary>
internal sealed class WriterMeasures
{
    private readonly Lock _lock = new();
    private readonly Histogram _seconds = new(Histogram.Seconds);
    private readonly Histogram _writes = new(Histogram.Numbers);

    /// <summary>Told of each transaction; null while nobody listens.</summary>
    public Action<TimeSpan, int>? Watcher { get; set; }

    /// <summary>Counts a transaction that has ended, well or not.</summary>
    public void Record(TimeSpan took, int writes)
    {
        lock (_lock)
        {
            _seconds.Record(took.TotalSeconds);
            _writes.Record(writes);
        }

        Watcher?.Invoke(took, writes);
    }

    /// <summary>What was counted so far.</summary>
    public (HistogramSnapshot Seconds, HistogramSnapshot Writes) Snapshot()
    {
        lock (_lock) return (_seconds.Snapshot(), _writes.Snapshot());
    }
}
