namespace Dynamo.Core;

/// <summary>A placement out of the previous one, changed as little as the new members and weights demand.</summary>
/// <remarks>
/// First whatever stands in another's way is taken away; then every partition without an owner, and every partition
/// of a node that owns too many, looks for a node that owns too few. Where none fits directly, the vacancy wanders:
/// <code>
///   p1 is vacant   -&gt;   b takes p1, leaves p2   -&gt;   a takes p2
/// </code>
/// each step of which is one partition more that moves, so the shortest chain is taken.
/// </remarks>
internal sealed class PlacementRepair
{
    // A chain that was not found among this many vacancies is not worth its time; the annealing or a fill comes next.
    private const int MostVacancies = 4_096;

    // How many times all searches together may ask whether a node fits: about a second.
    private const long MostQuestions = 24_000_000;

    private const int Start = -1, Unseen = -2;

    private readonly PlacementProblem _problem;
    private readonly PlacementShares _shares;
    private readonly PlacementBoard _board;
    private readonly int[] _groupAim;
    private long _questions;

    private PlacementRepair(PlacementProblem problem, PlacementShares shares, int[] owners)
    {
        _problem = problem;
        _shares = shares;
        _board = new PlacementBoard(problem, owners);
        _groupAim = new int[problem.GroupCount];
        for (var i = 0; i < shares.Aim.Length; i++) _groupAim[problem.GroupOf(i)] += shares.Aim[i];
    }

    /// <summary>The repaired placement; nobody owns what found no place.</summary>
    public static PlacementBoard Run(PlacementProblem problem, PlacementShares shares, bool spread)
    {
        var repair = new PlacementRepair(problem, shares, problem.Previous);
        repair._board.Spread = spread;
        repair.TakeAwayClashes();
        repair.FillVacant();
        repair.Level(Prefer.Aim);
        repair.Level(Prefer.Range);
        return repair._board;
    }

    /// <summary>A fresh start whose vacancies are filled and counts put right.</summary>
    public static PlacementBoard Finish(PlacementProblem problem, PlacementShares shares, int[] owners)
    {
        var repair = new PlacementRepair(problem, shares, owners);
        repair.FillVacant();
        repair.Level(Prefer.Aim);
        repair._board.Spread = false;
        repair.Level(Prefer.Aim);
        repair.Level(Prefer.Range);
        return repair._board;
    }

    private enum Prefer
    {
        /// <summary>Nodes move towards the count that was chosen for them.</summary>
        Aim,

        /// <summary>Floor or ceiling will do.</summary>
        Range,
    }

    private bool Lacks(int node, Prefer prefer) =>
        _board.Count(node) < (prefer == Prefer.Aim ? _shares.Aim[node] : _shares.Ceiling[node]);

    private bool Exceeds(int node, Prefer prefer) =>
        _board.Count(node) > (prefer == Prefer.Aim ? _shares.Aim[node] : _shares.Ceiling[node]);

    /// <summary>Of two partitions in each other's way, the one goes whose owner has more to give.</summary>
    private void TakeAwayClashes()
    {
        for (var p = 0; p < _problem.Q; p++)
        {
            for (var d = 1; d <= _problem.Reach && _board[p] >= 0; d++)
            {
                var other = _problem.Wrap(p + d);
                int a = _board[p], b = _board[other];
                if (b < 0 || a != b && !(_problem.ZonesBind && _problem.ZoneOf[a] == _problem.ZoneOf[b])) continue;
                _board.Put(Surplus(a) > Surplus(b) ? p : other, PlacementProblem.Nobody);
            }
        }
    }

    private int Surplus(int node) => _board.Count(node) - _shares.Aim[node];

    private void FillVacant()
    {
        var takers = Enumerable.Range(0, _problem.Nodes.Length).Where(i => Lacks(i, Prefer.Aim)).ToList();
        for (var p = 0; p < _problem.Q && takers.Count > 0; p++)
        {
            if (_board[p] >= 0) continue;
            var best = RunsOn(p);
            if (best < 0)
                foreach (var node in takers)
                    if ((best < 0 || Surplus(node) < Surplus(best)) && _board.Fits(p, node)) best = node;
            if (best < 0) continue;
            _board.Put(p, best);
            if (!Lacks(best, Prefer.Aim)) takers.Remove(best);
        }

        // The neediest chooses first: runs of rows for a large group, then whatever partition there is.
        foreach (var node in takers.OrderBy(Surplus))
        {
            if (IsDense(node)) Take(node, PlacementRuns.Length(_problem, _groupAim[_problem.GroupOf(node)]));
            Take(node, 1);
        }
    }

    /// <summary>Strides around the ring, so that what the node takes from others is no single stretch.</summary>
    private void Take(int node, int run)
    {
        var stride = (int)(_problem.Q * 0.618) | 1;
        var first = node * 7 % _problem.Q;
        for (var seen = 0; seen < _problem.Q; seen += run)
        {
            var p = first;
            for (var r = 0; r < run; r++)
            {
                if (!Lacks(node, Prefer.Aim)) return;
                if (_board[p] >= 0 && Exceeds(_board[p], Prefer.Aim) && _board.Fits(p, node)) _board.Put(p, node);
                p = _problem.Wrap(p + _problem.N);
            }

            first = (first + stride) & (_problem.Q - 1);
        }
    }

