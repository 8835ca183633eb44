using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Counts what machines observe, under the names that /stats and /metrics show; Riak's where Riak counts the same.</summary>
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
        "node_gets_total", "node_puts_total", "node_deletes_total", "node_get_fsm_errors_total",
        "node_put_fsm_errors_total", "requests_rejected_total", "vnode_gets_total", "vnode_puts_total",
        "read_repairs_total", "hints_stored_total", "hints_delivered_total", "hints_refused_total",
        "corrupt_records_total", "store_failures_total", "generations_begun_total",
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
            case Observation.ReplicaRead:
                Add("vnode_gets_total");
                break;
            case Observation.ReplicaWritten:
                Add("vnode_puts_total");
                break;
            case Observation.ReadRepaired:
                Add("read_repairs_total");
                break;
            case Observation.HintStored:
                Add("hints_stored_total");
                break;
            case Observation.HintDelivered:
                Add("hints_delivered_total");
                break;
            case Observation.HintRefused:
                Add("hints_refused_total");
                break;
            case Observation.CorruptRecord:
                Add("corrupt_records_total");
                break;
            case Observation.StoreFailed:
                Add("store_failures_total");
                break;
            case Observation.GenerationBegan:
                Add("generations_begun_total");
                break;
        }
    }

    private void CountRequest(Observation.RequestEnded ended)
    {
        if (ended.Outcome is Overloaded) Add("requests_rejected_total");
        switch (ended.Operation)
        {
            case "get":
                Add("node_gets_total");
                if (!ended.Outcome.IsSuccess) Add("node_get_fsm_errors_total");
                break;
            case "put" or "delete":
                Add("node_puts_total");
                if (ended.Operation == "delete") Add("node_deletes_total");
                if (!ended.Outcome.IsSuccess) Add("node_put_fsm_errors_total");
                break;
        }
    }

    private void Add(string name) => _counts[name]++;
}
