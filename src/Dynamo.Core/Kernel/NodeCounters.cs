using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Dynamo.Core;

/// <summary>Counts what machines observe, under <see cref="CounterNames"/>, and how long, large and manifold it was.</summary>
/// <remarks>
/// The one source of every number that a node tells of its work: /metrics, /stats and the meter read from it. Counting allocates
/// nothing. Not thread-safe: a runtime with several threads feeds and reads it under a lock.
/// </remarks>
public sealed class NodeCounters
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

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
        CounterNames.Redirects, CounterNames.TimedOut, CounterNames.Unavailable, CounterNames.ExchangesFailed,
        CounterNames.KeysRepaired, CounterNames.Fenced, CounterNames.Suspicions, CounterNames.ManySiblings,
        CounterNames.RecordsMended,
    ];

    /// <summary>Every counter and its value.</summary>
    public ImmutableSortedDictionary<string, long> Snapshot() => _counts.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>How long client requests took and how large and manifold their values were.</summary>
    public RequestHistograms Requests { get; } = new();

    /// <summary>Exchanges that a change of the ring still asks for.</summary>
    public int TransfersLeft { get; private set; }

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
            case Observation.ExchangeEnded exchange:
                Add(exchange.End == SyncEnd.Done ? CounterNames.Exchanges : CounterNames.ExchangesFailed);
                Add(CounterNames.KeysRepaired, exchange.Repaired);
                break;
            case Observation.TransfersLeft left:
                TransfersLeft = left.Pairs;
                break;
            case Observation.Forwarded:
                Add(CounterNames.Redirects);
                break;
            case Observation.Fenced:
                Add(CounterNames.Fenced);
                break;
            case Observation.ReachabilityChanged { Reachable: false }:
                Add(CounterNames.Suspicions);
                break;
            case Observation.ManySiblings:
                Add(CounterNames.ManySiblings);
                break;
            case Observation.RecordMended:
                Add(CounterNames.RecordsMended);
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
        Requests.Record(ended);
        if (ended.Outcome is Overloaded) Add(CounterNames.Rejected);
        if (ended.Outcome is TimedOut) Add(CounterNames.TimedOut);
        if (ended.Outcome is Unavailable) Add(CounterNames.Unavailable);
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

    private void Add(string name, long count = 1) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, name, out _) += count;
}
