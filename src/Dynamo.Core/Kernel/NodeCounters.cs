using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Dynamo.Core;

/// <summary>Counts what machines observe, under <see cref="CounterNames"/>, and how long, large and manifold it was.</summary>
/// <remarks>
/// The one source of every number that a node tells of its work: /metrics, /stats and the meter read from it. Counting allocates
/// nothing. Not thread-safe: a runtime with several threads feeds and reads it under a lock.
/// </remarks>
public sealed class NodeCounters
{
    private readonly Dictionary<string, StrongBox<long>> _counts = new(StringComparer.Ordinal);

    // Those that every request moves, several times: even looking a name up is work.
    private readonly StrongBox<long> _gets, _puts, _replicaGets, _replicaPuts;

    /// <summary>Counters at zero.</summary>
    public NodeCounters()
    {
        foreach (var name in All) _counts[name] = new StrongBox<long>();
        (_gets, _puts) = (_counts[CounterNames.NodeGets], _counts[CounterNames.NodePuts]);
        (_replicaGets, _replicaPuts) = (_counts[CounterNames.ReplicaGets], _counts[CounterNames.ReplicaPuts]);
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
    public ImmutableSortedDictionary<string, long> Snapshot() =>
        _counts.ToImmutableSortedDictionary(static c => c.Key, static c => c.Value.Value, StringComparer.Ordinal);

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
                CountReplicas(reads: 1, writes: 0);
                break;
            case Observation.ReplicaWritten:
                CountReplicas(reads: 0, writes: 1);
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

    /// <summary>Counts so many answered reads and so many stored records of replicas, in the place of an observation each.</summary>
    public void CountReplicas(long reads, long writes)
    {
        _replicaGets.Value += reads;
        _replicaPuts.Value += writes;
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
                _gets.Value++;
                if (!ended.Outcome.IsSuccess) Add(CounterNames.GetErrors);
                break;
            case "put" or "delete" or "increment":
                _puts.Value++;
                if (ended.Operation == "delete") Add(CounterNames.NodeDeletes);
                if (!ended.Outcome.IsSuccess) Add(CounterNames.PutErrors);
                break;
        }
    }

    private void Add(string name, long count = 1) => _counts[name].Value += count;
}
