using Akka.Actor;
using Akka.Dispatch;

namespace Dynamo.Client.Tests;

/// <summary>The threads that requests run on.</summary>
public sealed class RequestThreadsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(0.5, 1, 1)]
    [InlineData(0.5, 2, 1)]
    [InlineData(0.5, 8, 4)]
    [InlineData(0.01, 8, 1)]
    [InlineData(2, 4, 8)]
    public void There_are_as_many_as_the_cores_and_the_setting_say_and_at_least_one(double perCore, int cores, int count) =>
        Assert.Equal(count, RequestThreadsConfigurator.CountOf(perCore, cores));

    [Fact]
    public void One_thread_does_everything_in_the_order_in_which_it_was_given_also_what_was_given_on_the_way()
    {
        var threads = new RequestThreads("test", 1);
        using var done = new ManualResetEventSlim();
        var seen = new List<(int Step, int Thread)>();
        threads.Execute(new Step(() =>
        {
            See(1);
            threads.Execute(new Step(() => See(3)));
            threads.Execute(new Step(done.Set));
            See(2);
        }));
        Assert.True(done.Wait(Patience));
        Assert.Equal([1, 2, 3], seen.Select(static s => s.Step));
        Assert.Single(seen.Select(static s => s.Thread).Distinct());
        threads.Shutdown();

        void See(int step) => seen.Add((step, Environment.CurrentManagedThreadId));
    }

    [Fact]
    public void Two_threads_work_at_the_same_time()
    {
        var threads = new RequestThreads("test", 2);
        using var together = new Barrier(2);
        using var done = new CountdownEvent(2);
        for (var i = 0; i < 2; i++)
            threads.Execute(new Step(() =>
            {
                if (together.SignalAndWait(Patience)) done.Signal();
            }));
        Assert.True(done.Wait(Patience * 2));
        threads.Shutdown();
    }

    [Fact]
    public void What_was_given_before_the_end_is_done_and_nothing_is_taken_afterwards()
    {
        var threads = new RequestThreads("test", 1);
        using var begin = new ManualResetEventSlim();
        using var done = new ManualResetEventSlim();
        threads.Execute(new Step(() => begin.Wait(Patience)));
        threads.Execute(new Step(done.Set));
        threads.Shutdown();
        Assert.Throws<RejectedExecutionException>(() => threads.Execute(new Step(static () => { })));
        begin.Set();
        Assert.True(done.Wait(Patience));
    }

    [Fact]
    public void Who_lends_himself_does_what_he_begins_and_what_follows_and_is_his_own_again()
    {
        var threads = new RequestThreads("test", 1);
        using var hold = new ManualResetEventSlim();
        using var isHeld = new ManualResetEventSlim();
        // The only thread there is has something to do.
        threads.Execute(new Step(() =>
        {
            isHeld.Set();
            hold.Wait(Patience);
        }));
        Assert.True(isHeld.Wait(Patience));
        var seen = new List<(int Step, int Thread)>();
        threads.Lend(() =>
        {
            See(1);
            threads.Execute(new Step(() =>
            {
                See(2);
                threads.Execute(new Step(() => See(3)));
            }));
        });
        Assert.Equal([(1, Environment.CurrentManagedThreadId), (2, Environment.CurrentManagedThreadId), (3, Environment.CurrentManagedThreadId)], seen);
        using var done = new ManualResetEventSlim();
        threads.Execute(new Step(() =>
        {
            See(4);
            done.Set();
        }));
        hold.Set();
        Assert.True(done.Wait(Patience));
        Assert.NotEqual(Environment.CurrentManagedThreadId, seen[^1].Thread);
        threads.Shutdown();

        void See(int step) => seen.Add((step, Environment.CurrentManagedThreadId));
    }

    [Fact]
    public void What_is_more_than_a_lent_thread_takes_is_done_by_the_others()
    {
        var threads = new RequestThreads("test", 1);
        using var done = new CountdownEvent(1_000);
        threads.Lend(() =>
        {
            for (var i = 0; i < 1_000; i++) threads.Execute(new Step(() => done.Signal()));
        });
        Assert.True(done.Wait(Patience));
        threads.Shutdown();
    }

    [Fact]
    public void What_is_begun_by_one_that_fails_is_done_all_the_same()
    {
        var threads = new RequestThreads("test", 1);
        using var done = new ManualResetEventSlim();
        Assert.Throws<InvalidDataException>(() => threads.Lend(() =>
        {
            threads.Execute(new Step(done.Set));
            throw new InvalidDataException();
        }));
        Assert.True(done.Wait(Patience));
        threads.Shutdown();
    }

    [Fact]
    public async Task A_system_has_those_of_its_own_dispatcher()
    {
        using var first = ActorSystem.Create("first", DynamoClient.DefaultConfig());
        using var second = ActorSystem.Create("second", DynamoClient.DefaultConfig());
        var (ofFirst, ofSecond) = (RequestThreads.Of(first, ClientProtocol.Dispatcher), RequestThreads.Of(second, ClientProtocol.Dispatcher));
        Assert.NotNull(ofFirst);
        Assert.NotNull(ofSecond);
        Assert.NotSame(ofFirst, ofSecond);
        Assert.Null(RequestThreads.Of(first, "akka.actor.default-dispatcher"));
        await first.Terminate();
        await second.Terminate();
    }

    private sealed class Step(Action act) : IRunnable
    {
        public void Run() => act();

        public void Execute() => act();
    }
}
