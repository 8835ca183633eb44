namespace Dynamo.Core;

/// <summary>A placement from nothing: exact shares and, wherever possible at all, distinct nodes and zones.</summary>
/// <remarks>
/// The ring is cut into as many rows as one group may own partitions, each at least N long, and filled column by
/// column, group after group. A group that fills less than a column and runs over into the next meets itself only
/// a row further on, and one that fills a column exactly comes first, where columns begin at the top:
/// <code>
///   Q = 16, N = 3, five nodes      a d c b        row 0 (the ring is read row by row)
///   with shares 4 3 3 3 3          a d c e  ...
/// </code>
/// Afterwards partitions trade owners at random where nothing is in the way, so that a node has many neighbours.
/// </remarks>
internal static class PlacementFill
{
    public static int[] Assign(PlacementProblem problem, int[] aim)
    {
        var rows = problem.Reach == 0 ? Math.Max(1, aim.Max()) : problem.Cap;
        var groups = new int[problem.GroupCount];
        for (var i = 0; i < aim.Length; i++) groups[problem.GroupOf(i)] += aim[i];
        var order = Enumerable.Range(0, aim.Length).ToArray();
        Array.Sort(order, (a, b) =>
        {
            var full = (groups[problem.GroupOf(b)] >= rows).CompareTo(groups[problem.GroupOf(a)] >= rows);
            if (full != 0) return full;
            var zone = problem.ZoneOf[a].CompareTo(problem.ZoneOf[b]);
            if (zone != 0) return zone;
            var dense = (IsDense(problem, aim[b]) ? aim[b] : 0).CompareTo(IsDense(problem, aim[a]) ? aim[a] : 0);
            return dense != 0 ? dense : a.CompareTo(b);
        });

        var owners = new int[problem.Q];
        int width = problem.Q / rows, longer = problem.Q % rows;
        int column = 0, row = 0;
        foreach (var node in order)
        {
            for (var k = 0; k < aim[node]; k++)
            {
                owners[row * width + Math.Min(row, longer) + column] = node;
                if (++row < (column < width ? rows : longer)) continue;
                row = 0;
                column++;
            }
        }

        return owners;
    }

    /// <summary>Whether any group is so large that what it may take must be planned.</summary>
    public static bool HasDense(PlacementProblem problem, int[] aim)
    {
        var groups = new int[problem.GroupCount];
        for (var i = 0; i < aim.Length; i++) groups[problem.GroupOf(i)] += aim[i];
        return problem.Reach > 0 && groups.Max() * 3L > problem.Cap;
    }

    public static bool IsDense(PlacementProblem problem, int count) =>
        !problem.ZonesBind && count * 3 > problem.Cap;

    public static int[] Shuffle(PlacementProblem problem, int[] owners, int[] aim)
    {
        if (problem.Reach == 0) return owners;
        var board = new PlacementBoard(problem, owners);
        var prng = new Prng((ulong)problem.Q);
        for (var round = 0; round < 3; round++)
        {
            for (var p = 0; p < problem.Q; p++)
            {
                var q = prng.Below(problem.Q);
                int a = board[p], b = board[q];
                if (problem.ZonesBind && problem.ZoneOf[a] != problem.ZoneOf[b]) continue;
                if (!IsDense(problem, aim[a]) && !IsDense(problem, aim[b])) TrySwap(board, p, q);
            }
        }

        return board.Owners;
    }

    /// <summary>Lets two partitions trade owners when neither gets in anybody's way.</summary>
    public static bool TrySwap(PlacementBoard board, int p, int q)
    {
        int a = board[p], b = board[q];
        if (a == b || a < 0 || b < 0) return false;
        board.Put(p, PlacementProblem.Nobody);
        board.Put(q, PlacementProblem.Nobody);
        if (board.Fits(p, b))
        {
            board.Put(p, b);
            if (board.Fits(q, a))
            {
                board.Put(q, a);
                return true;
            }
        }

        board.Put(p, a);
        board.Put(q, b);
        return false;
    }
}
