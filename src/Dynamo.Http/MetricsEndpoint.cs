using System.Text;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>GET /metrics: the same numbers in Prometheus' text format, version 0.0.4.</summary>
internal static class MetricsEndpoint
{
    public static async Task Get(Exchange x)
    {
        var text = Write(x.Node, await x.Node.Status());
        await Answer.Bytes(x.Http, 200, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The metrics of a node.</summary>
    public static string Write(INodePort node, NodeStatus status)
    {
        var text = new StringBuilder();
        foreach (var (name, count) in status.Counters)
        {
            Head(text, MetricName(name), "counter", CounterNames.Describe(name));
            Line(text, MetricName(name), "", count);
        }

        Gauge(text, "dynamo_keys", "Records held in partition replicas, tombstones included.", status.Keys);
        Gauge(text, "dynamo_tombstones", "Records that are nothing but tombstones.", status.Tombstones);
        Gauge(text, "dynamo_partition_replicas", "Partition replicas with at least one record.", status.Partitions);
        Gauge(text, "dynamo_requests_in_flight", "Requests being coordinated here.", status.RequestsInFlight);
        Gauge(text, "dynamo_storage_healthy", "1 while the store works, else 0.", status.StorageError is null ? 1 : 0);
        Gauge(text, "dynamo_serving", "1 while the node is a member and takes requests, else 0.", status.Absence.Length == 0 ? 1 : 0);
        Gauge(text, "dynamo_ring_partitions_owned", "Partitions this node owns.", node.Ring.Share(node.Self));

        Head(text, "dynamo_hints", "gauge", "Hints waiting here, by the owner they wait for.");
        foreach (var (owner, count) in status.Hints) Line(text, "dynamo_hints", $"{{owner=\"{Label(owner)}\"}}", count);
        Head(text, "dynamo_node_reachable", "gauge", "1 when this node can reach the member, else 0.");
        foreach (var other in status.Nodes)
            Line(text, "dynamo_node_reachable", $"{{node=\"{Label(other.Node.Name)}\"}}", other.Reachable ? 1 : 0);
        return text.ToString();
    }

    private static void Gauge(StringBuilder text, string name, string help, long value)
    {
        Head(text, name, "gauge", help);
        Line(text, name, "", value);
    }

    private static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n')
            .Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static void Line(StringBuilder text, string name, string labels, long value) =>
        text.Append(name).Append(labels).Append(' ').Append(value).Append('\n');

    private static string MetricName(string counter) =>
        "dynamo_" + string.Concat(counter.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static string Label(string text) =>
        text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
}
