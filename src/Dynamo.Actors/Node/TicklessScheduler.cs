using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Dynamo.Actors;

/// <summary>Akka's scheduler for a node that sleeps while nothing is due; named in the settings as <c>akka.scheduler.implementation</c>.</summary>
/// <remarks>
/// Akka's own wakes a hundred times a second to look whether anything is, which was most of what an idle node cost. This one has a
/// thread that sleeps until something is, so that time goes on as well where the thread pool is busy. What is due runs one after
/// the other in order of time, and what repeats is due again one interval after it was, so it does not drift; after a time in
/// which the process stood still it runs once, not once for every interval that passed. Nothing runs early. What repeats every
/// half a second, or every so many of them, runs together with all else that does, up to half a second later than asked for the
/// first time, so that an idle process wakes a third less often.
/// </remarks>
/// <param name="settings">The settings of the system.</param>
/// <param name="log">Told when what was scheduled throws.</param>
internal sealed class TicklessScheduler(Config settings, ILoggingAdapter log)
    : SchedulerBase(settings, log), IDateTimeOffsetNowTimeProvider, IDisposable
{
    /// <summary>What repeats every so many of these runs together.</summary>
    internal static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    // Where the beats lie: somewhere else in each system, so that nodes of one machine do not all wake at once.
    private readonly long _phase = Elapsed.Ticks % Beat.Ticks;
    private readonly object _gate = new();
    private readonly PriorityQueue<Entry, (long Due, long Number)> _entries = new();
    private long _number;
    private long _wakes = long.MinValue;
    private bool _isStarted;
    private bool _stopped;

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => Elapsed;

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => Elapsed;

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => DateTimeOffset.UtcNow;

    private static TimeSpan Elapsed => Stopwatch.GetElapsedTime(0);

    /// <summary>Forgets what is scheduled; nothing can be scheduled afterwards.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            _entries.Clear();
            Monitor.Pulse(_gate);
        }
    }

    /// <inheritdoc/>
    protected override void InternalScheduleTellOnce(
        TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable? cancelable) =>
        Add(delay, TimeSpan.Zero, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable? cancelable) =>
        Add(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) =>
        Add(delay, TimeSpan.Zero, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable? cancelable) =>
        Add(delay, TimeSpan.Zero, action.Run, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable) =>
        Add(initialDelay, interval, action, cancelable);

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable? cancelable) =>
        Add(initialDelay, interval, action.Run, cancelable);

    private void Add(TimeSpan delay, TimeSpan interval, Action action, ICancelable? cancelable)
    {
        var due = OnBeat(Later(Elapsed.Ticks, delay.Ticks), interval.Ticks, _phase);
        lock (_gate)
        {
            if (_stopped) throw new SchedulerException("The actor system has ended; nothing can be scheduled any more.");
            _entries.Enqueue(new Entry(action, interval.Ticks, cancelable), (due, _number++));
            if (due < _wakes) Monitor.Pulse(_gate);
            if (_isStarted) return;
            _isStarted = true;
        }

        new Thread(Run) { IsBackground = true, Name = "dynamo-scheduler" }.Start();
    }

    private void Run()
    {
        while (TakeDue() is { } entry)
        {
            try
            {
                entry.Action();
            }
            catch (Exception fault)
            {
                Log.Error(fault, "What was scheduled has failed.");
            }
        }
    }

    // Waits for the next that is due; null at the end.
    private Entry? TakeDue()
    {
        lock (_gate)
        {
            while (!_stopped)
            {
                var now = Elapsed.Ticks;
                if (!_entries.TryPeek(out var entry, out var at))
                    Sleep(long.MaxValue, Timeout.Infinite);
                else if (entry.IsCancelled)
                    _entries.Dequeue();
                else if (at.Due > now)
                    Sleep(at.Due, Milliseconds(at.Due - now));
                else
                    return Take(now);
            }

            return null;
        }
    }

    private Entry Take(long now)
    {
        _entries.TryDequeue(out var entry, out var at);
        if (entry!.Interval == 0) return entry;
        var next = Later(at.Due, entry.Interval);
        _entries.Enqueue(entry, (next > now ? next : OnBeat(Later(now, entry.Interval), entry.Interval, _phase), _number++));
        return entry;
    }

    // Whoever adds something that is due before it wakes is to wake it.
    private void Sleep(long until, int milliseconds)
    {
        _wakes = until;
        Monitor.Wait(_gate, milliseconds);
        _wakes = long.MinValue;
    }

    /// <summary>When something is due that may have to wait for the others; all in ticks.</summary>
    /// <param name="due">When it is due by itself.</param>
    /// <param name="interval">After how long it repeats.</param>
    /// <param name="phase">Where the beats lie.</param>
    internal static long OnBeat(long due, long interval, long phase)
    {
        // Another interval would leave the beat the next time.
        if (interval == 0 || interval % Beat.Ticks != 0) return due;
        var past = (due - phase) % Beat.Ticks;
        return past <= 0 ? due : Later(due, Beat.Ticks - past);
    }

    // What is to come after the end of time never does.
    private static long Later(long from, long ticks) => ticks > long.MaxValue - from ? long.MaxValue : from + ticks;

    // Upwards, so that it does not wake in vain.
    private static int Milliseconds(long ticks) =>
        (int)Math.Min((ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond, int.MaxValue);

    private sealed record Entry(Action Action, long Interval, ICancelable? Cancelable)
    {
        public bool IsCancelled => Cancelable is { IsCancellationRequested: true };
    }
}
