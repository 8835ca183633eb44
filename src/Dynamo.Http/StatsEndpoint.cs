using System.Text.Json;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>GET /stats: Riak's names where the number exists, and ours.</summary>
internal static class StatsEndpoint
{
    public static async Task Get(Exchange x, MinuteWindow window, RequestTimes times)
    {
        var type = Accepted.Best(x.Request.Headers.Accept, "application/json", "text/plain");
        if (type is null)
        {
            await Answer.Text(x, 406, "Statistics are application/json or text/plain, which the Accept header excludes.");
            return;
        }

        var status = await x.Node.Status();
        var body = Answer.JsonBytes(json => Write(json, x.Node, status, window, times), indented: type == "text/plain");
        x.Response.Headers.Vary = "Accept";
        await Answer.Bytes(x.Http, 200, type, body);
    }

    private static void Write(Utf8JsonWriter json, INodePort node, NodeStatus status, MinuteWindow window, RequestTimes times)
    {
        json.WriteStartObject();
        foreach (var (name, count) in status.Counters) json.WriteNumber(name, count);
        foreach (var (name, count) in window.Growth(status.Counters))
            if (!status.Counters.ContainsKey(name)) json.WriteNumber(name, count);

        times.Write(json);
        json.WriteString("nodename", node.Self.Name);
        json.WriteStartArray("connected_nodes");
        foreach (var other in status.Nodes)
            if (other.Reachable && other.Node != node.Self) json.WriteStringValue(other.Node.Name);
        json.WriteEndArray();
        json.WriteStartArray("ring_members");
        foreach (var member in node.Ring.Nodes) json.WriteStringValue(member.Name);
        json.WriteEndArray();
        json.WriteNumber("ring_num_partitions", node.Ring.PartitionCount);
        json.WriteNumber("ring_creation_size", node.Founding.PartitionCount);
        json.WriteString("storage_backend", status.Engine);
        json.WriteNumber("riak_kv_vnodes_running", status.Partitions);

        json.WriteString("cluster_name", node.Founding.ClusterName);
        json.WriteString("runtime", status.Runtime);
        json.WriteNumber("keys", status.Keys);
        json.WriteNumber("tombstones", status.Tombstones);
        json.WriteNumber("hints", status.Hints.Values.Sum());
        json.WriteNumber("requests_in_flight", status.RequestsInFlight);
        json.WriteBoolean("storage_healthy", status.StorageError is null);
        json.WriteEndObject();
    }
}
