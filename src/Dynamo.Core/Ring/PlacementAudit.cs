using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Measures a placement against the four demands.</summary>
internal static class PlacementAudit
{
    /// <summary>What a placement costs, gravest first; the smaller is the better one.</summary>
    /// <param name="Clashes">Pairs of partitions within the reach of each other that one node owns.</param>
    /// <param name="ZonesLost">Zones that windows miss, where zones bind.</param>
    /// <param name="Shares">Partitions above and below the shares.</param>
    /// <param name="Excess">Moves above those allowed.</param>
    /// <param name="Spread">Zones that windows miss, where there are fewer than N.</param>
    /// <param name="Moved">Partitions that move.</param>
    public readonly record struct Score(int Clashes, int ZonesLost, int Shares, int Excess, int Spread, int Moved)
        : IComparable<Score>
    {
        public bool KeepsAllButMovement => Clashes == 0 && ZonesLost == 0 && Shares == 0;

        public int CompareTo(Score other) => (Clashes, ZonesLost, Shares, Excess, Spread, Moved).CompareTo(
            (other.Clashes, other.ZonesLost, other.Shares, other.Excess, other.Spread, other.Moved));
    }

    /// <summary>The score of complete owners against the ranges that distinctness leaves.</summary>
    public static Score Measure(PlacementProblem problem, PlacementShares shares, int[] owners)
    {
        var board = new PlacementBoard(problem, owners);
        int clashes = 0, lost = 0, off = 0;
        var wanted = Math.Min(problem.N, problem.ZoneCount);
        for (var p = 0; p < problem.Q; p++)
        {
            clashes += board.NodeClashes(p, owners[p]);
            if (wanted > 1 && problem.Reach > 0) lost += wanted - ZonesFrom(problem, owners, p, wanted);
        }

        for (var i = 0; i < problem.Nodes.Length; i++)
            off += Math.Max(0, Math.Max(shares.Floor[i] - board.Count(i), board.Count(i) - shares.Ceiling[i]));
        int moved = Moved(problem, owners), excess = Math.Max(0, moved - MostMoves(Growth(problem, owners)));
        return problem.ZonesBind
            ? new Score(clashes, lost, off, excess, 0, moved)
            : new Score(clashes, 0, off, excess, lost, moved);
    }

    /// <summary>Partitions whose owner differs from the previous one; none for a new cluster.</summary>
    public static int Moved(PlacementProblem problem, int[] owners)
    {
        var moved = 0;
        for (var p = 0; p < problem.Q && problem.HasPrevious; p++)
            if (owners[p] != problem.Previous[p]) moved++;
        return moved;
    }

    /// <summary>The sum of max(0, new share - old share): what any placement with these counts must move.</summary>
    public static int Growth(PlacementProblem problem, int[] owners)
    {
        if (!problem.HasPrevious) return 0;
        var grown = new int[problem.Nodes.Length];
        foreach (var node in owners) grown[node]++;
        return grown.Select((count, i) => Math.Max(0, count - problem.Before[i])).Sum();
    }

    /// <summary>The most moves a change may take: its growth and max(2, 5 %) more.</summary>
    public static int MostMoves(int growth) => growth + Math.Max(2, growth / 20);

    /// <summary>The zones that windows must miss: one partition shows its zone to no more than N of them.</summary>
    public static int LeastSpread(PlacementProblem problem, int[] owners)
    {
        if (problem.ZonesBind || problem.Reach == 0) return 0;
        var counts = new int[problem.ZoneCount];
        foreach (var node in owners) counts[problem.ZoneOf[node]]++;
        return counts.Sum(count => Math.Max(0, problem.Q - count * problem.N));
    }

    private static int ZonesFrom(PlacementProblem problem, int[] owners, int first, int wanted)
    {
        var distinct = 0;
        for (var i = 0; i < problem.N && distinct < wanted; i++)
        {
            var zone = problem.ZoneOf[owners[problem.Wrap(first + i)]];
            var seen = false;
            for (var j = 0; j < i && !seen; j++) seen = problem.ZoneOf[owners[problem.Wrap(first + j)]] == zone;
            if (!seen) distinct++;
        }

        return distinct;
    }

