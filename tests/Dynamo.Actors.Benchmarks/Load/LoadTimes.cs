using System.Diagnostics;
using Dynamo.Chaos.Beds;

namespace Dynamo.Actors.Benchmarks.Load;

/// <summary>When what of a load happens, in Stopwatch time.</summary>
internal sealed class LoadTimes(LoadPlan plan)
{
    private static readonly TimeSpan Doze = TimeSpan.FromMilliseconds(1), LongestWait = TimeSpan.FromMilliseconds(100);
    private long _start, _measuredFrom;

    /// <summary>From here on nothing begins.</summary>
    public long End { get; private set; }

    /// <summary>The time since the start.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Everything counts from now.</summary>
    public void Start()
    {
        _start = Stopwatch.GetTimestamp();
        _measuredFrom = _start + Ticks(plan.WarmUp);
        End = _measuredFrom + Ticks(plan.Length);
    }

    /// <summary>Whether what begins then is counted.</summary>
    public bool IsMeasured(long began) => began >= _measuredFrom && began < End;

    /// <summary>Whether what begins then is counted by itself.</summary>
    public bool IsApart(long began) => plan.Apart is var (from, to) && began >= _measuredFrom + Ticks(from) && began < _measuredFrom + Ticks(to);

    /// <summary>When an open loop's operation of this number begins.</summary>
    public long DueAt(long number) => _start + (long)(number * ((double)Stopwatch.Frequency / plan.Rate));

    /// <summary>
    /// Tells that something is due when it is, at most about once a millisecond, until the end or until nobody listens any more. Runs in a
    /// thread of its own.
    /// </summary>
    /// <remarks>What a look each millisecond is late counts as latency of the cluster: half a millisecond on average.</remarks>
    public void Tick(Action due, CancellationToken stopped)
    {
        for (var next = 0L; DueAt(next) < End;)
        {
            if (Stopwatch.GetTimestamp() is var now && DueAt(next) > now)
            {
                if (OperatingSystem.IsLinux() && plan.Rate <= 1000) Kernel.Pass(Shorter(Stopwatch.GetElapsedTime(now, DueAt(next)), LongestWait));
                else stopped.WaitHandle.WaitOne(Doze);
                if (stopped.IsCancellationRequested) return;
                continue;
            }

            next = 1 + (long)((now - _start) / ((double)Stopwatch.Frequency / plan.Rate));
            due();
        }

        // Once more, so that the load looks whether it is over.
        while (Stopwatch.GetTimestamp() < End)
            if (stopped.WaitHandle.WaitOne(Doze)) return;
        due();
    }

    private static TimeSpan Shorter(TimeSpan x, TimeSpan y) => x < y ? x : y;

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);
}
