using System.Text.Json.Nodes;
using Dynamo.Cli.Http;

namespace Dynamo.Cli.Commands;

/// <summary>What is wrong in a cluster and what to do about it, out of what its nodes say.</summary>
internal static class StatusActions
{
    private const long LittleDisk = 2L << 30;

    /// <summary>One sentence or two for each thing to do, the worst first; empty when there is nothing.</summary>
    /// <param name="cluster">The cluster as one node sees it.</param>
    /// <param name="rows">Each member, its own account (null without an answer) and why there is none.</param>
    public static IReadOnlyList<string> Of(
        ClusterAnswer cluster, IReadOnlyList<(MemberAnswer Member, JsonNode? Own, string? Trouble)> rows)
    {
        var actions = new List<string>();
        List<string> away = [.. rows.Where(static r => !r.Member.Reachable).Select(static r => r.Member.Name)];
        if (cluster.Membership?.Absence is { Length: > 0 } absence)
            actions.Add($"{absence} Ask another node, or join this one again.");
        foreach (var name in away)
            actions.Add($"{name} is not reached. Start it again; if it is gone for good: 'dynamo cluster replace {name} NEW' or 'remove {name}', then commit.");
        foreach (var (member, _, trouble) in rows.Where(static r => r.Member.Reachable && r.Trouble is not null))
            actions.Add($"{member.Name} is reached by the nodes and does not answer here: {trouble} Look at its HTTP port, token and log.");
        foreach (var (member, own, _) in rows)
        {
            if (own is not JsonObject) continue;
            if (own["storage"] is JsonObject storage)
            {
                if (Text(storage["error"]) is { Length: > 0 } error)
                    actions.Add($"{member.Name} cannot use its storage: {error} Free or replace its disk; the other owners keep what it misses.");
                if (Number(storage["disk_free_bytes"]) is { } free && free < LittleDisk)
                    actions.Add($"{member.Name} has {free >> 20} MiB of disk left. Enlarge the disk, or add a node to take a share.");
            }

            if (Text(own["absence"]) is { Length: > 0 } reason && reason != cluster.Membership?.Absence)
                actions.Add($"{member.Name} takes no requests: {reason}");
            if (Text(own["asking"]) is { Length: > 0 } asking) actions.Add($"{asking} Wait for the other nodes, or start them.");
        }

        var hints = rows.Sum(static r => (r.Own?["hints"] as JsonObject)?.Sum(static h => Number(h.Value) ?? 0) ?? 0);
        var tombstones = rows.Sum(static r => Number(r.Own?["tombstones"]) ?? 0);
        if (away.Count > 0 && hints + tombstones > 0)
            actions.Add($"{hints} hints and {tombstones} tombstones are kept as long as {string.Join(" and ", away)} {(away.Count == 1 ? "is" : "are")} away: see to that first.");
        if (rows.Select(static r => Text(r.Own?["version"])).OfType<string>().Distinct().ToList() is { Count: > 1 } versions)
            actions.Add($"Nodes run different versions ({string.Join(", ", versions.Order(StringComparer.Ordinal))}). Finish the upgrade.");
        return actions;
    }

    /// <summary>What goes on by itself; sentences that ask for nothing.</summary>
    public static IEnumerable<string> Notes(ClusterAnswer cluster)
    {
        if (cluster.Membership is not { } membership) yield break;
        if (membership.Next is not null) yield return "The ring is changing; 'dynamo cluster status' shows how far each node is.";
        else if (membership.TransfersLeft > 0) yield return $"{membership.TransfersLeft} transfers are left here.";
        if (membership.Staged.Count > 0) yield return $"{membership.Staged.Count} changes are staged at this node: 'dynamo cluster plan', then commit or clear.";
    }

    private static string? Text(JsonNode? value) => value is JsonValue v && v.TryGetValue(out string? text) ? text : null;

    private static long? Number(JsonNode? value) => value is JsonValue v && v.TryGetValue(out long number) ? number : null;
}
