using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace Dynamo.Client;

/// <summary>Makes <see cref="RequestThreads"/> out of a dispatcher's section; named there as its <c>executor</c>.</summary>
/// <param name="config">The section; <c>threads-per-core</c> in it says how many threads there are.</param>
/// <param name="prerequisites">What Akka gives to any of its kind.</param>
internal sealed class RequestThreadsConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : ExecutorServiceConfigurator(config, prerequisites)
{
    /// <inheritdoc/>
    public override ExecutorService Produce(string id)
    {
        var threads = new RequestThreads(id, CountOf(Config.GetDouble("threads-per-core"), Environment.ProcessorCount));
        RequestThreads.Remember(Prerequisites.Settings, id, threads);
        return threads;
    }

    /// <summary>How many threads that is; at least one.</summary>
    public static int CountOf(double perCore, int cores) => Math.Max(1, (int)Math.Round(perCore * cores));
}

/// <summary>A few threads for all the actors that requests pass on their way, and for whoever lends itself to them.</summary>
/// <remarks>
/// A request goes through half a dozen actors, each with a little work. On a shared pool every step wakes a thread, which costs
/// more than the step; here whoever is at work takes the next one as well, and a thread that has nothing to do sleeps at once
/// instead of spinning. A thread that has read something from a socket is awake already, so it carries out what that asks for
/// (<see cref="Lend"/>).
/// </remarks>
internal sealed class RequestThreads : ExecutorService
{
    // A thread that is lent has a socket to read from.
    private const int MostLent = 64;

    // So many steps take less than it takes to wake a thread, and whoever reads another frame takes of them as well.
    private const int MostAhead = 24;
    private static readonly ConditionalWeakTable<Settings, ConcurrentDictionary<string, RequestThreads>> s_made = [];

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

    /// <summary>Those of a dispatcher; null when it has others, or none yet.</summary>
    public static RequestThreads? Of(ActorSystem system, string dispatcher) =>
        s_made.TryGetValue(system.Settings, out var made) ? made.GetValueOrDefault(dispatcher) : null;

    /// <summary>Notes whose they are, for <see cref="Of"/>.</summary>
    public static void Remember(Settings system, string dispatcher, RequestThreads threads) =>
        s_made.GetOrCreateValue(system)[dispatcher] = threads;

    /// <inheritdoc/>
    public override void Execute(IRunnable run)
    {
        lock (_gate)
        {
            if (_closing) throw new RejectedExecutionException("The threads for requests have ended.");
            _queue.Enqueue(run);
            // Whoever gives it from one of these threads is about to be through and takes it then; waking another would cost
            // more than that wait.
            var isTaken = t_worksFor == this && _queue.Count <= MostAhead;
            if (_waiting > 0 && !isTaken) Monitor.Pulse(_gate);
        }
    }

    /// <summary>Does something on the calling thread as if it were one of these, and then some of what waits.</summary>
    public void Lend(Action begin)
    {
        var before = t_worksFor;
        t_worksFor = this;
        try
        {
            begin();
            for (var i = 0; i < MostLent && TryTake() is { } next; i++) next.Run();
        }
        finally
        {
            t_worksFor = before;
            lock (_gate)
                if (_waiting > 0 && _queue.Count > 0) Monitor.Pulse(_gate);
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

    private IRunnable? TryTake()
    {
        lock (_gate) return _queue.TryDequeue(out var next) ? next : null;
    }
}
