using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>How many partitions a node should own.</summary>
/// <param name="Node">The node.</param>
/// <param name="Floor">The weighted share Q * w / sum(w), rounded down.</param>
/// <param name="Ceiling">The share rounded up; equal to the floor when the share is whole.</param>
public readonly record struct PlacementShare(NodeId Node, int Floor, int Ceiling);

/// <summary>The range and the aim of every node's count, after distinctness has cut what it forbids.</summary>
/// <remarks>
/// No node (no zone, where zones bind) can own more than Q/N partitions, or two of them would meet within N consecutive
/// ones. What is cut from the heavy goes to the others by weight, which may cut the next.
/// </remarks>
internal sealed class PlacementShares
{
    private readonly long[] _numerator;
    private readonly long[] _denominator;

    private PlacementShares(int nodes)
    {
        _numerator = new long[nodes];
        _denominator = new long[nodes];
        Floor = new int[nodes];
        Ceiling = new int[nodes];
        Aim = new int[nodes];
    }

    public int[] Floor { get; }

    public int[] Ceiling { get; }

    /// <summary>Floor or ceiling, summing to Q, chosen so that few partitions have to move.</summary>
    public int[] Aim { get; }

    /// <summary>Whether distinctness cut any share, so that nobody owns what the weights alone would give.</summary>
    public bool AreCut { get; private set; }

    /// <summary>The shares of the weights alone.</summary>
    public static ImmutableArray<PlacementShare> Of(PlacementProblem problem)
    {
        long total = problem.Weights.Sum();
        return [.. problem.Nodes.Select((node, i) =>
        {
            var share = (long)problem.Q * problem.Weights[i];
            return new PlacementShare(node, (int)(share / total), (int)((share + total - 1) / total));
        })];
    }

    /// <summary>The shares that distinctness leaves.</summary>
    public static PlacementShares Capped(PlacementProblem problem)
    {
        // A share that exceeds the cap by less than one partition is still kept by its floor, if the others can take
        // what is missing with their ceilings.
        var shares = new PlacementShares(problem.Nodes.Length);
        if (shares.Cut(problem, problem.Cap + 1)) return shares;
        shares = new PlacementShares(problem.Nodes.Length) { AreCut = true };
        shares.Cut(problem, problem.Cap);
        return shares;
    }

    private bool Cut(PlacementProblem problem, int limit)
    {
        var weights = new long[problem.GroupCount];
        for (var i = 0; i < problem.Nodes.Length; i++) weights[problem.GroupOf(i)] += problem.Weights[i];
        var cut = new bool[weights.Length];
        long restQ = problem.Q, restWeight = weights.Sum();
        for (var again = true; again;)
        {
            again = false;
            for (var g = 0; g < weights.Length; g++)
            {
                var within = limit > problem.Cap ? restQ * weights[g] < limit * restWeight
                    : restQ * weights[g] <= limit * restWeight;
                if (cut[g] || within) continue;
                cut[g] = again = AreCut = true;
                restQ -= problem.Cap;
                restWeight -= weights[g];
            }
        }

        for (var i = 0; i < problem.Nodes.Length; i++)
        {
            var g = problem.GroupOf(i);
            _numerator[i] = problem.Weights[i] * (cut[g] ? problem.Cap : restQ);
            _denominator[i] = cut[g] ? weights[g] : restWeight;
        }

        return Round(problem, [.. Enumerable.Range(0, problem.Nodes.Length)], problem.Q) == 0;
    }

    /// <summary>
    /// The shares when each zone's count is given: floor or ceiling of the plain weighted share where they add up to
    /// the zone's count, else of the zone's count divided by weight.
    /// </summary>
    public static PlacementShares OfZone(PlacementProblem problem, int[] nodes, int count)
    {
        var shares = new PlacementShares(problem.Nodes.Length);
        long total = problem.Weights.Sum(), zone = nodes.Sum(i => (long)problem.Weights[i]);
        var plain = Math.Abs(problem.Q * zone - count * total) < total;
        foreach (var i in nodes)
        {
            shares._numerator[i] = (plain ? problem.Q : count) * (long)problem.Weights[i];
            shares._denominator[i] = plain ? total : zone;
        }

        shares.Round(problem, nodes, count);
        return shares;
    }

    /// <summary>Answers how many partitions found no taker, 0 unless floors and caps leave too little room.</summary>
    private int Round(PlacementProblem problem, int[] nodes, int sum)
    {
        var before = problem.Before;
        var capped = problem.Reach > 0 && !problem.IsCycle;
        var groups = new int[problem.GroupCount];
        foreach (var i in nodes)
        {
            Floor[i] = Aim[i] = (int)(_numerator[i] / _denominator[i]);
            Ceiling[i] = Floor[i] + (_numerator[i] % _denominator[i] > 0 ? 1 : 0);
            if (capped && !problem.ZonesBind) Ceiling[i] = Math.Min(Ceiling[i], Math.Max(Floor[i], problem.Cap));
            groups[problem.GroupOf(i)] += Floor[i];
            sum -= Floor[i];
        }

        // Who owned the ceiling already keeps it for free; after them the largest remainder, then the name.
        var order = nodes.Where(i => Ceiling[i] > Floor[i]).ToArray();
        Array.Sort(order, (a, b) =>
        {
            var keeps = (before[b] >= Ceiling[b]).CompareTo(before[a] >= Ceiling[a]);
            if (keeps != 0) return keeps;
            var remainder = (_numerator[b] % _denominator[b] * _denominator[a])
                .CompareTo(_numerator[a] % _denominator[a] * _denominator[b]);
            return remainder != 0 ? remainder : a.CompareTo(b);
        });
        foreach (var i in order)
        {
            if (sum == 0) break;
            if (capped && groups[problem.GroupOf(i)] >= problem.Cap) continue;
            Aim[i]++;
            groups[problem.GroupOf(i)]++;
            sum--;
        }

        return sum;
    }
}
