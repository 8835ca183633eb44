using System.Numerics;

namespace Dynamo.Core;

/// <summary>The placement for exactly N nodes, or exactly N zones: the same N groups over and over.</summary>
/// <remarks>
/// Group g owns class c, the partitions with p mod N = c. Q is a power of two, so for most N the last row is cut short
/// and the ring meets itself at the wrap. There the last row repeats the very owners of the first:
/// <code>
///   Q = 8, N = 3:   a b c | d e f | a b |(a b c ...)
/// </code>
/// so a preference list that skips a node it already has finds N distinct groups across the wrap too.
/// </remarks>
internal static class PlacementCycle
{
    public static int[] Assign(PlacementProblem problem)
    {
        var groups = new int[problem.N][];
        for (var g = 0; g < problem.N; g++) groups[g] = Members(problem, g);
        var sizes = new int[problem.N];
        for (var c = 0; c < problem.N; c++) sizes[c] = (problem.Q - c + problem.N - 1) / problem.N;
        var groupOf = Match(problem, groups, sizes);
        var owners = new int[problem.Q];
        for (var c = 0; c < problem.N; c++) FillClass(problem, owners, c, groups[groupOf[c]], sizes[c]);
        return owners;
    }

    private static int[] Members(PlacementProblem problem, int group) => problem.Nodes.Length == problem.N
        ? [group]
        : [.. Enumerable.Range(0, problem.Nodes.Length).Where(i => problem.ZoneOf[i] == group)];

    /// <summary>The group of each class, so that most owners stay and, among equals, most shares are met.</summary>
    private static int[] Match(PlacementProblem problem, int[][] groups, int[] sizes)
    {
        var n = problem.N;
        var total = problem.Weights.Sum(w => (long)w);
        var worth = new long[n, n];
        for (var c = 0; c < n; c++)
        {
            var held = new int[problem.Nodes.Length];
            for (var p = c; p < problem.Q; p += n)
                if (problem.Previous[p] >= 0) held[problem.Previous[p]]++;
            for (var g = 0; g < n; g++)
            {
                var shares = PlacementShares.OfZone(problem, groups[g], sizes[c]);
                var weight = groups[g].Sum(i => (long)problem.Weights[i]);
                var stay = groups[g].Sum(i => (long)Math.Min(held[i], shares.Aim[i]));
                var fair = Math.Abs(problem.Q * weight - sizes[c] * total) < total ? groups[g].Length : 0;
                // Trading whole classes for one partition of share would move a third of the ring.
                worth[c, g] = stay * (problem.Nodes.Length + 1L) + fair;
            }
        }

        // best[set] is the most that the first |set| classes are worth when they take exactly the groups of the set.
        var best = new long[1 << n];
        var choice = new int[1 << n];
        for (var set = 1; set < best.Length; set++)
        {
            best[set] = long.MinValue;
            var c = BitOperations.PopCount((uint)set) - 1;
            for (var g = 0; g < n; g++)
            {
                if ((set & (1 << g)) == 0) continue;
                var value = best[set & ~(1 << g)] + worth[c, g];
                if (value <= best[set]) continue;
                best[set] = value;
                choice[set] = g;
            }
        }

        var result = new int[n];
        for (int c = n - 1, set = best.Length - 1; c >= 0; c--)
        {
            result[c] = choice[set];
            set &= ~(1 << choice[set]);
        }

        return result;
    }

    private static void FillClass(PlacementProblem problem, int[] owners, int c, int[] nodes, int size)
    {
        var left = PlacementShares.OfZone(problem, nodes, size).Aim;
        var placed = new bool[size];
        int At(int row) => c + row * problem.N;
        void Put(int row, int node)
        {
            owners[At(row)] = node;
            placed[row] = true;
            left[node]--;
        }

        if (c < problem.Q % problem.N)
        {
            var seam = SeamOwner(problem, nodes, left, At(0), At(size - 1));
            Put(0, seam);
            Put(size - 1, seam);
        }

        for (var row = 0; row < size; row++)
        {
            var before = problem.Previous[At(row)];
            if (!placed[row] && before >= 0 && Array.IndexOf(nodes, before) >= 0 && left[before] > 0) Put(row, before);
        }

        // Dealt in a shuffled order, so that a node's neighbours differ and its work spreads over many when it is away.
        var deck = nodes.SelectMany(i => Enumerable.Repeat(i, Math.Max(0, left[i]))).ToArray();
        var prng = new Prng((ulong)(c + 1));
        for (var i = deck.Length - 1; i > 0; i--)
        {
            var j = prng.Below(i + 1);
            (deck[i], deck[j]) = (deck[j], deck[i]);
        }

        for (int row = 0, card = 0; row < size; row++)
            if (!placed[row]) Put(row, deck[card++]);
    }

    /// <summary>The owner of both ends of a class at the wrap; it takes one from another where all own one.</summary>
    private static int SeamOwner(PlacementProblem problem, int[] nodes, int[] left, int first, int last)
    {
        int Worth(int i) => (left[i] >= 2 ? 4 : 0) + (problem.Previous[first] == i ? 1 : 0)
            + (problem.Previous[last] == i ? 1 : 0);
        var owner = nodes.MaxBy(Worth);
        while (left[owner] < 2)
        {
            var giver = nodes.Where(i => i != owner).MaxBy(i => left[i]);
            left[giver]--;
            left[owner]++;
        }

        return owner;
    }
}
