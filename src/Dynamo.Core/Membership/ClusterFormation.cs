namespace Dynamo.Core;

/// <summary>Decides how a node that is in no island of the runtime's own cluster gets into one.</summary>
/// <remarks>
/// An island is a set of processes that the runtime's membership (Akka.Cluster) counts as one cluster. Requests do not
/// depend on it: it only speeds failure detection up and serves as first contact for clients. So nobody waits for it,
/// and no seed is special: whoever sees an island joins it, and where there is none the lowest name that is there
/// founds one.
/// </remarks>
public static class ClusterFormation
{
    /// <summary>
    /// How long a node waits for the others before it founds an island without them. Two islands cost each node of the smaller one a new
    /// process identity, and being without one costs next to nothing.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What to do.</summary>
    public enum Step
    {
        /// <summary>Nothing yet.</summary>
        Wait,

        /// <summary>Found an island.</summary>
        Found,

        /// <summary>Join the island of a peer.</summary>
        Join,
    }

    /// <summary>A peer, as far as it matters here.</summary>
    /// <param name="Node">Its name.</param>
    /// <param name="Reachable">Whether this node hears it.</param>
    /// <param name="Island">The island it says it is in; "" for none.</param>
    public readonly record struct Peer(NodeId Node, bool Reachable, string Island);

    /// <summary>What a node that is in no island does.</summary>
    /// <param name="self">The node.</param>
    /// <param name="peers">Every other member of the ring.</param>
    /// <param name="waited">How long the node has been listening.</param>
    /// <param name="isMember">Whether the ring that it knows has it as a member; who waits to join founds nothing, for the members' island is where it belongs.</param>
    /// <returns>The step, and for <see cref="Step.Join"/> the peer to turn to.</returns>
    public static (Step Step, NodeId Contact) Decide(NodeId self, IReadOnlyCollection<Peer> peers, TimeSpan waited, bool isMember)
    {
        var island = Largest(peers.Where(static p => p.Reachable).Select(static p => p.Island));
        if (island.Length > 0)
            return (Step.Join, peers.Where(p => p.Reachable && p.Island == island).Min(static p => p.Node));
        var isLowest = peers.All(p => !p.Reachable || self.CompareTo(p.Node) < 0);
        var mayBegin = waited >= Patience || peers.All(static p => p.Reachable);
        return (isMember && isLowest && mayBegin ? Step.Found : Step.Wait, default);
    }

    /// <summary>
    /// Whether a node leaves its island for a larger one that it has met; of each island the lowest name goes first.
    /// </summary>
    /// <remarks>
    /// Islands never merge by themselves: their nodes move one by one, each with a new process identity.
    /// </remarks>
    /// <param name="self">The node.</param>
    /// <param name="island">Its island.</param>
    /// <param name="peers">Every other member of the ring.</param>
    public static bool Yields(NodeId self, string island, IReadOnlyCollection<Peer> peers)
    {
        var reachable = peers.Where(static p => p.Reachable).ToList();
        var largest = Largest(reachable.Select(static p => p.Island).Append(island));
        return largest != island && reachable.All(p => p.Island != island || self.CompareTo(p.Node) < 0);
    }

    /// <summary>
    /// The island that goes on when several have met: the largest, the lowest name among equals; "" when there is none.
    /// </summary>
    /// <param name="islands">The island of each process known; "" for one that is in none.</param>
    public static string Largest(IEnumerable<string> islands) => islands
        .Where(static island => island.Length > 0)
        .GroupBy(static island => island, StringComparer.Ordinal)
        .OrderByDescending(static group => group.Count())
        .ThenBy(static group => group.Key, StringComparer.Ordinal)
        .Select(static group => group.Key)
        .FirstOrDefault("");
}
