using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>What committing the staged changes would do, for an administrator to look at before he does.</summary>
/// <remarks>
/// It is computed by the same rules as the ring after the commit, so nothing else will happen, unless another
/// administrator commits at the same time where this node cannot know of it.
/// Source: Riak's <c>riak-admin cluster plan</c>. The paper (section 4.8.1) has a change take effect when it is issued.
/// </remarks>
public sealed class MembershipPlan
{
    private MembershipPlan(ulong basedOn, RingVersion before, RingTransition transition)
    {
        BasedOn = basedOn;
        Before = before;
        Transition = transition;
    }

    /// <summary>The digest of the history it was made on; it can be committed on no other.</summary>
    public ulong BasedOn { get; }

    /// <summary>The ring it changes.</summary>
    public RingVersion Before { get; }

    /// <summary>The two rings, and who holds what under each, for target_n_val.</summary>
    public RingTransition Transition { get; }

    /// <summary>The changes that would have an effect: all that a commit carries.</summary>
    public ImmutableArray<MembershipChange> Changes { get; private init; }

    /// <summary>Staged changes that make no sense any more, since the history went on after they were staged.</summary>
    public ImmutableArray<IgnoredChange> Ignored { get; private init; }

    /// <summary>Every node of the ring before and after, sorted by name.</summary>
    public ImmutableArray<PlannedNode> Nodes { get; private init; }

    /// <summary>The partitions that get another owner, in ring order.</summary>
    public ImmutableArray<OwnerMove> OwnerMoves { get; private init; }

    /// <summary>Every replica that has to be copied, in ring order.</summary>
    public ImmutableArray<ReplicaMove> ReplicaMoves { get; private init; }

    /// <summary>How much is to be copied in all, as estimated; null when one of the estimates is unknown.</summary>
    public PartitionSize? ToMove { get; private init; }

    /// <summary>What gives way in the placement after the change, gravest first.</summary>
    public ImmutableArray<PlacementViolation> Violations { get; private init; }

    /// <summary>What the administrator should think about first, a sentence each.</summary>
    public ImmutableArray<string> Warnings { get; private init; }

    /// <summary>The plan of what is staged.</summary>
    /// <param name="history">The membership as this node knows it.</param>
    /// <param name="staged">What is staged; a plan of nothing changes nothing.</param>
    /// <param name="sizeOf">Roughly how much one replica of a partition has; null when unknown.</param>
    /// <param name="isReachable">Whether a node answers; asked of those that are removed as dead. Nobody does when it is null.</param>
    public static MembershipPlan Of(
        MembershipHistory history, StagedChanges staged, Func<PartitionId, PartitionSize?> sizeOf,
        Func<NodeId, bool>? isReachable = null)
    {
        var founding = history.Founding;
        var fold = history.Fold();
        var before = fold.Current;
        var roll = new MembershipRoll(founding, before.Members, fold.Leavers);
        var ignored = roll.Apply(staged.Changes);
        var changes = staged.Changes.RemoveAll(change => ignored.Any(i => ReferenceEquals(i.Change, change)));
        var (ring, violations) = changes.IsEmpty
            ? new PlacedRing(before.Ring, before.Violations)
            : roll.Recipe().Place(before.Ring);
        var transition = new RingTransition(before.Ring, ring, founding.TargetNVal);
        var nodes = PlanTable.Nodes(before.Ring, ring, changes);
        var replicas = PlanTable.ReplicaMoves(transition, nodes, sizeOf);
        return new MembershipPlan(history.Digest, before, transition)
        {
            Changes = changes,
            Ignored = ignored,
            Nodes = nodes,
            OwnerMoves = PlanTable.OwnerMoves(before.Ring, ring),
            ReplicaMoves = replicas,
            ToMove = ReplicaMove.SizeOf(replicas),
            Violations = violations,
            Warnings = PlanTable.Warnings(transition, nodes, replicas, changes, ignored, isReachable ?? (static _ => false)),
        };
    }

    /// <summary>Makes the commit, or refuses: <paramref name="error"/> is one sentence when it returns false.</summary>
    /// <param name="history">The membership as this node knows it now; it must still be the one planned on.</param>
    /// <param name="lamport">A Lamport time above every commit of the history.</param>
    /// <param name="author">The node at which it is committed.</param>
    /// <param name="commit">The commit; <see cref="MembershipHistory.Add"/> puts it into the history.</param>
    /// <param name="error">Why not; empty when it was made.</param>
    public bool TryCommit(
        MembershipHistory history, ulong lamport, NodeId author, out MembershipCommit commit, out string error)
    {
        commit = null!;
        error = "";
        if (BasedOn != history.Digest)
            error = "The membership has changed since this plan was made; look at a new plan before committing.";
        else if (Changes.IsEmpty)
            error = Ignored.IsEmpty
                ? "Nothing is staged."
                : "None of the staged changes would have an effect any more.";
        else if (lamport <= history.Lamport)
            error = $"The Lamport time {lamport} is not above {history.Lamport}, the highest in the history.";
        // Only what the plan showed to have an effect: in another order the rest might suddenly have one.
        return error.Length == 0
            && MembershipCommit.TryCreate(lamport, author, BasedOn, Changes, out commit, out error);
    }
}
