using System.Text.Json;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>What the command line and the console ask of a node, as JSON.</summary>
internal static class AdminEndpoints
{
    public static async Task Cluster(Exchange x)
    {
        var status = await x.Node.Status();
        var membership = (await x.Node.Membership()).Value;
        var (node, ring) = (x.Node, x.Node.Ring);
        await Answer.Json(x, json =>
        {
            json.WriteStartObject();
            json.WriteString("name", node.Founding.ClusterName);
            json.WriteString("id", node.Founding.ClusterId);
            json.WriteString("self", node.Self.Name);
            json.WriteNumber("partitions", ring.PartitionCount);
            json.WriteNumber("target_n_val", node.Founding.TargetNVal);
            json.WriteStartArray("members");
            foreach (var member in ring.Members)
            {
                var seen = status.Nodes.FirstOrDefault(n => n.Node == member.Node);
                json.WriteStartObject();
                json.WriteString("name", member.Node.Name);
                json.WriteNumber("weight", member.Weight);
                json.WriteString("zone", member.Zone);
                json.WriteNumber("share", ring.Share(member.Node));
                json.WriteBoolean("reachable", IsReachable(x, status, member.Node));
                json.WriteString("url", seen?.Url ?? "");
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WritePropertyName("membership");
            if (membership is null) json.WriteNullValue();
            else MembershipJson.Write(json, membership, node.Self, status);
            json.WriteEndObject();
        });
    }

    /// <summary>Who owns each partition, and what is about to change.</summary>
    public static async Task Ring(Exchange x)
    {
        var membership = (await x.Node.Membership()).Value;
        var ring = x.Node.Ring;
        await Answer.Json(x, json => RingJson.Write(json, ring, x.Node.Founding.TargetNVal, membership));
    }

    public static async Task Node(Exchange x)
    {
        var status = await x.Node.Status();
        await Answer.Json(x, json =>
        {
            json.WriteStartObject();
            json.WriteString("name", x.Node.Self.Name);
            json.WriteNumber("pid", status.ProcessId);
            json.WriteBoolean("serving", status.Absence.Length == 0);
            json.WriteString("absence", status.Absence.Length == 0 ? null : status.Absence);
            json.WriteString("runtime", status.Runtime);
            json.WriteNumber("keys", status.Keys);
            json.WriteNumber("tombstones", status.Tombstones);
            json.WriteNumber("partitions", status.Partitions);
            json.WriteStartObject("hints");
            foreach (var (owner, count) in status.Hints) json.WriteNumber(owner, count);
            json.WriteEndObject();
            json.WriteNumber("exchanges", status.Counters.GetValueOrDefault(CounterNames.Exchanges));
            json.WriteStartObject("storage");
            json.WriteString("engine", status.Engine);
            json.WriteString("error", status.StorageError);
            if (status.DiskFree is { } free) json.WriteNumber("disk_free_bytes", free);
            json.WriteEndObject();
            json.WriteNumber("requests_in_flight", status.RequestsInFlight);
            json.WriteString("version", typeof(AdminEndpoints).Assembly.GetName().Version?.ToString(3));
            json.WriteString("asking", status.Asking.Length == 0 ? null : status.Asking);
            json.WriteString("clock", DateTime.UtcNow);
            json.WriteEndObject();
        });
    }

    /// <summary>Begins a repair, or says how anti-entropy stands.</summary>
    public static async Task Repair(Exchange x)
    {
        var begins = x.IsMethod("POST");
        var progress = await (begins ? x.Node.Repair() : x.Node.RepairProgress());
        if (progress is null)
        {
            await Answer.Text(x, 503, $"{x.Node.Self} is down.");
            return;
        }

        await Answer.Json(x, json =>
        {
            json.WriteStartObject();
            json.WriteString("name", x.Node.Self.Name);
            json.WriteNumber("pairs", progress.Pairs);
            json.WriteNumber("pairs_of_repair", progress.PairsOfRepair);
            json.WriteNumber("pairs_left", progress.PairsLeft);
            json.WriteNumber("exchanges", progress.Exchanges);
            json.WriteNumber("failed", progress.Failed);
            json.WriteNumber("keys_repaired", progress.KeysRepaired);
            json.WriteEndObject();
        }, begins ? 202 : 200);
    }

    public static async Task PreferenceList(Exchange x)
    {
        var status = await x.Node.Status();
        var ring = x.Node.Ring;
        var n = x.Node.Properties(x.Bucket).NVal;
        var partition = ring.PartitionOf(x.Key);
        var list = ring.PreferenceList(partition, ring.Nodes.Length);
        await Answer.Json(x, json =>
        {
            json.WriteStartObject();
            json.WriteString("bucket", x.Bucket);
            json.WriteString("key", Percent.Readable(x.Key.Name));
            json.WriteNumber("n_val", n);
            json.WriteNumber("partition", partition.Index);
            json.WriteString("position", x.Key.Position.ToString());
            WriteNodes("primaries", list.Take(n));
            WriteNodes("fallbacks", list.Skip(n));
            json.WriteEndObject();

            void WriteNodes(string name, IEnumerable<NodeId> nodes)
            {
                json.WriteStartArray(name);
                foreach (var node in nodes)
                {
                    json.WriteStartObject();
                    json.WriteString("node", node.Name);
                    json.WriteBoolean("reachable", IsReachable(x, status, node));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }
        });
    }

    /// <summary>What this node's own store holds for a key, asked of nobody else.</summary>
    public static async Task Local(Exchange x)
    {
        if (await x.Node.Local(x.Key) is not { } local)
        {
            await Answer.NotFound(x);
            return;
        }

        await Answer.Json(x, json =>
        {
            json.WriteStartObject();
            json.WriteString("node", x.Node.Self.Name);
            json.WriteString("bucket", x.Bucket);
            json.WriteString("key", Percent.Readable(x.Key.Name));
            json.WriteNumber("partition", x.Node.Ring.PartitionOf(x.Key).Index);
            json.WriteString("status", local.Status.ToString().ToLowerInvariant());
            json.WritePropertyName("record");
            if (local.Record is null) json.WriteNullValue();
            else RecordJson.Write(json, local.Record);
            json.WriteStartArray("hints");
            foreach (var hint in local.Hints)
            {
                json.WriteStartObject();
                json.WriteString("owner", hint.Owner.Name);
                json.WritePropertyName("record");
                RecordJson.Write(json, hint.Record);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static bool IsReachable(Exchange x, NodeStatus status, NodeId node) =>
        node == x.Node.Self || status.Nodes.Any(n => n.Node == node && n.Reachable);
}
