namespace Dynamo.Core;

/// <summary>Looks for a better placement by many small random changes, worse ones tolerated at first.</summary>
/// <remarks>
/// For rings so tight that no chain of single steps leads from the old placement to the new: a few more nodes than N,
/// or one with almost Q/N partitions. The random numbers are the same on every machine.
/// </remarks>
internal static class PlacementAnneal
{
    private const int ClashCost = 24, ZoneCost = 16, ShareCost = 16, MoveCost = 2;
    private const double Cold = 0.25;

    /// <summary>The cheapest placement met; <paramref name="owners"/> themselves when none was cheaper.</summary>
    /// <param name="problem">What there is to place.</param>
    /// <param name="shares">The ranges to keep.</param>
    /// <param name="owners">Where to start: every partition has an owner.</param>
    /// <param name="steps">How many changes to try.</param>
    /// <param name="warm">
    /// The first temperature: 2.5 takes an assignment apart, 0.7 only lets moved partitions find better places.
    /// </param>
    public static int[] Improve(PlacementProblem problem, PlacementShares shares, int[] owners, int steps, double warm)
    {
        var prng = new Prng(1);
        var board = new PlacementBoard(problem, owners);
        int energy = 0, least = 0;
        var best = (int[])owners.Clone();
        for (var step = 0; step < steps; step++)
        {
            var coldness = 1 / warm + (1 / Cold - 1 / warm) * step / steps;
            var p = prng.Below(problem.Q);
            int q = -1, a = board[p], b;
            switch (prng.Below(4))
            {
                case 0:
                    b = problem.Previous[p];
                    break;
                case 1:
                    b = prng.Below(problem.Nodes.Length);
                    break;
                case 2:
                    q = problem.Wrap(p + 1 + prng.Below(problem.Reach + 1));
                    b = board[q];
                    break;
                default:
                    q = prng.Below(problem.Q);
                    b = board[q];
                    break;
            }

            if (b < 0 || a == b) continue;
            var change = Change(problem, shares, board, p, b);
            if (q >= 0) change += Change(problem, shares, board, q, a);
            if (change <= 0 || prng.Chance(Shrink(change * coldness)))
            {
                energy += change;
                if (energy >= least) continue;
                least = energy;
                board.Owners.CopyTo(best, 0);
            }
            else
            {
                if (q >= 0) board.Put(q, b);
                board.Put(p, a);
            }
        }

        return best;
    }

    /// <summary>Close to e^-x for positive x, by operations that every machine rounds alike, unlike Math.Exp.</summary>
    private static double Shrink(double x) => 1 / (1 + x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5)))));

    private static int Change(PlacementProblem problem, PlacementShares shares, PlacementBoard board, int p, int node)
    {
        var before = Cost(problem, shares, board, p, board[p], node);
        var old = board[p];
        board.Put(p, node);
        return Cost(problem, shares, board, p, node, old) - before;
    }

    private static int Cost(
        PlacementProblem problem, PlacementShares shares, PlacementBoard board, int p, int own, int other)
    {
        var cost = ClashCost * board.NodeClashes(p, own) + ZoneCost * board.ZoneLoss(p, own);
        if (own != problem.Previous[p]) cost += MoveCost;
        return cost + ShareCost * (Off(shares, board, own) + Off(shares, board, other));
    }

    private static int Off(PlacementShares shares, PlacementBoard board, int node) =>
        Math.Max(0, Math.Max(shares.Floor[node] - board.Count(node), board.Count(node) - shares.Ceiling[node]));
}
