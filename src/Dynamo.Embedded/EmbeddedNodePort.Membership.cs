using Dynamo.Core;
using Dynamo.Http;

namespace Dynamo.Embedded;

// The administration of the membership. Whatever is asked is asked of the machines in their own thread.
internal sealed partial class EmbeddedNodePort
{
    public Task<MembershipAnswer<MembershipStatus>> Membership() => Ask(static (node, _, _) => Answer(node));

    public Task<MembershipAnswer<MembershipStatus>> Stage(MembershipChange change, bool force) =>
        Ask((node, _, _) => node.Stage(change, force) is { Length: > 0 } refusal ? Refuse<MembershipStatus>(refusal) : Answer(node));

    public Task<MembershipAnswer<MembershipStatus>> ClearStaged() => Ask(static (node, _, _) =>
    {
        node.Staged.Clear();
        return Answer(node);
    });

    public Task<MembershipAnswer<MembershipPlan>> Plan() =>
        Ask(static (node, _, _) => new MembershipAnswer<MembershipPlan>(node.Plan()));

    /// <remarks>Nodes that join are started first: in this runtime nobody else could.</remarks>
    public async Task<MembershipAnswer<MembershipPlan>> Commit(ulong? basedOn)
    {
        var planned = await Plan();
        if (planned.Value is not { } plan) return planned;
        if (PlanMark.Check(plan, basedOn) is { Length: > 0 } stale) return Refuse<MembershipPlan>(stale);
        foreach (var row in plan.Nodes.Where(static row => row.State == PlannedState.Joining))
            if (await bringUp(row.Node) is { Length: > 0 } refusal) return Refuse<MembershipPlan>(refusal);
        return await Ask((node, now, effects) =>
        {
            // What was staged while a node was starting has not been looked at.
            var error = PlanMark.Check(node.Plan(), PlanMark.Of(plan));
            if (error.Length == 0) error = node.Commit(plan, now, effects);
            return error.Length > 0 ? Refuse<MembershipPlan>(error) : new MembershipAnswer<MembershipPlan>(plan);
        });
    }

    private static MembershipAnswer<MembershipStatus> Answer(DynamoNode node) => new(MembershipStatus.Of(
        node.Membership.History, node.Membership.State, node.Membership.Standings, node.TransfersLeft, node.Staged.Changes));

    private static MembershipAnswer<T> Refuse<T>(string sentence)
        where T : class => new(null, sentence);

    private async Task<MembershipAnswer<T>> Ask<T>(Func<DynamoNode, Instant, Effects, MembershipAnswer<T>> question)
        where T : class
    {
        try
        {
            if (_node is { } running) return await running.Change(question).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // It was killed before it could answer.
        }

        return new MembershipAnswer<T>(null, Down().Reason, IsReady: false);
    }
}
