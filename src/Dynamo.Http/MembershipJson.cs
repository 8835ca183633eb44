using System.Globalization;
using System.Text.Json;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>The membership, its changes and plans as JSON.</summary>
/// <remarks>Digests are 16 hexadecimal digits: as numbers, scripts would round them.</remarks>
internal static class MembershipJson
{
    public static string Digest(ulong digest) => digest.ToString("x16", CultureInfo.InvariantCulture);

    public static bool TryDigest(string text, out ulong digest) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out digest) && text.Length == 16;

    public static void Write(Utf8JsonWriter json, MembershipStatus membership, NodeId self, NodeStatus status)
    {
        json.WriteStartObject();
        json.WriteString("digest", Digest(membership.Digest));
        json.WriteNumber("commits", membership.Commits);
        json.WriteString("absence", status.Absence.Length == 0 ? null : status.Absence);
        WriteVersion(json, "settled", membership.Settled);
        WriteVersion(json, "next", membership.Next);
        json.WriteNumber("transfers_left", membership.TransfersLeft);
        json.WriteStartArray("nodes");
        foreach (var row in membership.Nodes)
        {
            var seen = status.Nodes.FirstOrDefault(n => n.Node == row.Node);
            json.WriteStartObject();
            json.WriteString("name", row.Node.Name);
            json.WriteString("zone", row.Zone);
            json.WriteNumber("weight", row.Weight);
            json.WriteNumber("weight_next", row.WeightNext);
            json.WriteNumber("partitions", row.Partitions);
            json.WriteNumber("partitions_next", row.PartitionsNext);
            json.WriteString("step", Word(row.Step));
            json.WriteBoolean("reachable", row.Node == self || seen?.Reachable == true);
            json.WriteString("url", seen?.Url ?? "");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteStaged(json, membership);
        json.WriteEndObject();
    }

    /// <summary>Writes <c>"staged":[…]</c>.</summary>
    public static void WriteStaged(Utf8JsonWriter json, MembershipStatus membership)
    {
        json.WriteStartArray("staged");
        foreach (var change in membership.Staged) Write(json, change);
        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, MembershipPlan plan)
    {
        json.WriteStartObject();
        json.WriteString("based_on", Digest(PlanMark.Of(plan)));
        json.WriteStartArray("changes");
        foreach (var change in plan.Changes) Write(json, change);
        json.WriteEndArray();
        json.WriteStartArray("ignored");
        foreach (var (change, why) in plan.Ignored)
        {
            json.WriteStartObject();
            json.WriteString("change", change.ToString());
            json.WriteString("why", why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("nodes");
        foreach (var row in plan.Nodes)
        {
            json.WriteStartObject();
            json.WriteString("name", row.Node.Name);
            json.WriteString("zone", row.Zone);
            json.WriteString("state", Word(row.State));
            json.WriteNumber("weight", row.WeightBefore);
            json.WriteNumber("weight_next", row.WeightAfter);
            json.WriteNumber("partitions", row.Before);
            json.WriteNumber("partitions_next", row.After);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteMoves(json, plan);
        WriteTexts(json, "violations", plan.Violations.Select(static v => v.Sentence));
        WriteTexts(json, "warnings", plan.Warnings);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, MembershipChange change)
    {
        json.WriteStartObject();
        json.WriteString("change", change switch
        {
            MembershipChange.Join => "join",
            MembershipChange.Leave => "leave",
            MembershipChange.Remove => "remove",
            MembershipChange.Replace => "replace",
            _ => "weight",
        });
        json.WriteString(change is MembershipChange.Replace ? "old" : "node", change.Names[0].Name);
        if (change is MembershipChange.Replace replace) json.WriteString("new", replace.New.Name);
        if (change is MembershipChange.Join join)
        {
            json.WriteNumber("weight", join.Member.Weight);
            json.WriteString("zone", join.Member.Zone);
        }

        if (change is MembershipChange.Weigh weigh) json.WriteNumber("weight", weigh.Weight);
        json.WriteString("by", change.Origin.By);
        json.WriteString("sentence", change.ToString());
        json.WriteEndObject();
    }

    // Who sends how much to whom: one line per pair of nodes, since a large ring has more replicas than anybody reads.
    private static void WriteMoves(Utf8JsonWriter json, MembershipPlan plan)
    {
        json.WriteNumber("partitions_moved", plan.OwnerMoves.Length);
        json.WriteNumber("replicas_moved", plan.ReplicaMoves.Length);
        // Estimated by the node that is asked, from what it holds itself; null where it holds nothing.
        WriteNumber(json, "keys_moved", plan.ToMove?.Keys);
        WriteNumber(json, "bytes_moved", plan.ToMove?.Bytes);
        json.WriteBoolean("moved_is_estimated", true);
        json.WriteStartArray("moves");
        foreach (var pair in plan.ReplicaMoves.GroupBy(static m => (m.From, m.To)).OrderBy(static p => p.Key))
        {
            json.WriteStartObject();
            json.WriteString("from", pair.Key.From.IsNone ? null : pair.Key.From.Name);
            json.WriteString("to", pair.Key.To.Name);
            json.WriteNumber("replicas", pair.Count());
            var size = ReplicaMove.SizeOf(pair);
            WriteNumber(json, "keys", size?.Keys);
            WriteNumber(json, "bytes", size?.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } known) json.WriteNumber(name, known);
        else json.WriteNull(name);
    }

    private static void WriteVersion(Utf8JsonWriter json, string name, RingVersion? version)
    {
        if (version is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("version", version.Number);
        json.WriteString("digest", Digest(version.Digest));
        WriteTexts(json, "violations", version.Violations.Select(static v => v.Sentence));
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
