using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>The changes an administrator has asked for and not committed yet, in the order he asked.</summary>
/// <remarks>
/// Nothing here has an effect: <see cref="MembershipPlan.Of"/> shows what committing would do, and clearing forgets.
/// Source: Riak's <c>riak-admin cluster join|leave|force-remove|replace|plan|commit|clear</c> (riak_core_claimant).
/// </remarks>
public sealed class StagedChanges
{
    /// <summary>The changes, in the order they were staged; at most one that names a node.</summary>
    public ImmutableArray<MembershipChange> Changes { get; private set; } = [];

    /// <summary>Stages a change; <paramref name="error"/> is one sentence when it refuses and returns false.</summary>
    /// <param name="change">The change.</param>
    /// <param name="history">The membership as this node knows it; what is staged already counts on top.</param>
    /// <param name="isReachable">Whether the node that is to be removed answers; asked for removals only.</param>
    /// <param name="force">Whether to remove it even so.</param>
    /// <param name="error">Why not; empty when it was staged.</param>
    public bool TryStage(
        MembershipChange change, MembershipHistory history, bool isReachable, bool force, out string error)
    {
        error = change.Check();
        if (error.Length == 0) error = CheckNames(change);
        if (error.Length == 0 && Changes.Length >= MembershipCommit.MaxChanges)
            error = $"{Changes.Length} changes are staged, as many as one commit may have; commit them first.";
        if (error.Length == 0)
        {
            var fold = history.Fold();
            var roll = new MembershipRoll(history.Founding, fold.Members, fold.Leavers);
            roll.Apply(Changes);
            error = roll.Apply(change);
        }

        // Judged last: force does not help a change that cannot be.
        if (error.Length == 0 && change is MembershipChange.Remove { Node: var node } && isReachable && !force)
            error = history.Fold().Leavers.Contains(node)
                ? $"{node} is reachable and hands over what it has: let it finish, or force its removal."
                : $"{node} is reachable: let it leave, so that it hands over what it has, or force its removal.";
        if (error.Length == 0) Changes = Changes.Add(change);
        return error.Length == 0;
    }

    /// <summary>Forgets every change.</summary>
    public void Clear() => Changes = [];

    private string CheckNames(MembershipChange change)
    {
        foreach (var name in change.Names)
            if (Changes.FirstOrDefault(staged => staged.Names.Contains(name)) is { } other)
                return $"A change of {name} is staged already: {other}.";
        return "";
    }
}
