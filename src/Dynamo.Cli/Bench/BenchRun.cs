using System.Diagnostics;
using System.Threading.Channels;

namespace Dynamo.Cli.Bench;

/// <summary>What a run does.</summary>
internal sealed record BenchPlan
{
    /// <summary>How many of the operations are of which kind.</summary>
    public required Mix Mix { get; init; }

    /// <summary>One of <see cref="KeyChoice.Names"/>.</summary>
    public required string Keys { get; init; }

    /// <summary>How many keys, 1 or more.</summary>
    public required long KeyCount { get; init; }

    /// <summary>Clients of a closed loop, or the connections that an open loop may use, 1 or more.</summary>
    public required int Clients { get; init; }

    /// <summary>After how long an operation is given up.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>What is driven one after the other.</summary>
    public required IReadOnlyList<Stretch> Stretches { get; init; }
}

/// <summary>Drives a cluster along a plan.</summary>
/// <remarks>
/// An open loop begins operations when their time has come, whatever became of those before, and counts latency from that
/// time: one that waits for a free connection is already waiting, as a user would. Otherwise a cluster that stalls would be
/// asked little while it stalls, and look good (coordinated omission).
/// </remarks>
internal sealed class BenchRun(IBenchTarget target, BenchPlan plan)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private readonly Channel<Arrival> _arrivals = Channel.CreateUnbounded<Arrival>(
        new UnboundedChannelOptions { SingleWriter = true });

    private readonly List<IBenchConnection> _connections = [];
    private readonly List<Tally> _seconds = [];
    private long _began;

    /// <summary>What ended in each second of the run, counted from its begin, warm-up included.</summary>
    public IReadOnlyList<Tally> Seconds => _seconds;

    /// <summary>Processor time that this process took, in processors kept busy on average.</summary>
    public double OwnProcessors { get; private set; }

    /// <summary>Carries the plan out.</summary>
    /// <param name="onSecond">Told after each second what ended in it, and which stretch it lies in.</param>
    /// <param name="cancel">Ends the run early.</param>
    public async Task CarryOut(Action<int, Tally, Stretch> onSecond, CancellationToken cancel)
    {
        var length = plan.Stretches.Sum(static s => s.Length.TotalSeconds) + plan.Timeout.TotalSeconds;
        for (var i = 0; i <= (int)length + 2; i++) _seconds.Add(new Tally());
        for (var i = 0; i < plan.Clients; i++) _connections.Add(target.Connect(i));
        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        _began = Stopwatch.GetTimestamp();
        var at = _began;
        foreach (var stretch in plan.Stretches)
        {
            stretch.Begin = at;
            at = stretch.End;
        }

        // Clients run on the pool, so that a few threads carry all of them.
        var isOpen = plan.Stretches[0].Rate > 0;
        var clients = _connections.Select((c, i) => Task.Run(() => isOpen ? Serve(c, i, cancel) : Loop(c, i, cancel), cancel)).ToList();
        var arrivals = isOpen ? new Thread(() => Arrive(cancel)) { IsBackground = true, Name = "arrivals" } : null;
        arrivals?.Start();
        await Watch(Task.WhenAll(clients), onSecond, cancel);
        OwnProcessors = (Process.GetCurrentProcess().TotalProcessorTime - processor) / Stopwatch.GetElapsedTime(_began);
        foreach (var connection in _connections) connection.Dispose();
    }

    // Tells of each second, and gives up what takes too long.
    private async Task Watch(Task clients, Action<int, Tally, Stretch> onSecond, CancellationToken cancel)
    {
        for (var second = 0; ; second++)
        {
            var rest = TimeSpan.FromSeconds(second + 1) - Stopwatch.GetElapsedTime(_began);
            var ended = await Task.WhenAny(clients, Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, cancel)) == clients;
            onSecond(second, _seconds[Math.Min(second, _seconds.Count - 1)], StretchAt(_began + (second * Stopwatch.Frequency)));
            if (ended) break;
            var before = Stopwatch.GetTimestamp() - Ticks(plan.Timeout);
            foreach (var connection in _connections) connection.GiveUp(before);
        }

        await clients;
    }

    // A closed loop.
    private async Task Loop(IBenchConnection connection, int number, CancellationToken cancel)
    {
        var worker = new Worker(plan, number);
        var end = plan.Stretches[^1].End;
        for (var now = Stopwatch.GetTimestamp(); now < end && !cancel.IsCancellationRequested; now = Stopwatch.GetTimestamp())
        {
            var ending = await worker.Run(connection);
            Record(StretchAt(now), now, ending);
            // Who cannot connect at all, or is turned away, must not keep a processor busy with trying.
            if (ending is Ending.Failed or Ending.Refused) await Task.Delay(10, cancel);
        }
    }

    // An open loop's connection: it takes whatever has been waiting longest.
    private async Task Serve(IBenchConnection connection, int number, CancellationToken cancel)
    {
        var worker = new Worker(plan, number);
        while (await _arrivals.Reader.WaitToReadAsync(cancel))
        {
            while (_arrivals.Reader.TryRead(out var arrival))
            {
                var hopeless = Stopwatch.GetElapsedTime(arrival.At) > plan.Timeout;
                var ending = hopeless ? Ending.TimedOut : await worker.Run(connection);
                Record(arrival.Stretch, arrival.At, ending);
                if (ending == Ending.Failed) await Task.Delay(10, cancel);
            }
        }
    }

    private void Arrive(CancellationToken cancel)
    {
        foreach (var stretch in plan.Stretches)
        {
            var apart = Stopwatch.Frequency / stretch.Rate;
            var count = (long)(stretch.Length.TotalSeconds * stretch.Rate);
            for (var next = 0L; next < count && !cancel.IsCancellationRequested;)
            {
                var now = Stopwatch.GetTimestamp();
                for (; next < count && stretch.Begin + (long)(next * apart) <= now; next++)
                    _arrivals.Writer.TryWrite(new Arrival(stretch.Begin + (long)(next * apart), stretch));
                Thread.Sleep(Tick);
            }
        }

        _arrivals.Writer.Complete();
    }

    private void Record(Stretch stretch, long began, Ending ending)
    {
        var now = Stopwatch.GetTimestamp();
        var took = Stopwatch.GetElapsedTime(began, now);
        stretch.Tally.Record(ending, took);
        var second = (int)((now - _began) / Stopwatch.Frequency);
        _seconds[Math.Min(second, _seconds.Count - 1)].Record(ending, took);
    }

    private Stretch StretchAt(long time) => plan.Stretches.FirstOrDefault(s => time < s.End) ?? plan.Stretches[^1];

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    // When it should begin, and in which stretch that lies.
    private readonly record struct Arrival(long At, Stretch Stretch);

    // Draws operations for one connection, the same ones in each run.
    private sealed class Worker(BenchPlan plan, int number)
    {
        private readonly Random _random = new(number + 1);
        private readonly KeyChoice _keys = KeyChoice.Of(plan.Keys, plan.KeyCount);

        public async ValueTask<Ending> Run(IBenchConnection connection)
        {
            var key = _keys.Next(_random);
            switch (plan.Mix.Next(_random))
            {
                case Step.Get:
                    return await connection.Get(key);
                case Step.Put:
                    return await connection.Put(key, asRead: false);
                default:
                    var read = await connection.Get(key);
                    return read is Ending.Ok or Ending.NotFound ? await connection.Put(key, asRead: true) : read;
            }
        }
    }
}
