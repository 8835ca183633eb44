namespace Dynamo.Core;

/// <summary>Chooses the way from the previous placement to the new one.</summary>
internal static class PlacementChange
{
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

        var steps = 8_000_000;
        Consider(PlacementAnneal.Improve(problem, shares, best, steps, score.KeepsAllButMovement ? 0.7 : 2.5));
        if (IsGood(problem, score, best)) return best;
        if (score.KeepsAllButMovement) return best;
        Consider(Return(problem, PlacementFill.Assign(problem, shares.Aim)));
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

    private static bool IsGood(PlacementProblem problem, PlacementAudit.Score score, int[] owners) =>
        score.KeepsAllButMovement && score.Spread == 0
        && (problem.Q <= 64
            ? score.Moved <= PlacementAudit.Growth(problem, owners)
            : score.Moved <= PlacementAudit.MostMoves(PlacementAudit.Growth(problem, owners)));

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

    /// <summary>Swaps owners of a fresh placement so that more partitions stay where they were.</summary>
    private static int[] Return(PlacementProblem problem, int[] owners)
    {
        var board = new PlacementBoard(problem, owners);
        return board.Owners;
    }
}
