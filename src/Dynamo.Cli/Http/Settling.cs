using Dynamo.Cli.Commands;

namespace Dynamo.Cli.Http;

/// <summary>How far a node has come, by its own account; "silent" when it gives none.</summary>
/// <param name="Name">The node.</param>
/// <param name="Step">A word of <c>/admin/cluster</c>, or "silent".</param>
/// <param name="TransfersLeft">What it still copies or compares; null when it is silent.</param>
/// <param name="IsSettled">Whether no ring is coming there and nothing is left to copy.</param>
internal sealed record NodeAtStep(string Name, string Step, int? TransfersLeft, bool IsSettled)
{
    public override string ToString() => TransfersLeft is > 0 and var left
        ? $"{Name}: {Step}, {left} transfers left"
        : Step == "silent" ? $"{Name}: does not answer, and is waited for" : $"{Name}: {Step}";
}

/// <summary>Asks all nodes how far they have come with a change of the membership, and follows it until it is settled.</summary>
/// <param name="asked">The node at which it was committed; when it has settled, every node has switched.</param>
/// <param name="access">What the nodes ask for, and how they are known.</param>
internal sealed class Settling(NodeClient asked, NodeAccess? access)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    // A node that hangs must not hold the others' results.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    /// <summary>Completes when the asked node and every other one that answers has settled.</summary>
    /// <param name="look">Called with all nodes, in order of their names, whenever they were asked.</param>
    /// <param name="cancel">Ends the watching, not the change.</param>
    public async Task Run(Action<IReadOnlyList<NodeAtStep>> look, CancellationToken cancel)
    {
        while (true)
        {
            var cluster = await asked.Json<ClusterMembershipAnswer>(ClusterCommand.Path, cancel);
            var membership = ClusterStatusCommand.Membership(cluster);
            var standings = await Look(cluster.Self, membership, cancel);
            look(standings);
            if (membership.Next is null && standings.All(static at => at.Step != "leaving" && (at.IsSettled || at.Step == "silent"))
                && membership.Nodes.All(static row => row.Step != "leaving")) return;
            await Task.Delay(LookEvery, cancel);
        }
    }

    /// <summary>How far each node of the membership has come, by its own account, in the membership's order.</summary>
    /// <param name="self">The asked node.</param>
    /// <param name="membership">The membership as that node has just told it.</param>
    /// <param name="cancel">Ends the asking.</param>
    public Task<NodeAtStep[]> Look(string self, MembershipDocument membership, CancellationToken cancel) =>
        Task.WhenAll(membership.Nodes.Select(row => row.Name == self
            ? Task.FromResult(At(row.Name, membership))
            : row.Step == "gone" ? Task.FromResult(new NodeAtStep(row.Name, "gone", 0, true)) : Ask(row, cancel)));

    private async Task<NodeAtStep> Ask(StandingDocument row, CancellationToken cancel)
    {
        try
        {
            if (!Uri.TryCreate(row.Url, UriKind.Absolute, out var url)) return Silent(row.Name);
            using var node = new NodeClient(url, access, AnswerLimit);
            var answer = await node.Json<ClusterMembershipAnswer>(ClusterCommand.Path, cancel);
            return answer.Membership is { } membership ? At(row.Name, membership) : Silent(row.Name);
        }
        catch (CommandFailure)
        {
            return Silent(row.Name);
        }
    }

    private static NodeAtStep At(string name, MembershipDocument own)
    {
        var step = own.Nodes.FirstOrDefault(row => row.Name == name)?.Step ?? (own.Next is null ? "settled" : "unaware");
        return new NodeAtStep(name, step, own.TransfersLeft, own.Next is null && own.TransfersLeft == 0);
    }

    private static NodeAtStep Silent(string name) => new(name, "silent", null, false);
}
