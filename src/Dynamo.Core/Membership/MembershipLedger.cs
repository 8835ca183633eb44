using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Who must do what before a ring takes the place of the one before it; questions about a history and its standings.</summary>
internal sealed class MembershipLedger
{
    private readonly MembershipHistory _history;
    private readonly ImmutableSortedDictionary<NodeId, Standing> _standings;
    private readonly ImmutableArray<RingVersion> _versions;
    private readonly ImmutableArray<MembershipStep> _steps;

    public MembershipLedger(MembershipHistory history, ImmutableSortedDictionary<NodeId, Standing> standings)
    {
        _history = history;
        _standings = standings;
        var fold = history.Fold();
        _versions = fold.Versions;
        _steps = [.. fold.Steps.Where(static step => step.IsEffective)];
    }

    public ImmutableArray<RingVersion> Versions => _versions;

    /// <summary>A ring's place among the versions; 0 for the founding's and for one that is not among them.</summary>
    public int IndexOf(ulong digest)
    {
        for (var i = _versions.Length - 1; i > 0; i--)
            if (_versions[i].Digest == digest) return i;
        return 0;
    }

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
        var before = _versions[version - 1].Ring.Members.Select(static m => m.Node);
        return before.Union(_versions[version].Ring.Members.Select(static m => m.Node)).Where(node => !gone.Contains(node));
    }

    /// <summary>Whether a node holds the history up to the commit that made a version.</summary>
    public bool HasAcked(NodeId node, int version)
    {
        if (!_standings.TryGetValue(node, out var standing)) return false;
        var needed = Array.IndexOf([.. _history.Commits], _steps[version - 1].Commit) + 1;
        for (var commits = _history.Commits.Length; commits >= needed; commits--)
            if (_history.DigestOf(commits) == standing.Acked) return true;
        return false;
    }

    /// <summary>The first version after one of which a node is a member; there must be one.</summary>
    public int NextWith(NodeId node, int version)
    {
        do version++;
        while (_versions[version].Ring.IndexOf(node) < 0);
        return version;
    }

    /// <summary>Whether a node holds all that it gains under a version, or has gone beyond it.</summary>
    public bool HasConfirmed(NodeId node, int version) =>
        _standings.TryGetValue(node, out var standing)
        && Math.Max(IndexOf(standing.Confirmed), IndexOf(standing.Switched)) >= version;

    /// <summary>Whether a node reads by a version or a later one.</summary>
    public bool HasSwitched(NodeId node, int version) =>
        _standings.TryGetValue(node, out var standing) && IndexOf(standing.Switched) >= version;

    /// <summary>The nodes that hold some partition under a version and did not under the one before it, but for those that are gone.</summary>
    public IEnumerable<NodeId> Gainers(int version, IEnumerable<int> sizes)
    {
        var gainers = new SortedSet<NodeId>();
        var gone = GoneWith(version);
        foreach (var n in sizes)
        {
            var transition = new RingTransition(_versions[version - 1].Ring, _versions[version].Ring, n);
            foreach (var member in _versions[version].Ring.Members)
                if (!gone.Contains(member.Node) && transition.Gains(member.Node).Count > 0) gainers.Add(member.Node);
        }

        return gainers;
    }
}
