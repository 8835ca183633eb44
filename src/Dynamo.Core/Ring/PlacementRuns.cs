namespace Dynamo.Core;

/// <summary>A placement from nothing that later changes can be made to cheaply.</summary>
/// <remarks>
/// The ring is read in rows of N columns. A group (a node, or a zone where zones bind) stays in its column for a run of
/// rows, and the runs of different columns end at different rows:
/// <code>
///   a b c   a b c   a d c   e d c   e d c   e d b ...
/// </code>
/// Inside a run the neighbours on both sides are the same N-1 groups, so if c leaves, all but those can take its
/// partitions; were all neighbours different, hardly anybody could, and others would have to make room.
/// </remarks>
internal static class PlacementRuns
{
    // So many runs meet most combinations of neighbours, and so each other node can inherit from each.
    private const int RunsPerGroup = 8;

    /// <summary>The rows for which a group with <paramref name="count"/> partitions stays in its column.</summary>
    public static int Length(PlacementProblem problem, int count) =>
        count * 4L > problem.Cap * 3L ? count : Math.Max(2, count / RunsPerGroup);

    /// <summary>Owners of whom none is in another's way; nobody owns what found no owner.</summary>
    public static int[] Assign(PlacementProblem problem, int[] aim)
    {
        var groups = Groups(problem, aim);
        if (!problem.ZonesBind) return groups;

        // Within a zone the nodes are dealt from a shuffled deck, so that neighbours differ from row to row.
        var decks = new List<int>[problem.ZoneCount];
        for (var z = 0; z < decks.Length; z++) decks[z] = [];
        for (var i = 0; i < aim.Length; i++) decks[problem.ZoneOf[i]].AddRange(Enumerable.Repeat(i, aim[i]));
        var prng = new Prng((ulong)problem.Q);
        for (var p = 0; p < problem.Q; p++)
        {
            if (groups[p] < 0) continue;
            var deck = decks[groups[p]];
            var card = prng.Below(deck.Count);
            groups[p] = deck[card];
            deck[card] = deck[^1];
            deck.RemoveAt(deck.Count - 1);
        }

        return groups;
    }

    private static int[] Groups(PlacementProblem problem, int[] aim)
    {
        var total = new int[problem.GroupCount];
        for (var i = 0; i < aim.Length; i++) total[problem.GroupOf(i)] += aim[i];
        var used = new int[total.Length];
        var at = new int[problem.Q];
        Array.Fill(at, PlacementProblem.Nobody);
        var run = new int[problem.N];
        var prng = new Prng((ulong)problem.Q);
        for (var p = 0; p < problem.Q; p++)
        {
            var column = p % problem.N;
            var group = p >= problem.N ? at[p - problem.N] : PlacementProblem.Nobody;
            if (group < 0 || run[column] == 0 || used[group] == total[group] || !Free(problem, at, p, group))
            {
                group = Choose(problem, at, p, total, used, prng);
                if (group < 0) continue;
                run[column] = Length(problem, total[group]);
            }

            at[p] = group;
            used[group]++;
            run[column]--;
        }

        return at;
    }

    private static bool Free(PlacementProblem problem, int[] at, int p, int group)
    {
        for (var d = 1; d <= problem.Reach; d++)
            if (at[problem.Wrap(p - d)] == group || at[problem.Wrap(p + d)] == group) return false;
        return true;
    }

    /// <summary>The group most runs behind its share; zones that do not bind are kept apart if possible.</summary>
    private static int Choose(PlacementProblem problem, int[] at, int p, int[] total, int[] used, Prng prng)
    {
        var best = PlacementProblem.Nobody;
        var most = double.MinValue;
        for (var group = 0; group < total.Length; group++)
        {
            if (used[group] == total[group] || !Free(problem, at, p, group)) continue;
            var behind = (double)total[group] * p / problem.Q - used[group];
            var score = behind / Length(problem, total[group]) + prng.Below(1024) / 1024.0;
            if (!problem.ZonesBind && problem.ZoneCount > 1 && IsNewZone(problem, at, p, group)) score += 3;
            if (score <= most) continue;
            most = score;
            best = group;
        }

        return best;
    }

    private static bool IsNewZone(PlacementProblem problem, int[] at, int p, int node)
    {
        for (var d = 1; d <= problem.Reach; d++)
        {
            var other = at[problem.Wrap(p - d)];
            if (other >= 0 && problem.ZoneOf[other] == problem.ZoneOf[node]) return false;
        }

        return true;
    }
}
