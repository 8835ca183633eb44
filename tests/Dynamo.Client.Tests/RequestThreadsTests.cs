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

    private sealed class Step(Action act) : IRunnable
    {
        public void Run() => act();

        public void Execute() => act();
    }
}
