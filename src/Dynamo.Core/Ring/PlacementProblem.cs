namespace Dynamo.Core;

/// <summary>What there is to place, with nodes and zones as small numbers in the order of their names.</summary>
/// <remarks>Everything that decides reads only these numbers, so the order of the members is lost here.</remarks>
internal sealed class PlacementProblem
{
    /// <summary>The owner of a partition that nobody owns: its node left, or it is to be placed anew.</summary>
    public const int Nobody = -1;

    public PlacementProblem(IReadOnlyList<RingMember> members, int q, int targetN, ReadOnlySpan<NodeId> previous)
    {
        var sorted = members.ToArray();
        Array.Sort(sorted, (a, b) => a.Node.CompareTo(b.Node));
        Q = q;
        N = Math.Min(targetN, q);
        Nodes = Array.ConvertAll(sorted, m => m.Node);
        Weights = Array.ConvertAll(sorted, m => m.Weight);
        var zones = sorted.Select(m => m.Zone).Distinct().ToArray();
        Array.Sort(zones, string.CompareOrdinal);
        ZoneCount = zones.Length;
        ZoneOf = Array.ConvertAll(sorted, m => Array.BinarySearch(zones, m.Zone, StringComparer.Ordinal));
        HasPrevious = !previous.IsEmpty;
        Previous = new int[q];
        Before = new int[Nodes.Length];
        Array.Fill(Previous, Nobody);
        for (var p = 0; p < previous.Length; p++)
        {
            var node = Array.BinarySearch(Nodes, previous[p]);
            if (node < 0) continue;
            Previous[p] = node;
            Before[node]++;
        }
    }

    /// <summary>The number of partitions.</summary>
    public int Q { get; }

    /// <summary>The length of a preference list; never above Q.</summary>
    public int N { get; }

    /// <summary>The nodes by name; everything else speaks of their indices here.</summary>
    public NodeId[] Nodes { get; }

    public int[] Weights { get; }

    /// <summary>The zone of each node, 0..ZoneCount-1.</summary>
    public int[] ZoneOf { get; }

    public int ZoneCount { get; }

    public bool HasPrevious { get; }

    /// <summary>The owner of each partition before, or <see cref="Nobody"/>.</summary>
    public int[] Previous { get; }

    /// <summary>How many partitions each node owned before.</summary>
    public int[] Before { get; }

    /// <summary>
    /// Partitions up to this far apart must have distinct owners. With fewer nodes than N there is nothing to demand:
    /// a preference list then holds every node whatever the order.
    /// </summary>
    public int Reach => Nodes.Length < N ? 0 : N - 1;

    /// <summary>Whether zones bind as nodes do; fewer zones than N are only spread as far as shares allow.</summary>
    public bool ZonesBind => Reach > 0 && ZoneCount >= N;

    /// <summary>Whether the demands leave a single pattern: the same N nodes or zones over and over.</summary>
    public bool IsCycle => Reach > 0 && (Nodes.Length == N || ZoneCount == N);

    /// <summary>How many groups may not meet within the reach: zones where they bind, else nodes.</summary>
    public int GroupCount => ZonesBind ? ZoneCount : Nodes.Length;

    /// <summary>The group of a node.</summary>
    public int GroupOf(int node) => ZonesBind ? ZoneOf[node] : node;

    /// <summary>
    /// The most partitions one group can own at distance N from each other: Q/N, more only where Q is so small that
    /// the groups could not fill the ring with that.
    /// </summary>
    public int Cap => Reach == 0 ? Q : Math.Max(Q / N, (Q + GroupCount - 1) / GroupCount);

    /// <summary>The index of the partition <paramref name="p"/> stands for, -Q &lt; p &lt; 2Q, on the circle.</summary>
    public int Wrap(int p) => p < 0 ? p + Q : p >= Q ? p - Q : p;
}
