using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>The tables of a <see cref="MembershipPlan"/>, out of the rings before and after.</summary>
internal static class PlanTable
{
    public static ImmutableArray<PlannedNode> Nodes(Ring before, Ring after, ImmutableArray<MembershipChange> changes)
    {
        var goes = new SortedDictionary<NodeId, PlannedState>();
        foreach (var change in changes)
        {
            if (change is MembershipChange.Leave leave) goes[leave.Node] = PlannedState.Leaving;
            if (change is MembershipChange.Remove remove) goes[remove.Node] = PlannedState.Removed;
            if (change is MembershipChange.Replace replace) goes[replace.Old] = PlannedState.Replaced;
        }

        var rows = new SortedDictionary<NodeId, PlannedNode>();
        foreach (var m in before.Members)
            rows[m.Node] = new PlannedNode(
                m.Node, m.Zone, m.Weight, 0, goes.GetValueOrDefault(m.Node), before.Share(m.Node), 0);
        foreach (var m in after.Members)
        {
            var row = rows.GetValueOrDefault(m.Node)
                ?? new PlannedNode(m.Node, m.Zone, 0, 0, PlannedState.Joining, 0, 0);
            rows[m.Node] = row with
            {
                Zone = m.Zone,
                WeightAfter = m.Weight,
                State = row.State == PlannedState.Joining ? PlannedState.Joining : PlannedState.Staying,
                After = after.Share(m.Node),
            };
        }

        return [.. rows.Values];
    }

    public static ImmutableArray<OwnerMove> OwnerMoves(Ring before, Ring after)
    {
        var moves = ImmutableArray.CreateBuilder<OwnerMove>();
        for (var p = 0; p < before.PartitionCount; p++)
        {
            var partition = new PartitionId(p);
            NodeId from = before.OwnerOf(partition), to = after.OwnerOf(partition);
            if (from != to) moves.Add(new OwnerMove(partition, from, to));
        }

        return moves.ToImmutable();
    }

    public static ImmutableArray<ReplicaMove> ReplicaMoves(
        RingTransition transition, ImmutableArray<PlannedNode> nodes, Func<PartitionId, PartitionSize?> sizeOf)
    {
        var dead = Dead(nodes);
        var moves = ImmutableArray.CreateBuilder<ReplicaMove>();
        foreach (var partition in transition.Changed)
        {
            var gainers = transition.Gainers(partition);
            if (gainers.IsEmpty) continue;
            // Each from another loser, so that the work is spread; then from those that keep theirs.
            var losers = transition.Losers(partition);
            ImmutableArray<NodeId> sources =
                [.. losers, .. transition.Before(partition).Where(node => !losers.Contains(node))];
            sources = sources.RemoveAll(dead.Contains);
            var size = sizeOf(partition);
            for (var i = 0; i < gainers.Length; i++)
                moves.Add(new ReplicaMove(
                    partition, sources.IsEmpty ? default : sources[i % sources.Length], gainers[i], size));
        }

        return moves.ToImmutable();
    }

    public static ImmutableArray<string> Warnings(
        RingTransition transition, ImmutableArray<PlannedNode> nodes, ImmutableArray<ReplicaMove> replicas,
        ImmutableArray<MembershipChange> changes, ImmutableArray<IgnoredChange> ignored, Func<NodeId, bool> isReachable)
    {
        var warnings = ImmutableArray.CreateBuilder<string>();
        var members = transition.To.Members;
        int n = transition.NVal, zones = members.Select(static m => m.Zone).Distinct(StringComparer.Ordinal).Count();
        var lost = replicas.Where(static m => m.From.IsNone).Select(static m => m.Partition).Distinct().Count();
        if (lost > 0)
            warnings.Add($"All replicas of {Count(lost, "partition")} are on nodes that are removed: "
                + "what only these have is lost.");
        // It may have come back since it was staged; and force may have been meant for another day.
        foreach (var node in Dead(nodes))
            if (isReachable(node))
                warnings.Add($"{node} is to be removed as dead, but answers: what only it holds is lost; let it leave instead.");
        if (members.Length < n)
            warnings.Add($"The ring will have {Count(members.Length, "node")}, fewer than target_n_val, {n}: "
                + "every node holds everything, and there are fewer replicas than asked for.");
        if (zones > 1 && zones < n)
            warnings.Add($"The nodes stand in {zones} zones, fewer than target_n_val, {n}: "
                + "some replicas of a key share a zone.");
        if (zones > 1 && members.Count(static m => m.Zone.Length == 0) is > 0 and var without)
            warnings.Add($"No zone is set for {Count(without, "node")} of {members.Length}; "
                + "all without one count as one zone.");
        if (nodes.Count(static row => row.WeightAfter > 0 && row.After == 0) is > 0 and var idle)
            warnings.Add($"{Count(idle, "node")} will own no partition.");
        foreach (var remove in changes.OfType<MembershipChange.Remove>())
            if (transition.From.IndexOf(remove.Node) < 0)
                warnings.Add($"{remove.Node} is leaving already: what it has not handed over comes from the other owners, "
                    + "and what only it has is lost.");
        foreach (var change in ignored) warnings.Add($"\"{change.Change}\" will have no effect: {change.Why}");
        return warnings.ToImmutable();
    }

    private static SortedSet<NodeId> Dead(ImmutableArray<PlannedNode> nodes) =>
        [.. nodes.Where(static row => row.State == PlannedState.Removed).Select(static row => row.Node)];

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
