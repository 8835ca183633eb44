using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dynamo.Core;
using Dynamo.Telemetry;

namespace Dynamo.Http;

/// <summary>GET /stats: Riak's names where the number exists, and ours. docs/metrics.md explains each.</summary>
internal static class StatsEndpoint
{
    private static readonly string[] Puts = ["put", "delete", "increment"];

    public static async Task Get(Exchange x, MinuteWindow window)
    {
        var type = Accepted.Best(x.Request.Headers.Accept, "application/json", "text/plain");
        if (type is null)
        {
            await Answer.Text(x, 406, "Statistics are application/json or text/plain, which the Accept header excludes.");
            return;
        }

        var (status, reading) = (await x.Node.Status(), x.Node.Reading());
        var body = Answer.JsonBytes(json => Write(json, x.Node, status, reading, window.Oldest()), indented: type == "text/plain");
        x.Response.Headers.Vary = "Accept";
        await Answer.Bytes(x.Http, 200, type, body);
    }

    private static void Write(Utf8JsonWriter json, INodePort node, NodeStatus status, NodeReading reading, NodeReading? before)
    {
        json.WriteStartObject();
        var counters = Counters(reading);
        foreach (var (name, count) in counters) json.WriteNumber(name, count);
        foreach (var (name, count) in MinuteWindow.Growth(counters, before is null ? null : Counters(before)))
            if (!counters.ContainsKey(name)) json.WriteNumber(name, count);

        // Riak's times are microseconds, and its five figures are of the last minute.
        Figures(json, "node_get_fsm_time", reading.TimesOf("get").Since(before?.TimesOf("get")), 1e6);
        Figures(json, "node_put_fsm_time", reading.TimesOf(Puts).Since(before?.TimesOf(Puts)), 1e6);
        Figures(json, "node_get_fsm_siblings", reading.Siblings.Since(before?.Siblings), 1);
        Figures(json, "node_get_fsm_objsize", reading.BytesRead.Since(before?.BytesRead), 1);

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
        var owned = node.Ring.Members.Select(m => $"{{'{m.Node.Name}',{node.Ring.Share(m.Node)}}}");
        json.WriteString("ring_ownership", $"[{string.Join(',', owned)}]");
        json.WriteString("storage_backend", status.Engine);
        json.WriteNumber("riak_kv_vnodes_running", status.Partitions);
        json.WriteNumber("memory_total", Environment.WorkingSet);
        json.WriteNumber("mem_total", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        json.WriteNumber("sys_logical_processors", Environment.ProcessorCount);
        json.WriteString("sys_system_architecture", RuntimeInformation.RuntimeIdentifier);
        json.WriteNumber("sys_wordsize", IntPtr.Size);
        json.WriteString("sys_system_version", $"{RuntimeInformation.FrameworkDescription}; {RuntimeInformation.OSDescription}");

        json.WriteString("cluster_name", node.Founding.ClusterName);
        json.WriteString("runtime", status.Runtime);
        json.WriteString("version", Build.Version);
        json.WriteNumber("keys", status.Keys);
        json.WriteNumber("tombstones", status.Tombstones);
        json.WriteNumber("hints", status.Hints.Values.Sum());
        json.WriteNumber("requests_in_flight", status.RequestsInFlight);
        json.WriteBoolean("storage_healthy", status.StorageError is null);
        json.WriteBoolean("serving", status.Absence.Length == 0);
        json.WriteNumber("ring_version", reading.RingVersion);
        json.WriteBoolean("ring_changing", reading.RingIsChanging);
        json.WriteNumber("transfers_left", reading.TransfersLeft);
        json.WriteNumber("storage_queued_writes", reading.Store.QueuedWrites);
        json.WriteNumber("storage_disk_bytes", reading.Store.DiskBytes);
        if (reading.Store.FreeBytes is { } free) json.WriteNumber("storage_disk_free_bytes", free);
        json.WriteEndObject();
    }

    // Those that Riak counts by kind of request, which here are read off the histogram of requests, and those that the link counts.
    private static ImmutableSortedDictionary<string, long> Counters(NodeReading reading) => reading.Counters
        .SetItem("node_get_fsm_rejected_total", reading.CountOf("overloaded", "get"))
        .SetItem("node_put_fsm_rejected_total", reading.CountOf("overloaded", Puts))
        .SetItem("list_fsm_create_total", reading.TimesOf("list").Count)
        .SetItem("link_request_messages_sent_total", reading.Link.RequestMessages)
        .SetItem("link_background_messages_sent_total", reading.Link.BackgroundMessages)
        .SetItem("link_request_frames_sent_total", reading.Link.RequestFrames)
        .SetItem("link_background_frames_sent_total", reading.Link.BackgroundFrames);

    // Read off the buckets of a histogram, so they are estimates; see docs/metrics.md.
    private static void Figures(Utf8JsonWriter json, string name, HistogramSnapshot values, double scale)
    {
        json.WriteNumber(name + "_mean", Whole(values.Mean));
        json.WriteNumber(name + "_median", Whole(values.Quantile(0.5)));
        json.WriteNumber(name + "_95", Whole(values.Quantile(0.95)));
        json.WriteNumber(name + "_99", Whole(values.Quantile(0.99)));
        json.WriteNumber(name + "_100", Whole(values.Quantile(1)));

        long Whole(double value) => (long)Math.Round(value * scale);
    }
}
