namespace Dynamo.Core;

/// <summary>Forwarded puts seen lately, so that a message delivered twice is not written twice.</summary>
internal sealed class RecentForwards
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);
    private readonly Dictionary<Coordinator.ReplyAddress, Outcome?> _seen = [];
    private readonly Queue<(Coordinator.ReplyAddress Address, Instant Until)> _order = new();

    /// <summary>What is known of a forwarded put.</summary>
    public enum State
    {
        New,
        UnderWay,
        Ended,
    }

    /// <summary>Notes a forwarded put and says whether it was noted before.</summary>
    public State Seen(Coordinator.ReplyAddress address, Instant now, out Outcome? outcome)
    {
        while (_order.TryPeek(out var oldest) && oldest.Until <= now) _seen.Remove(_order.Dequeue().Address);
        if (_seen.TryGetValue(address, out outcome)) return outcome is null ? State.UnderWay : State.Ended;
        _seen.Add(address, null);
        _order.Enqueue((address, now + Kept));
        return State.New;
    }

    /// <summary>Notes how it ended, for whoever asks again.</summary>
    public void Ended(Coordinator.ReplyAddress address, Outcome outcome, Instant now)
    {
        if (_seen.ContainsKey(address)) _seen[address] = outcome;
        else if (_seen.TryAdd(address, outcome)) _order.Enqueue((address, now + Kept));
    }
}
