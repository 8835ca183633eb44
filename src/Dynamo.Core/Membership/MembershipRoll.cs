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
    private ImmutableSortedDictionary<NodeId, RingMember> _members;
    private readonly SortedSet<NodeId> _leavers;

    // Since the last recipe.
    private ImmutableArray<(NodeId Old, NodeId New)> _replaced = [];
    private bool _sharesChanged;

    /// <summary>Members to begin with.</summary>
    /// <param name="founding">The cluster.</param>
    /// <param name="members">The members of a ring.</param>
    /// <param name="leavers">See <see cref="MembershipFold.Leavers"/>.</param>
    public MembershipRoll(Founding founding, IEnumerable<RingMember> members, IEnumerable<NodeId> leavers)
    {
        _founding = founding;
        _members = members.ToImmutableSortedDictionary(static m => m.Node, static m => m);
        _leavers = [.. leavers];
    }

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
                if (_members.Count >= _founding.PartitionCount)
                    return $"{_founding.PartitionCount} partitions are not enough for one member more, {member.Node}.";
                _members = _members.Add(member.Node, member);
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
                _members = _members.SetItem(node, weighed with { Weight = weight });
                _sharesChanged = true;
                return "";
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>How the ring of the present members comes out of the one before the changes since the last call.</summary>
    public RingRecipe Recipe()
    {
        var recipe = new RingRecipe(_founding, _members, _replaced, _sharesChanged);
        (_replaced, _sharesChanged) = ([], false);
        return recipe;
    }

    private string Drop(NodeId node, string verb)
    {
        if (!_members.ContainsKey(node)) return $"{node} is not a member, so it cannot {verb}.";
        if (_members.Count == 1) return $"{node} is the last member, so it cannot {verb}.";
        _members = _members.Remove(node);
        _sharesChanged = true;
        return "";
    }

    private string Replace(NodeId old, NodeId by)
    {
        if (!_members.TryGetValue(old, out var member)) return $"{old} is not a member, so it cannot be replaced.";
        if (_members.ContainsKey(by)) return $"{by} is a member already, so it cannot replace {old}.";
        _members = _members.Remove(old).Add(by, member with { Node = by });
        _replaced = _replaced.Add((old, by));
        _leavers.Remove(by);
        return "";
    }
}
