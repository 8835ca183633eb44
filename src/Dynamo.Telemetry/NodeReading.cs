using System.Collections.Immutable;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Telemetry;

/// <summary>Every number that a node tells of itself, at one moment.</summary>
public sealed record NodeReading
{
    /// <summary>The node's name.</summary>
    public required string Node { get; init; }

    /// <summary>The cluster's name.</summary>
    public required string Cluster { get; init; }

    /// <summary>"akka" or "embedded".</summary>
    public required string Runtime { get; init; }

    /// <summary>Counters since the process started, by their names in <see cref="CounterNames"/>.</summary>
    public required ImmutableSortedDictionary<string, long> Counters { get; init; }

    /// <summary>How long client requests took, by operation and outcome.</summary>
    public ImmutableArray<RequestTimes> Took { get; init; } = [];

    /// <summary>Live versions that gets found.</summary>
    public HistogramSnapshot Siblings { get; init; } = HistogramSnapshot.Empty(Histogram.Numbers);

    /// <summary>Bytes that gets found, all versions of a key together.</summary>
    public HistogramSnapshot BytesRead { get; init; } = HistogramSnapshot.Empty(Histogram.Bytes);

    /// <summary>Bytes of the values that puts stored.</summary>
    public HistogramSnapshot BytesWritten { get; init; } = HistogramSnapshot.Empty(Histogram.Bytes);

    /// <summary>Requests being coordinated.</summary>
    public int RequestsInFlight { get; init; }

    /// <summary>What was sent to the other nodes.</summary>
    public LinkCounts Link { get; init; }

    /// <summary>Exchanges that a change of the ring still asks for.</summary>
    public int TransfersLeft { get; init; }

    /// <summary>"sqlite" or "memory".</summary>
    public string Engine { get; init; } = "memory";

    /// <summary>null while the store works, else one sentence.</summary>
    public string? StorageError { get; init; }

    /// <summary>What lies in the store.</summary>
    public StoreCounts Held { get; init; }

    /// <summary>How the store does its work.</summary>
    public StoreMeasures Store { get; init; } = StoreMeasures.None;

    /// <summary>Hints that wait, by the owner they wait for.</summary>
    public ImmutableSortedDictionary<string, long> Hints { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>The other nodes, and whether each can be reached.</summary>
    public ImmutableSortedDictionary<string, bool> Peers { get; init; } = ImmutableSortedDictionary<string, bool>.Empty;

    /// <summary>Whether the node is a member and takes requests.</summary>
    public bool IsServing { get; init; }

    /// <summary>The number of the ring that everybody works by, or still reads by while another is coming.</summary>
    public int RingVersion { get; init; }

    /// <summary>Whether another ring is coming.</summary>
    public bool RingIsChanging { get; init; }

    /// <summary>Q, the partitions of the ring.</summary>
    public int RingPartitions { get; init; }

    /// <summary>Partitions that the node owns by the ring it reads by.</summary>
    public int PartitionsOwned { get; init; }

    /// <summary>The times of all requests of some operations, whatever their outcome.</summary>
    public HistogramSnapshot TimesOf(params ReadOnlySpan<string> operations)
    {
        var all = HistogramSnapshot.Empty(Histogram.Seconds);
        foreach (var times in Took)
            if (operations.Contains(times.Operation)) all = all.Plus(times.Seconds);
        return all;
    }

    /// <summary>How many requests of some operations ended in one way.</summary>
    public long CountOf(string outcome, params ReadOnlySpan<string> operations)
    {
        var count = 0L;
        foreach (var times in Took)
            if (times.Outcome == outcome && operations.Contains(times.Operation)) count += times.Seconds.Count;
        return count;
    }
}
