using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Who must do what before a ring takes the place of the one before it; questions about a history and its standings.</summary>
internal sealed class MembershipLedger
{
    private readonly ImmutableSortedDictionary<NodeId, Standing> _standings;
    private readonly MembershipFold _fold;
    private readonly ImmutableArray<RingVersion> _versions;
    private readonly ImmutableArray<MembershipStep> _steps;

    public MembershipLedger(MembershipHistory history, ImmutableSortedDictionary<NodeId, Standing> standings)
    {
        _standings = standings;
        _fold = history.Fold();
        _versions = _fold.Versions;
        _steps = [.. _fold.Steps.Where(static step => step.IsEffective)];
    }

    public ImmutableArray<RingVersion> Versions => _versions;

    /// <summary>A ring's place among the versions; 0 for the founding's and for one that is not among them.</summary>
    public int IndexOf(ulong digest) => _fold.Find(digest)?.Number ?? 0;

    /// <summary>Nodes that a version, or any after it, removes as dead or replaces: nothing can be asked of them.</summary>
    /// <remarks>Of two that die, each would else wait for the other, and a node that dies while it joins for itself.</remarks>
    public ImmutableArray<NodeId> GoneWith(int version) =>
    [
        .. _steps[(version - 1)..].SelectMany(static step => step.Commit.Changes).Select(static change => change switch
        {
            MembershipChange.Remove remove => remove.Node,
            MembershipChange.Replace replace => replace.Old,
            _ => default,
        }).Where(static node => !node.IsNone).Distinct().Order(),
    ];

    /// <summary>Every node that has a part in the way to a version: members before or after, but for those that are gone.</summary>
    public IEnumerable<NodeId> Participants(int version)
    {
        var gone = GoneWith(version);
        var before = _versions[version - 1].Members.Select(static m => m.Node);
        return before.Union(_versions[version].Members.Select(static m => m.Node)).Where(node => !gone.Contains(node));
    }

    /// <summary>Whether all of a node's writes go to a version or a later one.</summary>
    public bool HasAcked(NodeId node, int version) =>
        _standings.TryGetValue(node, out var standing) && IndexOf(standing.Acked) >= version;

    /// <summary>Whether a node holds all that it gains under a version, or has gone beyond it.</summary>
    public bool HasConfirmed(NodeId node, int version, NValSet nVals) =>
        _standings.TryGetValue(node, out var standing)
        && (IndexOf(standing.Switched) >= version || (IndexOf(standing.Confirmed) >= version && standing.NVals.Covers(nVals)));

    /// <summary>Whether a node writes by a version, or a later one, alone.</summary>
    public bool HasSettled(NodeId node, int version) =>
        _standings.TryGetValue(node, out var standing) && IndexOf(standing.Settled) >= version;

    /// <summary>The version that a node was first no member of since it last was one; 0 for a member and for one that never was.</summary>
    public int LostAt(NodeId node, int version)
    {
        if (_versions[version].HasMember(node)) return 0;
        var lost = version;
        while (lost > 0 && !_versions[lost].HasMember(node)) lost--;
        return _versions[lost].HasMember(node) ? lost + 1 : 0;
    }

    /// <summary>Whether a node, no member since a version, has handed over all that it held.</summary>
    public bool HasDeparted(NodeId node, int lostAt) =>
        _standings.TryGetValue(node, out var standing) && IndexOf(standing.Departed) >= lostAt;

    /// <summary>Nodes that have left by a version, on their own feet, and still hold something.</summary>
    public ImmutableArray<NodeId> LeavingAt(int version)
    {
        if (version == 0) return [];
        var left = new SortedSet<NodeId>();
        for (var v = 1; v <= version; v++)
            foreach (var change in _steps[v - 1].Commit.Changes)
                if (change is MembershipChange.Leave { Node: var node } && !_versions[version].HasMember(node)) left.Add(node);
        return [.. left.Where(node => LostAt(node, version) is > 0 and var lost
            && !HasDeparted(node, lost) && !GoneWith(lost).Contains(node))];
    }

    /// <summary>Whether a node reads by a version or a later one.</summary>
    public bool HasSwitched(NodeId node, int version) =>
        _standings.TryGetValue(node, out var standing) && IndexOf(standing.Switched) >= version;

    /// <summary>The nodes that hold some partition under a version and did not under the one before it, but for those that are gone.</summary>
    public IEnumerable<NodeId> Gainers(int version, NValSet nVals)
    {
        var gainers = new SortedSet<NodeId>();
        var gone = GoneWith(version);
        foreach (var n in nVals.Values)
        {
            var transition = new RingTransition(_versions[version - 1].Ring, _versions[version].Ring, n);
            foreach (var member in _versions[version].Ring.Members)
                if (!gone.Contains(member.Node) && transition.Gains(member.Node).Count > 0) gainers.Add(member.Node);
        }

        return gainers;
    }
}
