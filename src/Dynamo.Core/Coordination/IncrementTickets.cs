namespace Dynamo.Core;

/// <summary>The permissions to hand an increment to this node, each good for one handing over in this run of the node.</summary>
/// <remarks>
/// A put that arrives twice makes two siblings of one value, an increment counts twice, and <see cref="RecentForwards"/>
/// is not enough to prevent that: it forgets what is long ago, and all of it when the node restarts. A ticket is
/// used up when the increment is taken and dies with the process; what comes with a ticket that is not known is not taken.
/// Losing one only costs an answer.
/// </remarks>
internal sealed class IncrementTickets(ulong entropy)
{
    /// <summary>How many may be out; an older one is no longer good.</summary>
    private const int Limit = 8192;

    private readonly SortedSet<ulong> _open = [];
    private readonly Queue<ulong> _order = new();
    private ulong _last = entropy;

    /// <summary>A new ticket, never 0.</summary>
    public ulong Issue()
    {
        if (++_last == 0) _last = 1;
        if (_order.Count == Limit) _open.Remove(_order.Dequeue());
        _order.Enqueue(_last);
        _open.Add(_last);
        return _last;
    }

    /// <summary>Uses a ticket up; false when it is not, or no longer, good.</summary>
    public bool TryUse(ulong ticket) => _open.Remove(ticket);
}