    /// <summary>Everything that gave way, gravest first.</summary>
    public static ImmutableArray<PlacementViolation> Violations(PlacementProblem problem, int[] owners)
    {
        var found = ImmutableArray.CreateBuilder<PlacementViolation>();
        AddNodes(problem, owners, found);
        AddZones(problem, owners, found);
        AddShares(problem, owners, found);
        int moved = Moved(problem, owners), growth = Growth(problem, owners), most = MostMoves(growth);
        if (moved > most)
            found.Add(new(PlacementDemand.Movement, default, most, moved, moved,
                $"{moved} partitions move where the growth of the shares explains {growth} and allows {most}."));
        return found.ToImmutable();
    }

    private static void AddNodes(
        PlacementProblem problem, int[] owners, ImmutableArray<PlacementViolation>.Builder found)
    {
        int n = problem.N, nodes = problem.Nodes.Length;
        if (nodes < n)
        {
            found.Add(new(PlacementDemand.DistinctNodes, default, n, nodes, problem.Q,
                $"Preference lists have {Nodes(nodes)} instead of {n}, because the ring has no more."));
            return;
        }

        // Windows over the wrap are left out: a preference list that skips a node it has already repairs them.
        int worst = n, count = 0;
        for (var first = 0; first + n <= problem.Q; first++)
        {
            var distinct = owners.Skip(first).Take(n).Distinct().Count();
            if (distinct == n) continue;
            worst = Math.Min(worst, distinct);
            count++;
        }

        if (count > 0)
            found.Add(new(PlacementDemand.DistinctNodes, default, n, worst, count,
                $"{count} runs of {n} partitions lie on only {Nodes(worst)} at worst."));
    }

    private static string Nodes(int count) => count == 1 ? "1 node" : $"{count} nodes";

    private static void AddZones(
        PlacementProblem problem, int[] owners, ImmutableArray<PlacementViolation>.Builder found)
    {
        int n = Math.Min(problem.N, problem.Nodes.Length), wanted = Math.Min(n, problem.ZoneCount);
        int worst = wanted, count = 0;
        var nodes = new int[n];
        for (var first = 0; first < problem.Q && wanted > 1; first++)
        {
            var zones = PreferenceZones(problem, owners, first, nodes);
            if (zones >= wanted) continue;
            worst = Math.Min(worst, zones);
            count++;
        }

        if (count > 0)
            found.Add(new(PlacementDemand.DistinctZones, default, wanted, worst, count,
                $"{count} of {problem.Q} preference lists stand in fewer than {wanted} zones, {worst} at worst."));
    }

    /// <summary>The zones of the first nodes clockwise from a partition, each node once.</summary>
    private static int PreferenceZones(PlacementProblem problem, int[] owners, int first, int[] nodes)
    {
        int have = 0, zones = 0;
        for (var i = 0; i < problem.Q && have < nodes.Length; i++)
        {
            var node = owners[problem.Wrap(first + i)];
            if (Array.IndexOf(nodes, node, 0, have) >= 0) continue;
            var isNew = true;
            for (var j = 0; j < have && isNew; j++) isNew = problem.ZoneOf[nodes[j]] != problem.ZoneOf[node];
            if (isNew) zones++;
            nodes[have++] = node;
        }

        return zones;
    }

    private static void AddShares(
        PlacementProblem problem, int[] owners, ImmutableArray<PlacementViolation>.Builder found)
    {
        var counts = new int[problem.Nodes.Length];
        foreach (var node in owners) counts[node]++;
        var shares = PlacementShares.Of(problem);
        for (var i = 0; i < counts.Length; i++)
        {
            var (node, floor, ceiling) = shares[i];
            if (counts[i] >= floor && counts[i] <= ceiling) continue;
            var range = floor == ceiling ? $"{floor}" : $"{floor} or {ceiling}";
            var nearest = counts[i] < floor ? floor : ceiling;
            found.Add(new(PlacementDemand.Shares, node, nearest, counts[i], Math.Abs(counts[i] - nearest),
                $"{node} owns {counts[i]} of {problem.Q} partitions instead of {range}, "
                + "so that preference lists have distinct nodes and zones."));
        }
    }
}
