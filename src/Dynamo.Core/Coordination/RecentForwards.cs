namespace Dynamo.Core;

/// <summary>Forwarded puts seen lately, so that a message delivered twice is not written twice.</summary>
/// <remarks>They are forgotten by number, not by time: a clock that jumps must not make an old message a new one.</remarks>
internal sealed class RecentForwards
{
    /// <summary>How many are remembered.</summary>
    private const int Limit = 8192;

    private readonly Dictionary<Coordinator.ReplyAddress, Outcome?> _seen = [];
    private readonly Queue<Coordinator.ReplyAddress> _order = new();

    /// <summary>What is known of a forwarded put.</summary>
    public enum State
    {
        New,
        UnderWay,
        Ended,
    }

    /// <summary>Notes a forwarded put and says whether it was noted before.</summary>
    public State Seen(Coordinator.ReplyAddress address, out Outcome? outcome)
    {
        if (_seen.TryGetValue(address, out outcome)) return outcome is null ? State.UnderWay : State.Ended;
        if (_order.Count == Limit) _seen.Remove(_order.Dequeue());
        _seen.Add(address, null);
        _order.Enqueue(address);
        return State.New;
    }

    /// <summary>Notes how it ended, for whoever asks again.</summary>
    public void Ended(Coordinator.ReplyAddress address, Outcome outcome)
    {
        if (_seen.ContainsKey(address)) _seen[address] = outcome;
    }
}
