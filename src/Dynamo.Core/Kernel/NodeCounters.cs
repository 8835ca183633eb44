using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Counts what machines observe, under <see cref="CounterNames"/>.</summary>
/// <remarks>Not thread-safe: a runtime with several threads feeds and reads it under a lock.</remarks>
public sealed class NodeCounters
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Counters at zero.</summary>
    public NodeCounters()
    {
        foreach (var name in All) _counts[name] = 0;
    }

    private static readonly string[] All =
    [
        CounterNames.NodeGets, CounterNames.NodePuts, CounterNames.NodeDeletes, CounterNames.GetErrors,
        CounterNames.PutErrors, CounterNames.Rejected, CounterNames.ShedAtDoor,
        CounterNames.ShedForwarded, CounterNames.ShedWrites, CounterNames.ReplicaGets, CounterNames.ReplicaPuts,
        CounterNames.ReadRepairs, CounterNames.Exchanges, CounterNames.ExchangeRepairs, CounterNames.Reaped, CounterNames.HintsStored, CounterNames.HintsDelivered, CounterNames.HintsRefused,
        CounterNames.CorruptRecords, CounterNames.StoreFailures, CounterNames.GenerationsBegun,
        CounterNames.InputsRefused,
    ];

    /// <summary>Every counter and its value.</summary>
    public ImmutableSortedDictionary<string, long> Snapshot() => _counts.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Counts one observation.</summary>
    public void Count(Observation observation)
    {
        switch (observation)
        {
            case Observation.RequestEnded ended:
                CountRequest(ended);
                break;
            case Observation.Shed { Where: ShedPlace.Door }:
                Add(CounterNames.ShedAtDoor);
                Add(CounterNames.Rejected);
                break;
            case Observation.Shed shed:
                Add(shed.Where == ShedPlace.Store ? CounterNames.ShedWrites : CounterNames.ShedForwarded);
                break;
            case Observation.ReplicaRead:
                Add(CounterNames.ReplicaGets);
                break;
            case Observation.ReplicaWritten:
                Add(CounterNames.ReplicaPuts);
                break;
            case Observation.ReadRepaired:
                Add(CounterNames.ReadRepairs);
                break;
            case Observation.ExchangeEnded { End: SyncEnd.Done }:
                Add(CounterNames.Exchanges);
                break;
            case Observation.ExchangeRepaired:
                Add(CounterNames.ExchangeRepairs);
                break;
            case Observation.Reaped reaped:
                Add(CounterNames.Reaped, reaped.Keys);
                break;
            case Observation.HintStored:
                Add(CounterNames.HintsStored);
                break;
            case Observation.HintDelivered:
                Add(CounterNames.HintsDelivered);
                break;
            case Observation.HintRefused:
                Add(CounterNames.HintsRefused);
                break;
            case Observation.CorruptRecord:
                Add(CounterNames.CorruptRecords);
                break;
            case Observation.StoreFailed:
                Add(CounterNames.StoreFailures);
                break;
            case Observation.InputRefused:
                Add(CounterNames.InputsRefused);
                break;
            case Observation.GenerationBegan:
                Add(CounterNames.GenerationsBegun);
                break;
        }
    }

    private void CountRequest(Observation.RequestEnded ended)
    {
        if (ended.Outcome is Overloaded) Add(CounterNames.Rejected);
        switch (ended.Operation)
        {
            case "get":
                Add(CounterNames.NodeGets);
                if (!ended.Outcome.IsSuccess) Add(CounterNames.GetErrors);
                break;
            case "put" or "delete" or "increment":
                Add(CounterNames.NodePuts);
                if (ended.Operation == "delete") Add(CounterNames.NodeDeletes);
                if (!ended.Outcome.IsSuccess) Add(CounterNames.PutErrors);
                break;
        }
    }

    private void Add(string name, long count = 1) => _counts[name] += count;
}
