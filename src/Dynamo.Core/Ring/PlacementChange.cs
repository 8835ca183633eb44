namespace Dynamo.Core;

/// <summary>Chooses the way from the previous placement to the new one: the gentlest that keeps the demands.</summary>
/// <remarks>A repair nearly always does; a tight ring is annealed; a ring that resists both is placed anew.</remarks>
internal static class PlacementChange
{
    // Runs that leave more partitions without an owner met a ring too tight for them; columns are exact.
    private const int MostGaps = 32;

    public static int[] Assign(PlacementProblem problem, PlacementShares shares)
    {
        var best = Repair(problem, shares, true);
        var score = PlacementAudit.Measure(problem, shares, best);
        if (IsGood(problem, score, best)) return best;
        if (!problem.ZonesBind && problem.ZoneCount > 1)
        {
            Consider(Repair(problem, shares, false));
            if (IsGood(problem, score, best)) return best;
        }

        // Gentle where only movement is to be won; ever hotter where owners are still in each other's way.
        var start = best;
        var steps = Math.Min(150_000, 20_000 + 1000 * problem.Q);
        foreach (var warm in new[] { 0.7, 2.0, 5 })
        {
            Consider(PlacementAnneal.Improve(problem, shares, start, steps, warm));
            if (IsGood(problem, score, best) || problem.Q > 64 && warm > 1 && score.KeepsAllButMovement) break;
        }

        if (IsGood(problem, score, best) || IsNearCut(problem, shares, score)) return best;
        Consider(Fresh(problem, shares));
        return best;

        void Consider(int[] owners)
        {
            var other = PlacementAudit.Measure(problem, shares, owners);
            if (other.CompareTo(score) >= 0) return;
            score = other;
            best = owners;
        }
    }

    private static int[] Repair(PlacementProblem problem, PlacementShares shares, bool spread)
    {
        var board = PlacementRepair.Run(problem, shares, spread);
        FillLeastBad(problem, shares, board);
        return board.Owners;
    }

    private static bool IsGood(PlacementProblem problem, PlacementAudit.Score score, int[] owners)
    {
        if (!score.KeepsAllButMovement || score.Excess > 0) return false;
        // On a small ring every single move is worth a search.
        if (problem.Q <= 64 && score.Moved > PlacementAudit.Growth(problem, owners)) return false;
        return score.Spread <= 2 + PlacementAudit.LeastSpread(problem, owners) * 5 / 4;
    }

    /// <summary>
    /// Where shares have given way already, the ring is not turned over for the last partitions of what is left.
    /// </summary>
    private static bool IsNearCut(PlacementProblem problem, PlacementShares shares, PlacementAudit.Score score) =>
        shares.AreCut && score.Clashes == 0 && score.ZonesLost == 0 && score.Shares <= Math.Max(2, problem.Q / 64);

    /// <summary>Gives what found no fitting owner to the one that does least harm.</summary>
    private static void FillLeastBad(PlacementProblem problem, PlacementShares shares, PlacementBoard board)
    {
        for (var p = 0; p < problem.Q; p++)
        {
            if (board[p] >= 0) continue;
            long least = long.MaxValue;
            var best = 0;
            for (var i = 0; i < problem.Nodes.Length; i++)
            {
                long cost = board.Count(i) < shares.Aim[i] ? 0 : 1;
                cost += 2L * board.ZoneLoss(p, i) + 64L * board.NodeClashes(p, i);
                if (cost >= least) continue;
                least = cost;
                best = i;
            }

            board.Put(p, best);
        }
    }

    /// <summary>A placement from nothing: in runs where a group is large, else in shuffled columns.</summary>
    public static int[] Fresh(PlacementProblem problem, PlacementShares shares)
    {
        var columns = PlacementFill.Shuffle(problem, PlacementFill.Assign(problem, shares.Aim), shares.Aim);
        if (!PlacementFill.HasDense(problem, shares.Aim)) return columns;
        var runs = PlacementRuns.Assign(problem, shares.Aim);
        if (runs.Count(node => node < 0) > MostGaps) return columns;
        runs = PlacementRepair.Finish(problem, shares, runs).Owners;
        if (Array.IndexOf(runs, PlacementProblem.Nobody) >= 0) return columns;
        runs = PlacementFill.Shuffle(problem, runs, shares.Aim);
        var better = PlacementAudit.Measure(problem, shares, runs)
            .CompareTo(PlacementAudit.Measure(problem, shares, columns));
        return better <= 0 ? runs : columns;
    }
}
