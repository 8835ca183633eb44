using System.Collections.Immutable;
using System.Diagnostics;

namespace Dynamo.Core;

/// <summary>The members while changes are applied to them one by one: the only judge of what a change may do.</summary>
/// <remarks>
/// Folding a history, staging a change and planning a commit all ask it, so what is planned is what will be.
/// </remarks>
internal sealed class MembershipRoll
{
    private readonly Founding _founding;
    private readonly SortedDictionary<NodeId, RingMember> _members = [];
    private readonly SortedSet<NodeId> _leavers;
    private readonly NodeId[] _owners;

    // Whether something changed that shares depend on; after replacements alone everybody keeps what he has.
    private bool _sharesChanged;

    /// <summary>The members of a ring.</summary>
    /// <param name="founding">The cluster.</param>
    /// <param name="ring">The ring.</param>
    /// <param name="leavers">See <see cref="MembershipFold.Leavers"/>.</param>
    public MembershipRoll(Founding founding, Ring ring, IEnumerable<NodeId> leavers)
    {
        _founding = founding;
        _leavers = [.. leavers];
        foreach (var member in ring.Members) _members.Add(member.Node, member);
        _owners = new NodeId[ring.PartitionCount];
        for (var p = 0; p < _owners.Length; p++) _owners[p] = ring.OwnerOf(new PartitionId(p));
    }

    /// <summary>The nodes that were to leave and were not removed since.</summary>
    public IReadOnlyCollection<NodeId> Leavers => _leavers;

    /// <summary>The N to spread for: placement spreads for no more than <see cref="Placement.MaxTargetN"/>.</summary>
    public static int SpreadOf(Founding founding) => Math.Min(founding.TargetNVal, Placement.MaxTargetN);

    /// <summary>Applies changes in their order; answers those that had no effect.</summary>
    public ImmutableArray<IgnoredChange> Apply(ImmutableArray<MembershipChange> changes)
    {
        var ignored = ImmutableArray.CreateBuilder<IgnoredChange>();
        foreach (var change in changes)
            if (Apply(change) is { Length: > 0 } why) ignored.Add(new IgnoredChange(change, why));
        return ignored.ToImmutable();
    }

    /// <summary>Applies a change, or answers in one sentence why it can have no effect; then nothing changed.</summary>
    public string Apply(MembershipChange change)
    {
        switch (change)
        {
            case MembershipChange.Join { Member: var member }:
                if (_members.ContainsKey(member.Node)) return $"{member.Node} is a member already.";
                if (_members.Count >= _owners.Length)
                    return $"{_owners.Length} partitions are not enough for one member more, {member.Node}.";
                _members.Add(member.Node, member);
                _leavers.Remove(member.Node);
                _sharesChanged = true;
                return "";
            case MembershipChange.Leave { Node: var node }:
                if (Drop(node, "leave") is { Length: > 0 } stays) return stays;
                _leavers.Add(node);
                return "";
            case MembershipChange.Remove { Node: var node }:
                // The ring stays as it is; what changes is that nothing more is asked of a node that dies while it leaves.
                return _leavers.Remove(node) ? "" : Drop(node, "be removed");
            case MembershipChange.Replace replace:
                return Replace(replace.Old, replace.New);
            case MembershipChange.Weigh { Node: var node, Weight: var weight }:
                if (!_members.TryGetValue(node, out var weighed))
                    return $"{node} is not a member, so it cannot get another weight.";
                if (weighed.Weight == weight) return $"{node} has the weight {weight} already.";
                _members[node] = weighed with { Weight = weight };
                _sharesChanged = true;
                return "";
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>The ring of the present members, on the owners that were there before, and what gave way.</summary>
    public (Ring Ring, ImmutableArray<PlacementViolation> Violations) Place()
    {
        RingMember[] members = [.. _members.Values];
        int q = _owners.Length, n = SpreadOf(_founding);
        if (_sharesChanged)
        {
            var placed = Placement.Assign(members, q, n, _owners);
            return (new Ring(members, placed.Owners), placed.Violations);
        }

        // Placement would leave such a ring alone as far as anybody has seen; here it is promised.
        var kept = new PlacementProblem(members, q, n, _owners);
        return (new Ring(members, [.. _owners]), PlacementAudit.Violations(kept, kept.Previous));
    }

    private string Drop(NodeId node, string verb)
    {
        if (!_members.ContainsKey(node)) return $"{node} is not a member, so it cannot {verb}.";
        if (_members.Count == 1) return $"{node} is the last member, so it cannot {verb}.";
        _members.Remove(node);
        _sharesChanged = true;
        return "";
    }

    private string Replace(NodeId old, NodeId by)
    {
        if (!_members.TryGetValue(old, out var member)) return $"{old} is not a member, so it cannot be replaced.";
        if (_members.ContainsKey(by)) return $"{by} is a member already, so it cannot replace {old}.";
        _members.Remove(old);
        _members.Add(by, member with { Node = by });
        _leavers.Remove(by);
        for (var p = 0; p < _owners.Length; p++)
            if (_owners[p] == old) _owners[p] = by;
        return "";
    }
}
