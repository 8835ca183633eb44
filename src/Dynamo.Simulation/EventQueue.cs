namespace Dynamo.Simulation;

/// <summary>What happens to a node next.</summary>
internal enum EventKind
{
    /// <summary>A message arrives.</summary>
    Deliver,

    /// <summary>A machine's deadline has come.</summary>
    Wake,

    /// <summary>The disk has finished a sync.</summary>
    Synced,

    /// <summary>A write is reported before it is durable, which only a mutant does.</summary>
    ReportedEarly,

    /// <summary>Anything else: a client's next step, a fault, a look at the cluster.</summary>
    Call,

    /// <summary>The node has worked through a message that arrived, where work takes time.</summary>
    Handle,
}

/// <summary>One thing that will happen.</summary>
/// <param name="Kind">What.</param>
/// <param name="Node">The node it happens to; -1 for none.</param>
/// <param name="From">The sender of a message.</param>
/// <param name="Run">The run of the node it is meant for; another run ignores what belongs to a process that is gone.</param>
/// <param name="Payload">The message as it travels, the write, or the action.</param>
internal readonly record struct SimulatedEvent(EventKind Kind, int Node, int From, int Run, object? Payload);

/// <summary>What will happen, by virtual time; what falls on one moment happens in the order in which it was planned.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<SimulatedEvent, When> _queue = new(1024);
    private long _order;

    /// <summary>Events not yet happened.</summary>
    public int Count => _queue.Count;

    /// <summary>Plans an event.</summary>
    /// <param name="at">Virtual microseconds.</param>
    /// <param name="happening">The event.</param>
    public void Add(long at, in SimulatedEvent happening) => _queue.Enqueue(happening, new When(at, ++_order));

    /// <summary>Takes the next event that is not later than <paramref name="until"/>.</summary>
    public bool TryTake(long until, out SimulatedEvent happening, out long at)
    {
        at = 0;
        if (!_queue.TryPeek(out happening, out var when) || when.At > until) return false;
        _queue.Dequeue();
        at = when.At;
        return true;
    }

    private readonly record struct When(long At, long Order) : IComparable<When>
    {
        public int CompareTo(When other) => At != other.At ? At.CompareTo(other.At) : Order.CompareTo(other.Order);
    }
}
