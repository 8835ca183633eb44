using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>What a membership history amounts to: who is a member, and every version of the ring.</summary>
/// <remarks>
/// The founding is placed, then one commit after the other in the order of the history, each on the owners that the
/// one before left. So the same commits give the same ring on every node, in whatever order they arrived. Nothing that
/// was committed can make it fail: a change that makes no sense at its place is ignored. Who is a member is known at
/// once; a ring is placed when it is first asked for (<see cref="RingVersion"/>).
/// <code>
///   founding      commit 3 at a     commit 5 at a   commit 5 at b
///   version 0 --> version 1 ------> (no effect) --> version 2
/// </code>
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.8.1 and 6.2.
/// </remarks>
public sealed class MembershipFold
{
    // Made when first asked for; two threads that make it at once come to the same.
    private Dictionary<ulong, RingVersion>? _byDigest;

    private MembershipFold(RingVersion founded, ImmutableArray<MembershipStep> steps)
    {
        Founded = founded;
        Steps = steps;
    }

    /// <summary>
    /// Nodes that were to leave, and were neither removed nor taken in again since. Whether a leaving has come to its end does
    /// not follow from the history; until then such a node may be removed, as any that is dead.
    /// </summary>
    public IReadOnlyCollection<NodeId> Leavers => LeaversOf(Steps);

    /// <summary>What each commit did, in the order of the history.</summary>
    public ImmutableArray<MembershipStep> Steps { get; }

    /// <summary>The ring of the founding.</summary>
    public RingVersion Founded { get; }

    /// <summary>The ring after all commits.</summary>
    public RingVersion Current => Steps.IsEmpty ? Founded : Steps[^1].After;

    /// <summary>The members after all commits, sorted by name; never none.</summary>
    public ImmutableArray<RingMember> Members => Current.Members;

    /// <summary>
    /// Every version of the ring: the entry at i has the number i, the first is the founding's. Listed anew each time.
    /// </summary>
    public ImmutableArray<RingVersion> Versions =>
        [Founded, .. Steps.Where(static step => step.IsEffective).Select(static step => step.After)];

    /// <summary>Folds a history; what <paramref name="known"/> has folded of its first commits is taken over.</summary>
    internal static MembershipFold Of(MembershipHistory history, MembershipFold? known)
    {
        var founding = history.Founding;
        var founded = known?.Founded ?? new RingVersion(history.DigestOf(0), null, RingRecipe.Of(founding));
        var steps = ImmutableArray.CreateBuilder<MembershipStep>(history.Commits.Length);
        if (known is not null) steps.AddRange(known.Steps);
        var before = known?.Current ?? founded;
        var roll = new MembershipRoll(founding, before.Members, LeaversOf(steps));
        while (steps.Count < history.Commits.Length)
        {
            var at = steps.Count;
            var commit = history.Commits[at];
            var ignored = roll.Apply(commit.Changes);
            if (ignored.Length < commit.Changes.Length)
                before = new RingVersion(history.DigestOf(at + 1), before, roll.Recipe());
            steps.Add(new MembershipStep(commit, before, ignored, commit.PlannedOn == history.DigestOf(at)));
        }

        return new MembershipFold(founded, steps.MoveToImmutable());
    }

    /// <summary>The fold of the first commits alone.</summary>
    internal MembershipFold First(int commits) =>
        commits >= Steps.Length ? this : new MembershipFold(Founded, Steps[..commits]);

    /// <summary>The latest change with an effect by which a node came or went; null when there is none.</summary>
    public MembershipChange? LatestOf(NodeId node)
    {
        for (var i = Steps.Length - 1; i >= 0; i--)
            foreach (var change in Steps[i].Commit.Changes.Reverse())
                if (change is not MembershipChange.Weigh && change.Names.Contains(node) && HasEffect(Steps[i], change)) return change;
        return null;
    }

    /// <summary>Whether a node is a member by any ring that ever was or is to come.</summary>
    public bool Knows(NodeId node) => Founded.HasMember(node) || LatestOf(node) is not null;

    private static bool HasEffect(MembershipStep step, MembershipChange change) =>
        !step.Ignored.Any(ignored => ReferenceEquals(ignored.Change, change));

    private static SortedSet<NodeId> LeaversOf(IEnumerable<MembershipStep> steps)
    {
        var leavers = new SortedSet<NodeId>();
        foreach (var step in steps)
        {
            foreach (var change in step.Commit.Changes)
            {
                if (!HasEffect(step, change)) continue;
                if (change is MembershipChange.Leave leave) leavers.Add(leave.Node);
                else if (change is MembershipChange.Join or MembershipChange.Remove or MembershipChange.Replace)
                    leavers.ExceptWith(change.Names);
            }
        }

        return leavers;
    }

    /// <summary>The version of a digest; null when no version has it.</summary>
    internal RingVersion? Find(ulong digest)
    {
        var known = _byDigest;
        if (known is null)
        {
            known = [];
            foreach (var version in Versions) known[version.Digest] = version;
            _byDigest = known;
        }

        return known.GetValueOrDefault(digest);
    }
}