    private bool IsDense(int node) => _groupAim[_problem.GroupOf(node)] * 3L > _problem.Cap;

    /// <summary>The node in need that owns the partition a row before, unless its run there is too long.</summary>
    private int RunsOn(int p)
    {
        var node = _board[_problem.Wrap(p - _problem.N)];
        if (node < 0 || _problem.ZonesBind || !IsDense(node) || !Lacks(node, Prefer.Aim)) return -1;
        if (!_board.Fits(p, node)) return -1;
        var row = p;
        for (var r = PlacementRuns.Length(_problem, _shares.Aim[node]); r > 0; r--)
        {
            row = _problem.Wrap(row - _problem.N);
            if (_board[row] != node) return node;
        }

        return -1;
    }

    private void Level(Prefer prefer)
    {
        for (var p = 0; p < _problem.Q; p++)
            if (_board[p] < 0) Wander([p], prefer);
        for (var node = 0; node < _problem.Nodes.Length; node++)
            while (Exceeds(node, prefer) && Wander(Owned(node), prefer)) { }
        if (prefer == Prefer.Aim) return;
        for (var node = 0; node < _problem.Nodes.Length; node++)
        {
            while (_board.Count(node) < _shares.Floor[node])
            {
                var givers = Enumerable.Range(0, _problem.Q)
                    .Where(p => _board[p] >= 0 && _board.Count(_board[p]) > _shares.Floor[_board[p]]).ToList();
                if (!Wander(givers, prefer, node)) break;
            }
        }
    }

    private List<int> Owned(int node)
    {
        var owned = new List<int>();
        for (var p = 0; p < _problem.Q; p++)
            if (_board[p] == node) owned.Add(p);
        return owned;
    }

    /// <summary>
    /// From vacancies to the first that a node in need can fill, by the fewest partitions that would have to move;
    /// one that has already moved moves again for nothing.
    /// </summary>
    private bool Wander(List<int> vacancies, Prefer prefer, int only = -1)
    {
        var takers = Enumerable.Range(0, _problem.Nodes.Length)
            .Where(i => only >= 0 ? i == only : Lacks(i, prefer)).ToList();
        if (takers.Count == 0 || _questions > MostQuestions) return false;
        _questions += _problem.Q;
        var from = new int[_problem.Q];
        var done = new bool[_problem.Q];
        Array.Fill(from, Unseen);
        var next = new int[_problem.Q];
        var owned = new int[_problem.Nodes.Length];
        Array.Fill(owned, -1);
        for (var p = _problem.Q - 1; p >= 0; p--)
        {
            if (_board[p] < 0) continue;
            next[p] = owned[_board[p]];
            owned[_board[p]] = p;
        }

        List<int> near = [], far = [];
        foreach (var p in vacancies) Visit(p, Start);
        near.AddRange(far);
        far.Clear();
        var movers = Enumerable.Range(0, _problem.Nodes.Length).ToList();
        var read = 0;
        for (var seen = 0; seen < MostVacancies;)
        {
            if (read == near.Count)
            {
                if (far.Count == 0) return false;
                near = far;
                far = [];
                read = 0;
            }

            var p = near[read++];
            if (done[p]) continue;
            done[p] = true;
            seen++;
            _questions += takers.Count + movers.Count;
            foreach (var taker in takers)
                if (_board[p] != taker && _board.Obstacle(p, taker) == PlacementBoard.Free && Apply(from, p, taker))
                    return true;
            for (var m = movers.Count - 1; m >= 0; m--)
            {
                var mover = movers[m];
                if (_board[p] == mover) continue;
                var obstacle = _board.Obstacle(p, mover);
                if (obstacle == PlacementBoard.Blocked) continue;
                if (obstacle >= 0)
                {
                    Visit(obstacle, p);
                    continue;
                }

                movers.RemoveAt(m);
                for (var own = owned[mover]; own >= 0; own = next[own]) Visit(own, p);
            }
        }

        return false;

        void Visit(int p, int parent)
        {
            if (from[p] != Unseen) return;
            from[p] = parent;
            (IsFree(p) ? near : far).Add(p);
        }

        bool IsFree(int p) => _board[p] != _problem.Previous[p];
    }

    /// <summary>Carries a chain out, or nothing of it when its steps turn out to be in each other's way.</summary>
    private bool Apply(int[] from, int end, int taker)
    {
        var chain = new List<int>();
        for (var p = end; p >= 0; p = from[p]) chain.Add(p);
        var owners = chain.ConvertAll(p => _board[p]);
        foreach (var p in chain) _board.Put(p, PlacementProblem.Nobody);
        for (var i = 0; i < chain.Count; i++)
        {
            var owner = i == 0 ? taker : owners[i - 1];
            if (_board.Fits(chain[i], owner))
            {
                _board.Put(chain[i], owner);
                continue;
            }

            for (var j = 0; j < chain.Count; j++) _board.Put(chain[j], owners[j]);
            return false;
        }

        return true;
    }
}
