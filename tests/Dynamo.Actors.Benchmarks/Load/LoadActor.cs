using System.Diagnostics;
using Akka.Actor;
using Dynamo.Cli.Bench;
using Dynamo.Testing.Load;

namespace Dynamo.Actors.Benchmarks.Load;

/// <summary>Drives a load as one actor: how a request travels and how its answer is read is up to who inherits.</summary>
/// <remarks>
/// In a closed loop each operation begins when one has ended. In an open one it begins when its time has come, and its latency counts
/// from that time, so that a cluster that stalls cannot hide it. Which time an operation is counted in is decided by its begin.
/// </remarks>
internal abstract class LoadActor(LoadPlan plan, string program, TaskCompletionSource<LoadReport> done)
    : UntypedActor, IWithTimers
{
    private const int MostTries = 2_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly Random _random = new(plan.Seed);
    private readonly KeyChoice _keys = KeyChoice.Of(plan.KeyChoice, plan.Keys);
    private readonly List<Operation> _places = [];
    private readonly Stack<Operation> _free = [];
    private readonly LoadTally _measured = new(), _apart = new(), _warmingUp = new();
    private readonly LoadTimes _times = new(plan);
    private readonly CancellationTokenSource _stopped = new();
    private TimeSpan _processorAtBegin;
    private double? _loadSeconds;
    private long _loaded, _scheduled;
    private int _tries;
    private bool _isLoading, _isMeasuring;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>What is written: neither all zeros nor the same everywhere, so that nothing on the way can make it smaller.</summary>
    protected byte[] Value { get; } = MakeValue(plan.ValueBytes);

    /// <summary>A key's name.</summary>
    protected static string NameOf(long key) => $"k{key}";

    /// <summary>The operation whose number an answer bears.</summary>
    protected Operation At(ulong number) => _places[(int)number];

    /// <summary>Sends what the operation now asks for.</summary>
    protected abstract void Send(Operation operation);

    /// <summary>Takes a message that is none of the load's own.</summary>
    protected abstract void OnAnswer(object message);

    protected override void PreStart()
    {
        if (plan.Loads) BeginLoading();
        else BeginDriving();
    }

    protected override void PostStop() => _stopped.Cancel();

    // Whatever breaks this actor ends the measurement: a restarted one would measure something else.
    protected override void PreRestart(Exception reason, object message)
    {
        _stopped.Cancel();
        done.TrySetException(reason);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Due:
                BeginDue();
                break;
            case Again again:
                Send(again.Operation);
                break;
            case GiveUp giveUp:
                if (giveUp.WhenLoading == _isLoading) End();
                break;
            default:
                OnAnswer(message);
                break;
        }
    }

    /// <summary>What was sent for an operation has been answered.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="error">null for success, else what it failed with.</param>
    protected void Ended(Operation operation, string? error)
    {
        if (_isLoading)
        {
            Loaded(operation, error);
            return;
        }

        if (error is null && operation is { Step: Step.ReadThenPut, IsPut: false })
        {
            operation.IsPut = true;
            Send(operation);
            return;
        }

        var now = Stopwatch.GetTimestamp();
        // Before the measurement they are counted too, for nobody: or what counts would be compiled as the first thing that is measured.
        var tally = _times.IsApart(operation.Began) ? _apart : _times.IsMeasured(operation.Began) ? _measured : _warmingUp;
        if (error is null) tally.Record(operation.Step, Stopwatch.GetElapsedTime(operation.Began, now));
        else tally.Fail(error);

        _free.Push(operation);
        if (plan.Rate == 0 && now < _times.End) Begin(now);
        else if (_free.Count == _places.Count && IsOver(now)) End();
    }

    private void BeginLoading()
    {
        _isLoading = true;
        _times.Start();
        Alarm(plan.LoadPatience, new GiveUp(WhenLoading: true));
        for (var i = 0; i < plan.InFlight; i++) _free.Push(Place());
        while (_free.Count > 0 && _loaded < plan.Keys) Load(_free.Pop());
    }

    private void Load(Operation operation)
    {
        (operation.Key, operation.Step, operation.IsPut) = (_loaded++, Step.Put, true);
        Send(operation);
    }

    // One that is refused is written again a little later.
    private void Loaded(Operation operation, string? error)
    {
        // However many keys there are, what is counted is how often in a row nothing was stored.
        if (error is null) _tries = 0;
        if (error is not null && ++_tries < MostTries) Alarm(Pause, new Again(operation));
        else if (error is not null) done.TrySetException(new InvalidOperationException($"Keys could not be stored: {error}"));
        else if (_loaded < plan.Keys) Load(operation);
        else _free.Push(operation);
        if (_free.Count != _places.Count) return;
        _loadSeconds = Math.Round(_times.Elapsed.TotalSeconds, 3);
        _isLoading = false;
        BeginDriving();
    }

    private void BeginDriving()
    {
        _times.Start();
        Alarm(plan.WarmUp + plan.Length + Patience, new GiveUp(WhenLoading: false));
        if (plan.Rate > 0)
        {
            var self = Self;
            new Thread(() => _times.Tick(() => self.Tell(Due.Instance, ActorRefs.NoSender), _stopped.Token)) { IsBackground = true, Name = "arrivals" }.Start();
            return;
        }

        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < plan.InFlight; i++) Begin(now);
    }

    private void BeginDue()
    {
        var now = Stopwatch.GetTimestamp();
        for (; _times.DueAt(_scheduled) is var due && due <= now && due < _times.End; _scheduled++) Begin(due);
        if (_free.Count == _places.Count && IsOver(now)) End();
    }

    private void Begin(long at)
    {
        if (!_isMeasuring && _times.IsMeasured(at))
        {
            _isMeasuring = true;
            _processorAtBegin = Environment.CpuUsage.TotalTime;
            Console.WriteLine("measuring");
        }

        var operation = _free.Count > 0 ? _free.Pop() : Place();
        (operation.Began, operation.Key, operation.Step) = (at, _keys.Next(_random), plan.Mix.Next(_random));
        (operation.IsPut, operation.Context) = (operation.Step == Step.Put, default);
        Send(operation);
    }

    private bool IsOver(long now) => plan.Rate == 0 ? now >= _times.End : _times.DueAt(_scheduled) >= _times.End;

    private void End()
    {
        var processor = Environment.CpuUsage.TotalTime - _processorAtBegin;
        if (_isLoading)
            done.TrySetException(new TimeoutException($"Of {plan.Keys} keys {_loaded} were written in {plan.LoadPatience.TotalMinutes:0} minutes."));
        if (_places.Count - _free.Count is var lost and > 0) _measured.Fail("no answer", lost);
        var apart = plan.Apart is { } span ? span.To - span.From : TimeSpan.Zero;
        done.TrySetResult(new LoadReport(
            program, plan.Mix.Name, plan.KeyChoice, plan.Keys, plan.ValueBytes,
            plan.Rate == 0 ? plan.InFlight : null, plan.Rate == 0 ? null : plan.Rate,
            _measured.Over(plan.Length - apart), plan.Apart is null ? null : _apart.Over(apart), Math.Round(processor.TotalSeconds, 3), _loadSeconds));
        Context.Stop(Self);
    }

    private Operation Place()
    {
        var place = new Operation((ulong)_places.Count);
        _places.Add(place);
        return place;
    }

    private void Alarm(TimeSpan after, object message) => Timers.StartSingleTimer(message, message, after);

    private static byte[] MakeValue(int bytes)
    {
        var value = new byte[bytes];
        new Random(bytes).NextBytes(value);
        return value;
    }

    private sealed class Due
    {
        public static readonly Due Instance = new();
    }

    private sealed record Again(Operation Operation);

    private sealed record GiveUp(bool WhenLoading);
}
