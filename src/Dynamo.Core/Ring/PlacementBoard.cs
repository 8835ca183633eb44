namespace Dynamo.Core;

/// <summary>An assignment in the making: owners that can be put and taken, and what is in each other's way.</summary>
/// <remarks>
/// With N = 3 a partition p sees two neighbours to each side; whoever owns one of them is in the way at p, and where
/// zones bind its whole zone is.
/// <code>
///    ... p-3 | p-2  p-1  [p]  p+1  p+2 | p+3 ...
/// </code>
/// </remarks>
internal sealed class PlacementBoard
{
    /// <summary>What <see cref="Obstacle"/> answers when nothing is in the way, and when too much is.</summary>
    public const int Free = -1, Blocked = -2;

    private readonly PlacementProblem _problem;
    private readonly int[] _owners;
    private readonly int[] _counts;

    public PlacementBoard(PlacementProblem problem, int[] owners)
    {
        _problem = problem;
        _owners = (int[])owners.Clone();
        _counts = new int[problem.Nodes.Length];
        foreach (var node in _owners)
            if (node >= 0) _counts[node]++;
    }

    public int[] Owners => _owners;

    /// <summary>
    /// Whether too few zones are in the way too: fewer zones than N bind nobody, and are kept apart only while that
    /// costs neither shares nor movement.
    /// </summary>
    public bool Spread { get; set; } = true;

    public int this[int p] => _owners[p];

    /// <summary>How many partitions a node owns.</summary>
    public int Count(int node) => _counts[node];

    /// <summary>Gives partition <paramref name="p"/> to a node, or to nobody.</summary>
    public void Put(int p, int node)
    {
        if (_owners[p] >= 0) _counts[_owners[p]]--;
        _owners[p] = node;
        if (node >= 0) _counts[node]++;
    }

    /// <summary>Whether the node could own <paramref name="p"/> with nothing in its way.</summary>
    public bool Fits(int p, int node) => Obstacle(p, node) == Free;

    /// <summary>
    /// What keeps the node from owning <paramref name="p"/>: <see cref="Free"/>, the only partition in its way, which
    /// is its own, or <see cref="Blocked"/>.
    /// </summary>
    public int Obstacle(int p, int node)
    {
        var found = Free;
        var bind = _problem.ZonesBind;
        var zone = _problem.ZoneOf[node];
        for (var d = 1; d <= _problem.Reach; d++)
        {
            for (var side = -d; side <= d; side += d + d)
            {
                var at = _problem.Wrap(p + side);
                var other = _owners[at];
                if (other == node)
                {
                    if (found != Free && found != at) return Blocked;
                    found = at;
                }
                else if (bind && other >= 0 && _problem.ZoneOf[other] == zone)
                {
                    return Blocked;
                }
            }
        }

        return Spread && !bind && ZoneLoss(p, node) > 0 ? Blocked : found;
    }

    /// <summary>How many partitions within the reach of <paramref name="p"/> the node owns.</summary>
    public int NodeClashes(int p, int node)
    {
        var clashes = 0;
        for (var d = 1; d <= _problem.Reach; d++)
        {
            if (_owners[_problem.Wrap(p + d)] == node) clashes++;
            if (_owners[_problem.Wrap(p - d)] == node) clashes++;
        }

        return clashes;
    }

    /// <summary>How many zones the windows around <paramref name="p"/> lose if the node owns it, over nobody.</summary>
    public int ZoneLoss(int p, int node)
    {
        var wanted = Math.Min(_problem.ZoneCount, _problem.N);
        if (wanted <= 1 || _problem.Reach == 0) return 0;
        var zone = _problem.ZoneOf[node];
        var loss = 0;
        for (var first = p - _problem.Reach; first <= p; first++)
        {
            // A partition without an owner may still become any zone, so it counts as a new one.
            int distinct = 0, open = 0;
            var has = false;
            for (var i = 0; i <= _problem.Reach; i++)
            {
                var at = _problem.Wrap(first + i);
                if (at == p) continue;
                if (_owners[at] < 0)
                {
                    open++;
                    continue;
                }

                var z = _problem.ZoneOf[_owners[at]];
                has |= z == zone;
                var seen = false;
                for (var j = 0; j < i && !seen; j++)
                {
                    var before = _problem.Wrap(first + j);
                    seen = before != p && _owners[before] >= 0 && _problem.ZoneOf[_owners[before]] == z;
                }

                if (!seen) distinct++;
            }

            if (has && distinct + open < wanted) loss++;
        }

        return loss;
    }
}
