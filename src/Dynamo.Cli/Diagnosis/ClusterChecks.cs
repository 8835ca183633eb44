using System.Text.Json.Nodes;
using Dynamo.Cli.Http;

namespace Dynamo.Cli.Diagnosis;

/// <summary>Compares this machine with the nodes of a cluster that runs.</summary>
internal static class ClusterChecks
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FarOff = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<Finding>> Of(Uri url, NodeAccess access, CancellationToken cancel)
    {
        try
        {
            using var client = new NodeClient(url, access, Limit);
            var cluster = await client.Json<ClusterAnswer>("/admin/cluster", cancel);
            var findings = new List<Finding>();
            var versions = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var member in cluster.Members)
            {
                if (!Uri.TryCreate(member.Url, UriKind.Absolute, out var there)) continue;
                try
                {
                    using var other = new NodeClient(there, access, Limit);
                    var before = DateTime.UtcNow;
                    var own = await other.Json("/admin/node", cancel);
                    findings.Add(Clock(member.Name, own, before, DateTime.UtcNow));
                    if (own["version"]?.ToString() is { } version) versions.Add(version);
                }
                catch (CommandFailure failure)
                {
                    findings.Add(Finding.Warn("node", $"{member.Name}: {failure.Message}", "See 'dynamo status'."));
                }
            }

            findings.Add(versions.Count > 1
                ? Finding.Warn("versions", $"Nodes run {string.Join(" and ", versions)}.", "Finish the upgrade.")
                : Finding.Ok("versions", $"All nodes that answered run {versions.FirstOrDefault() ?? "a version that does not say its number"}."));
            return findings;
        }
        catch (CommandFailure failure)
        {
            return [Finding.Fail("cluster", failure.Message, "Give the address of a node that runs, or leave --url out.")];
        }
    }

    // Timestamps only decide where the bucket says that the last write wins; a clock that is far off lets the wrong one win.
    private static Finding Clock(string name, JsonNode own, DateTime before, DateTime after)
    {
        if (!DateTime.TryParse(own["clock"]?.ToString(), null, System.Globalization.DateTimeStyles.AdjustToUniversal, out var clock))
            return Finding.Warn("clock", $"{name} does not say what time it has.", "It may be of an earlier version.");
        var off = clock < before ? before - clock : clock > after ? clock - after : TimeSpan.Zero;
        return off > FarOff
            ? Finding.Warn("clock", $"{name}'s clock is {off.TotalSeconds:0} s off this machine's.", "Run a time service on both.")
            : Finding.Ok("clock", $"{name}'s clock agrees to {Math.Ceiling(off.TotalSeconds):0} s.");
    }
}
