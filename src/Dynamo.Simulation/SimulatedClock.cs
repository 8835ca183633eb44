using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>One node's clock: it may stand wrong, run fast or slow, and jump; within one process it never runs backwards.</summary>
/// <param name="offset">Microseconds it is ahead of true time at the start; negative when behind.</param>
/// <param name="driftPpm">Microseconds it gains per second of true time; negative when it loses.</param>
internal sealed class SimulatedClock(long offset, int driftPpm)
{
    // True time 0 of every run, so that time stamps look like time stamps.
    private const long Epoch = 1_700_000_000_000_000;
    private long _offset = offset;

    /// <summary>What the clock shows.</summary>
    public Instant At(long now) => new(Epoch + now + _offset + (now / 1_000_000 * driftPpm));

    /// <summary>The first moment, at or after <paramref name="now"/>, at which the clock shows <paramref name="shown"/> or later.</summary>
    public long WhenShows(Instant shown, long now)
    {
        var wait = shown - At(now);
        if (wait <= TimeSpan.Zero) return now;
        // A clock that gains is a little late by this and one that loses a little early; a machine woken early does nothing.
        return now + (wait.Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>Sets the clock forward; backwards only between two processes.</summary>
    public void Jump(long microseconds) => _offset += microseconds;
}
