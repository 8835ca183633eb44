using Dynamo.Core;

namespace Dynamo.Benchmarks;

/// <summary>Foundings and histories for the membership benchmarks.</summary>
internal static class MembershipSamples
{
    /// <summary>Who asked for every change here.</summary>
    public static readonly ChangeOrigin Origin = new(new NodeId("node1"), "a benchmark", new Instant(0));

    /// <summary>A cluster of equal nodes, evenly in so many zones.</summary>
    public static Founding Founding(int nodes, int q, int zones)
    {
        var members = Enumerable.Range(1, nodes)
            .Select(i => new RingMember(new NodeId($"node{i}"), 1, $"zone{i % zones}"));
        return Core.Founding.TryCreate("benchmark", q, 3, members, out var founding, out var error)
            ? founding
            : throw new InvalidOperationException(error);
    }

    /// <summary>A history with so many commits of one author more, each of one change of weight.</summary>
    public static MembershipHistory Commits(MembershipHistory history, NodeId author, int count)
    {
        for (var i = 0; i < count; i++) history = history.Add(Next(history, author));
        return history;
    }

    /// <summary>A commit that joins a node of weight 1.</summary>
    public static MembershipCommit Join(MembershipHistory history, NodeId node) =>
        Commit(history, Origin.Node, new MembershipChange.Join(new RingMember(node, 1, "zone0"), Origin));

    private static MembershipCommit Next(MembershipHistory history, NodeId author)
    {
        var at = history.Commits.Length;
        var node = history.Founding.Members[at % history.Founding.Members.Length].Node;
        return Commit(history, author, new MembershipChange.Weigh(node, 1 + (at / 5 + 1) % 3, Origin));
    }

    private static MembershipCommit Commit(MembershipHistory history, NodeId author, MembershipChange change) =>
        MembershipCommit.TryCreate(
            history.Lamport + 1, author, history.Digest, [change], out var commit, out var error)
            ? commit
            : throw new InvalidOperationException(error);
}
