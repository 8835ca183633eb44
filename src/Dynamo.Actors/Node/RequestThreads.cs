using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace Dynamo.Actors;

/// <summary>Makes <see cref="RequestThreads"/> out of a dispatcher's section; named there as its <c>executor</c>.</summary>
/// <param name="config">The section; <c>threads-per-core</c> in it says how many threads there are.</param>
/// <param name="prerequisites">What Akka gives to any of its kind.</param>
internal sealed class RequestThreadsConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : ExecutorServiceConfigurator(config, prerequisites)
{
    /// <inheritdoc/>
    public override ExecutorService Produce(string id) =>
        new RequestThreads(id, CountOf(Config.GetDouble("threads-per-core"), Environment.ProcessorCount));

    /// <summary>How many threads that is; at least one.</summary>
    public static int CountOf(double perCore, int cores) => Math.Max(1, (int)Math.Round(perCore * cores));
}

/// <summary>A few threads for all the actors that requests pass on their way through a node.</summary>
/// <remarks>
/// A request goes through half a dozen of them, each with a little work. On a shared pool every step wakes a thread, which costs
/// more than the step; here whoever is at work takes the next one as well, and a thread that has nothing to do sleeps at once
/// instead of spinning.
/// </remarks>
internal sealed class RequestThreads : ExecutorService
{
    [ThreadStatic]
    private static RequestThreads? t_worksFor;

    private readonly object _gate = new();
    private readonly Queue<IRunnable> _queue = new();
    private int _waiting;
    private bool _closing;

    public RequestThreads(string id, int count)
        : base(id)
    {
        for (var i = 1; i <= count; i++) new Thread(Run) { IsBackground = true, Name = $"dynamo-requests-{i}" }.Start();
    }

    /// <inheritdoc/>
    public override void Execute(IRunnable run)
    {
        lock (_gate)
        {
            if (_closing) throw new RejectedExecutionException("The threads for requests have ended.");
            _queue.Enqueue(run);
            // Whoever gives it from one of these threads is about to be through and takes it then; waking another would cost
            // more than that wait.
            var isNext = t_worksFor == this && _queue.Count == 1;
            if (_waiting > 0 && !isNext) Monitor.Pulse(_gate);
        }
    }

    /// <inheritdoc/>
    public override void Shutdown()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        t_worksFor = this;
        while (Take() is { } next) next.Run();
    }

    private IRunnable? Take()
    {
        lock (_gate)
        {
            while (_queue.Count == 0)
            {
                if (_closing) return null;
                _waiting++;
                Monitor.Wait(_gate);
                _waiting--;
            }

            return _queue.Dequeue();
        }
    }
}
