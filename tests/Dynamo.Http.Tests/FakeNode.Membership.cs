using Dynamo.Core;

namespace Dynamo.Http.Tests;

// A genuine history and genuine staging; what is committed stays the ring that is coming, since there is nobody else.
internal sealed partial class FakeNode
{
    private readonly StagedChanges _staged = new();

    /// <summary>Everything ever committed.</summary>
    public MembershipHistory History { get; set; }

    /// <summary>Nodes that answer, and so are not removed without force.</summary>
    public SortedSet<NodeId> Reachable { get; } = [new("node1"), new("node3")];

    /// <summary>What it says instead of anything about the membership; "" while it is up.</summary>
    public string MembershipTrouble { get; set; } = "";

    /// <summary>How far the nodes have come.</summary>
    public List<Standing> Standings { get; } = [];

    public Task<MembershipAnswer<MembershipStatus>> Membership() => Answer(Look);

    public Task<MembershipAnswer<MembershipStatus>> Stage(MembershipChange change, bool force) => Answer(() =>
    {
        var reachable = change is MembershipChange.Remove { Node: var node } && Reachable.Contains(node);
        return _staged.TryStage(change, History, reachable, force, out var error)
            ? Look()
            : new MembershipAnswer<MembershipStatus>(null, error);
    });

    public Task<MembershipAnswer<MembershipStatus>> ClearStaged() => Answer(() =>
    {
        _staged.Clear();
        return Look();
    });

    public Task<MembershipAnswer<MembershipPlan>> Plan() =>
        Answer(() => new MembershipAnswer<MembershipPlan>(MembershipPlan.Of(
            History, _staged, static p => new PartitionSize(p.Index == 0 ? 0 : 3, p.Index == 0 ? 0 : 100))));

    public Task<MembershipAnswer<MembershipPlan>> Commit(ulong? basedOn) => Answer(() =>
    {
        var plan = MembershipPlan.Of(History, _staged, static _ => null);
        var error = PlanMark.Check(plan, basedOn);
        if (error.Length == 0 && plan.TryCommit(History, History.Lamport + 1, Self, out var commit, out error))
        {
            History = History.Add(commit);
            _staged.Clear();
        }

        return error.Length > 0
            ? new MembershipAnswer<MembershipPlan>(null, error)
            : new MembershipAnswer<MembershipPlan>(plan);
    });

    private MembershipAnswer<MembershipStatus> Look()
    {
        var versions = History.Fold().Versions;
        var rings = new RingState(versions[0], versions.Length > 1 ? versions[1] : null, false, Standings.Count > 0, [], [], false, 0, NValSet.Of(3));
        return new(MembershipStatus.Of(History, rings, Standings, 7, _staged.Changes));
    }

    private Task<MembershipAnswer<T>> Answer<T>(Func<MembershipAnswer<T>> answer)
        where T : class => Task.FromResult(
            MembershipTrouble.Length > 0 ? new MembershipAnswer<T>(null, MembershipTrouble, IsReady: false) : answer());
}
