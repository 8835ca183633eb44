using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit.Xunit2;
using Dynamo.Core;

namespace Dynamo.Actors.Tests;

/// <summary>The scheduler of a node: order, repetition, what is called off, and its end.</summary>
public sealed class TicklessSchedulerTests : TestKit, IAsyncLifetime
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);
    private readonly TicklessScheduler _scheduler;

    public TicklessSchedulerTests()
        : base("akka.loglevel = INFO") => _scheduler = new TicklessScheduler(Sys.Settings.Config, Logging.GetLogger(Sys, "scheduler"));

    private IActionScheduler Actions => _scheduler;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        _scheduler.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_is_due_earlier_runs_earlier_whichever_was_scheduled_first()
    {
        var told = new ConcurrentQueue<int>();
        var end = new TaskCompletionSource();
        Actions.ScheduleOnce(Step * 3, () => told.Enqueue(3));
        Actions.ScheduleOnce(Step * 1, () => told.Enqueue(1));
        Actions.ScheduleOnce(Step * 4, end.SetResult);
        Actions.ScheduleOnce(Step * 2, () => told.Enqueue(2));
        await end.Task;
        Assert.Equal([1, 2, 3], told);
    }

    [Fact]
    public async Task Nothing_runs_early()
    {
        for (var i = 0; i < 20; i++)
        {
            var delay = TimeSpan.FromMilliseconds(0.7 * i);
            var watch = Stopwatch.StartNew();
            var ran = new TaskCompletionSource<TimeSpan>();
            Actions.ScheduleOnce(delay, () => ran.SetResult(watch.Elapsed));
            Assert.True(await ran.Task >= delay);
        }
    }

    [Fact]
    public async Task What_repeats_goes_on_until_it_is_called_off()
    {
        var (count, third) = (0, new TaskCompletionSource());
        using var cancel = new Cancelable(Actions);
        Actions.ScheduleRepeatedly(TimeSpan.Zero, Step, () =>
        {
            if (++count < 3) return;
            cancel.Cancel();
            third.SetResult();
        }, cancel);
        await third.Task;
        await Later(Step * 5);
        Assert.Equal(3, count);
    }

    [Theory]
    [InlineData(500, 1_000, 0, 1_000)]
    [InlineData(500, 1_001, 0, 1_500)]
    [InlineData(2_000, 1_499, 120, 1_620)]
    [InlineData(2_000, 1_620, 120, 1_620)]
    [InlineData(499, 1_001, 120, 1_001)]
    [InlineData(700, 1_001, 120, 1_001)]
    [InlineData(0, 1_001, 120, 1_001)]
    public void What_repeats_every_so_many_beats_waits_for_the_next_beat_and_all_else_for_nothing(int interval, int due, int phase, int runs) =>
        Assert.Equal(Ticks(runs), TicklessScheduler.OnBeat(Ticks(due), Ticks(interval), Ticks(phase)));

    // What waits for a beat is overtaken, unless the beat happens to come at once; what does not never is.
    [Fact]
    public async Task What_waits_for_the_beat_is_overtaken_by_what_is_due_before_it()
    {
        var firsts = new List<string>();
        while (!firsts.Contains("once") && firsts.Count < 20)
        {
            var first = new TaskCompletionSource<string>();
            using var cancel = new Cancelable(Actions);
            Actions.ScheduleRepeatedly(TimeSpan.FromMilliseconds(1), TicklessScheduler.Beat, () => first.TrySetResult("beat"), cancel);
            Actions.ScheduleOnce(Step, () => first.TrySetResult("once"));
            firsts.Add(await first.Task);
            cancel.Cancel();
        }

        Assert.Contains("once", firsts);
    }

    [Fact]
    public async Task After_a_time_in_which_it_stood_still_it_does_not_catch_up()
    {
        var (count, stood) = (0, new TaskCompletionSource());
        using var held = new ManualResetEventSlim();
        // Stands in the way for as long as ten intervals take.
        Actions.ScheduleOnce(TimeSpan.Zero, () => held.Wait());
        Actions.ScheduleRepeatedly(Step, Step, () => count++);
        Actions.ScheduleOnce(Step * 2, stood.SetResult);
        await Task.Delay(Step * 10);
        held.Set();
        await stood.Task;
        Assert.Equal(1, count);
    }

    [Fact]
    public async Task What_is_called_off_in_time_never_runs()
    {
        var ran = false;
        using var cancel = new Cancelable(Actions);
        Actions.ScheduleOnce(Step, () => ran = true, cancel);
        cancel.Cancel();
        await Later(Step * 3);
        Assert.False(ran);
    }

    [Fact]
    public async Task The_longest_delay_there_is_does_not_come_round_to_now()
    {
        var ran = false;
        Actions.ScheduleOnce(TimeSpan.MaxValue, () => ran = true);
        Actions.ScheduleRepeatedly(TimeSpan.MaxValue, TimeSpan.MaxValue, () => ran = true);
        await Later(Step * 2);
        Assert.False(ran);
    }

    [Fact]
    public async Task One_that_throws_is_told_of_and_stops_no_other()
    {
        var next = new TaskCompletionSource();
        await EventFilter.Error(contains: "What was scheduled has failed").ExpectOneAsync(async () =>
        {
            Actions.ScheduleOnce(TimeSpan.Zero, static () => throw new InvalidOperationException("planted"));
            Actions.ScheduleOnce(Step, next.SetResult);
            await next.Task;
        });
    }

    [Fact]
    public async Task From_many_threads_each_runs_exactly_once()
    {
        const int Threads = 4, Each = 5_000;
        var runs = new int[Threads * Each];
        using var all = new CountdownEvent(runs.Length);
        Parallel.For(0, Threads, thread =>
        {
            for (var i = 0; i < Each; i++)
            {
                var index = (thread * Each) + i;
                Actions.ScheduleOnce(TimeSpan.FromMilliseconds(index * 7 % 50), () =>
                {
                    Interlocked.Increment(ref runs[index]);
                    all.Signal();
                });
            }
        });
        await Task.Run(() => all.Wait());
        await Later(Step);
        Assert.All(runs, static r => Assert.Equal(1, r));
    }

    [Fact]
    public async Task Once_the_system_has_ended_nothing_runs_and_nothing_can_be_scheduled()
    {
        var ran = false;
        Actions.ScheduleOnce(Step, () => ran = true);
        _scheduler.Dispose();
        await Task.Delay(Step * 3);
        Assert.False(ran);
        Assert.Throws<SchedulerException>(() => Actions.ScheduleOnce(Step, static () => { }));
    }

    [Fact]
    public async Task A_nodes_system_works_by_it_unless_its_operator_says_otherwise()
    {
        var akka = new AkkaSettings { Self = new NodeId("node1"), Host = "127.0.0.1", Port = 0 };
        var own = akka.CreateSystem();
        var other = akka.CreateSystem(ConfigurationFactory.ParseString(
            "akka.scheduler.implementation = \"Akka.Actor.HashedWheelTimerScheduler, Akka\""));
        Assert.IsType<TicklessScheduler>(own.Scheduler);
        Assert.IsType<HashedWheelTimerScheduler>(other.Scheduler);
        await Task.WhenAll(own.Terminate(), other.Terminate());
    }

    private static long Ticks(int milliseconds) => milliseconds * TimeSpan.TicksPerMillisecond;

    private async Task Later(TimeSpan delay)
    {
        var past = new TaskCompletionSource();
        Actions.ScheduleOnce(delay, past.SetResult);
        await past.Task;
    }
}
