using Akka.Remote.Transport;

namespace Dynamo.MultiNode.TestKit;

/// <summary>How the line from one node to another is; one way only.</summary>
/// <param name="BytesPerSecond">What passes; 0 for nothing, null for everything.</param>
internal readonly record struct LineState(int? BytesPerSecond)
{
    public static LineState Open => default;

    public static LineState Cut => new(0);

    public ThrottleMode ToMode() => BytesPerSecond switch
    {
        null => Unthrottled.Instance,
        0 => Blackhole.Instance,
        var rate => new SlowLine(rate.Value),
    };

    // Lets no message through at once, and the one whose turn it is after the time that its bytes take: so they arrive one after
    // the other, as from a wire. For what is received only. Akka's own token bucket lets bursts through.
    private sealed class SlowLine(int bytesPerSecond) : ThrottleMode
    {
        public override (ThrottleMode, bool) TryConsumeTokens(long nanoTimeOfSend, int tokens) => (this, false);

        public override TimeSpan TimeToAvailable(long currentNanoTime, int tokens) =>
            TimeSpan.FromSeconds((double)tokens / bytesPerSecond);
    }
}
