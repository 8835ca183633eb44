using System.Diagnostics;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>A clock that starts at the wall's time, never runs backwards, and follows the wall slowly.</summary>
/// <remarks>
/// Deadlines need a clock that no administrator can set back; timestamps of last-write-wins need one that does not
/// drift away over months. So it runs with the machine's monotonic counter and is corrected by a millisecond a
/// second at most. Thread-safe.
/// </remarks>
internal sealed class NodeClock
{
    private const long CheckEvery = 1_000_000, LargestStep = 1_000;
    private readonly Lock _lock = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _offset = Wall();
    private long _nextCheck = CheckEvery;
    private long _last;

    /// <summary>The time.</summary>
    public Instant Now
    {
        get
        {
            var elapsed = Stopwatch.GetElapsedTime(_started).Ticks / TimeSpan.TicksPerMicrosecond;
            if (elapsed >= Volatile.Read(ref _nextCheck)) Follow(elapsed);
            return new Instant(Latest(Volatile.Read(ref _offset) + elapsed));
        }
    }

    private static long Wall() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    // After a step back the clock stands still until it has caught up with what it has already shown.
    private long Latest(long now)
    {
        var last = Volatile.Read(ref _last);
        while (now > last)
        {
            var seen = Interlocked.CompareExchange(ref _last, now, last);
            if (seen == last) return now;
            last = seen;
        }

        return last;
    }

    private void Follow(long elapsed)
    {
        lock (_lock)
        {
            if (elapsed < _nextCheck) return;
            var error = Wall() - (_offset + elapsed);
            Volatile.Write(ref _offset, _offset + Math.Clamp(error, -LargestStep, LargestStep));
            Volatile.Write(ref _nextCheck, elapsed + CheckEvery);
        }
    }
}
