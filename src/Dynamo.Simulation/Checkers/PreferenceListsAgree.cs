using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>
/// When everything has healed every node would ask the same nodes for each partition, all of them owners, by the same properties.
/// </summary>
/// <remarks>
/// Two nodes that disagree here would each build quorums of their own, and R + W > N would promise nothing. The lists are
/// those that requests are really sent by, so an owner that a node still takes for dead shows as the fallback in its place.
/// </remarks>
public sealed class PreferenceListsAgree : Checker
{
    /// <inheritdoc/>
    public override string Name => "preference lists agree";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        if (history.ViewsAtTheEnd.Count == 0) return;
        var first = history.ViewsAtTheEnd[0];
        var depth = first.Properties.Values.Select(static entry => entry.Properties?.NVal ?? 0)
            .Append(BucketProperties.Standard.NVal).Max();
        foreach (var view in history.ViewsAtTheEnd)
        {
            CheckLists(first, view, depth, verdict);
            CheckProperties(first, view, verdict);
        }
    }

    // One finding for each node, with its first partition: a node that is wrong about one member is wrong about many.
    private void CheckLists(ClusterView first, ClusterView view, int depth, Verdict verdict)
    {
        if (view.Ring.PartitionCount != first.Ring.PartitionCount)
        {
            verdict.Add(
                this, $"{view.Self} counts {view.Ring.PartitionCount} partitions, {first.Self} {first.Ring.PartitionCount}.");
            return;
        }

        string? example = null;
        var wrong = 0;
        for (var p = 0; p < first.Ring.PartitionCount; p++)
        {
            var owners = first.Ring.PreferenceList(new PartitionId(p), depth);
            var asked = ReplicaTargets.Choose(view, new PartitionId(p), depth).Targets;
            if (asked.Length == owners.Length && Agree(asked, owners)) continue;
            wrong++;
            example ??= $"of p{p} it would ask {string.Join(", ", asked.Select(static target => target.Node))}, "
                + $"which belongs to {string.Join(", ", owners)}";
        }

        if (wrong > 0) verdict.Add(this, $"{view.Self} is wrong about {wrong} partitions: {example}.");
    }

    private static bool Agree(ImmutableArray<ReplicaTarget> asked, ImmutableArray<NodeId> owners)
    {
        for (var i = 0; i < owners.Length; i++)
            if (asked[i].Node != owners[i] || !asked[i].IsPrimary) return false;
        return true;
    }

    private void CheckProperties(ClusterView first, ClusterView view, Verdict verdict)
    {
        var buckets = first.Properties.Keys.Union(view.Properties.Keys, StringComparer.Ordinal);
        foreach (var bucket in buckets.Order(StringComparer.Ordinal))
        {
            var (here, there) = (view.Properties.GetValueOrDefault(bucket), first.Properties.GetValueOrDefault(bucket));
            if (here != there)
                verdict.Add(this, $"{view.Self} and {first.Self} do not hold the same properties of {bucket}.");
        }
    }
}
