using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Telemetry;

/// <summary>Every metric of a node: the one list from which /metrics and the meter are made. docs/metrics.md explains each.</summary>
public static class MetricCatalogue
{
    /// <summary>Seconds from a client's request to its outcome.</summary>
    public static readonly Metric RequestDuration = new(
        "dynamo_request_duration_seconds", MetricKind.Histogram, "s",
        "Time from a client's request reaching the node to its outcome, by operation and outcome.", static _ => [])
    {
        ReadBuckets = static node => node.Took.Select(static t => new Buckets(t.Seconds, ("operation", t.Operation), ("outcome", t.Outcome))),
    };

    /// <summary>Versions that gets find.</summary>
    public static readonly Metric GetSiblings = Distribution(
        "dynamo_get_siblings", "", "Live versions of the key that each get with a value found.", static node => node.Siblings);

    /// <summary>Bytes that gets find.</summary>
    public static readonly Metric GetBytes = Distribution(
        "dynamo_get_bytes", "By", "Bytes of all live versions together that each get with a value found.", static node => node.BytesRead);

    /// <summary>Bytes that puts store.</summary>
    public static readonly Metric PutBytes = Distribution(
        "dynamo_put_bytes", "By", "Bytes of the value of each acknowledged put.", static node => node.BytesWritten);

    /// <summary>Seconds that a transaction takes.</summary>
    public static readonly Metric CommitDuration = Distribution(
        "dynamo_storage_commit_duration_seconds", "s", "Time that each transaction of the store took, failed ones included.",
        static node => node.Store.CommitSeconds);

    /// <summary>Writes that a transaction holds.</summary>
    public static readonly Metric CommitWrites = Distribution(
        "dynamo_storage_commit_writes", "", "Writes that each transaction of the store held.", static node => node.Store.BatchWrites);

    /// <summary>Everything.</summary>
    public static readonly ImmutableArray<Metric> All =
    [
        .. new NodeCounters().Snapshot().Keys.Select(Counter),
        RequestDuration, GetSiblings, GetBytes, PutBytes,
        Gauge("dynamo_requests_in_flight", "Requests being coordinated here.", static node => node.RequestsInFlight),
        Gauge("dynamo_serving", "1 while the node is a member and takes requests, else 0.", static node => node.IsServing ? 1 : 0),
        Gauge("dynamo_keys", "Records held in partition replicas, tombstones included.", static node => node.Held.Records),
        Gauge("dynamo_tombstones", "Records that are nothing but tombstones.", static node => node.Held.Tombstones),
        Gauge("dynamo_partition_replicas", "Partition replicas with at least one record.", static node => node.Held.Partitions),
        new("dynamo_hints", MetricKind.Gauge, "", "Hints waiting here, by the owner they wait for.",
            static node => node.Hints.Select(static h => new Sample(h.Value, "owner", h.Key))),
        new("dynamo_node_reachable", MetricKind.Gauge, "", "1 when this node can reach the peer, else 0.",
            static node => node.Peers.Select(static p => new Sample(p.Value ? 1 : 0, "peer", p.Key))),
        new("dynamo_link_messages_sent_total", MetricKind.Counter, "", "Messages to other nodes, by what they are sent for.",
            static node => [new Sample(node.Link.RequestMessages, "purpose", "request"), new Sample(node.Link.BackgroundMessages, "purpose", "background")]),
        new("dynamo_link_frames_sent_total", MetricKind.Counter, "", "Messages of the transport that those travelled in.",
            static node => [new Sample(node.Link.RequestFrames, "purpose", "request"), new Sample(node.Link.BackgroundFrames, "purpose", "background")]),
        Gauge("dynamo_ring_version", "Number of the ring that all nodes work by, 0 for the founding's.", static node => node.RingVersion),
        Gauge("dynamo_ring_changing", "1 while another ring is coming, else 0.", static node => node.RingIsChanging ? 1 : 0),
        Gauge("dynamo_ring_partitions", "Partitions of the ring.", static node => node.RingPartitions),
        Gauge("dynamo_ring_partitions_owned", "Partitions this node owns.", static node => node.PartitionsOwned),
        Gauge("dynamo_transfers_left", "Exchanges that a change of the ring still asks of this node.", static node => node.TransfersLeft),
        Gauge("dynamo_storage_healthy", "1 while the store works, else 0.", static node => node.StorageError is null ? 1 : 0),
        CommitDuration, CommitWrites,
        Gauge("dynamo_storage_queued_writes", "Writes that wait for the store.", static node => node.Store.QueuedWrites),
        Gauge("dynamo_storage_queued_bytes", "Bytes of the values in writes that wait for the store.", static node => node.Store.QueuedBytes, "By"),
        Gauge("dynamo_storage_buffered_writes", "Writes in the store's buffer that are not durable yet.", static node => node.Store.BufferedWrites),
        Gauge("dynamo_storage_buffered_bytes", "Bytes of the values in the store's buffer.", static node => node.Store.BufferedBytes, "By"),
        new("dynamo_storage_held_up_writes_total", MetricKind.Counter, "", "Writes that the store's buffer had no room for, or whose disk failed.",
            static node => [new Sample(node.Store.HeldUpWrites)]),
        new("dynamo_storage_failed_transactions_total", MetricKind.Counter, "", "Transactions of the store that failed.",
            static node => [new Sample(node.Store.FailedTransactions)]),
        new("dynamo_storage_row_cache_reads_total", MetricKind.Counter, "", "Reads of a record, by whether it was among those that the store keeps in memory.",
            static node => [new Sample(node.Store.RowCacheHits, "result", "hit"), new Sample(node.Store.RowCacheMisses, "result", "miss")]),
        Gauge("dynamo_storage_row_cache_bytes", "Bytes of the records that the store keeps in memory.", static node => node.Store.RowCacheBytes, "By"),
        Gauge("dynamo_storage_disk_bytes", "Bytes of the store's files.", static node => node.Store.DiskBytes, "By"),
        new("dynamo_storage_disk_free_bytes", MetricKind.Gauge, "By", "Bytes that the disk of the store has left.",
            static node => node.Store.FreeBytes is { } free ? [new Sample(free)] : []),
    ];

    private static Metric Counter(string name) => new(
        "dynamo_" + name, MetricKind.Counter, "", CounterNames.Describe(name),
        node => node.Counters.TryGetValue(name, out var count) ? [new Sample(count)] : []);

    private static Metric Gauge(string name, string help, Func<NodeReading, double> value, string unit = "") =>
        new(name, MetricKind.Gauge, unit, help, node => [new Sample(value(node))]);

    private static Metric Distribution(string name, string unit, string help, Func<NodeReading, HistogramSnapshot> values) =>
        new(name, MetricKind.Histogram, unit, help, static _ => []) { ReadBuckets = node => [new Buckets(values(node))] };
}
