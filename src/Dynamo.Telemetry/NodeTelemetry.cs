using System.Collections.Immutable;
using System.Diagnostics;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Telemetry;

/// <summary>All that one node tells of itself: it takes the machines' observations and gives numbers, traces and events.</summary>
/// <remarks>
/// <code>
///   observations --> NodeCounters --> NodeReading --> /metrics, /stats, the meter
///        |`--------> RequestTraces -> activities
///        `---------> EventWatch ----> the runtime's log
/// </code>
/// The same in both runtimes. Every member may be called from any thread.
/// </remarks>
public sealed class NodeTelemetry : IDisposable
{
    private static readonly TimeSpan Lately = TimeSpan.FromMilliseconds(250);
    private readonly Lock _lock = new();
    private readonly Lock _eventsLock = new();
    private readonly Lock _readLock = new();
    private readonly NodeCounters _counters = new();
    private readonly IStorageEngine _store;
    private readonly TelemetryOptions _options;
    private readonly NodeId _self;
    private readonly RequestTraces _traces;
    private readonly EventWatch _events;
    private volatile ClusterView? _view;
    private volatile int _requestsInFlight;

    // Counted since the counters were last read.
    private long _replicaReads, _replicaWrites;
    private (long At, NodeReading? Reading) _last;

    /// <summary>A node that has done nothing yet.</summary>
    /// <param name="self">The node.</param>
    /// <param name="founding">The cluster.</param>
    /// <param name="runtime">"akka" or "embedded".</param>
    /// <param name="store">Its store; it is read until this is disposed.</param>
    /// <param name="options">Where events go, and what traces show.</param>
    public NodeTelemetry(NodeId self, Founding founding, string runtime, IStorageEngine store, TelemetryOptions options)
    {
        (_self, _store, _options, Runtime) = (self, store, options, runtime);
        (Cluster, Node) = (founding.ClusterName, self.Name);
        _traces = new RequestTraces(Cluster, Node, options.TraceKeys);
        _events = new EventWatch(Node, Say, options.Time);
        store.Watch((took, writes) => NodeMeter.TellCommit(this, took, writes));
        NodeMeter.Add(this);
    }

    /// <summary>The cluster's name.</summary>
    public string Cluster { get; }

    /// <summary>The node's name.</summary>
    public string Node { get; }

    /// <summary>"akka" or "embedded".</summary>
    public string Runtime { get; }

    /// <summary>Requests being coordinated now; the runtime keeps it up to date.</summary>
    public int RequestsInFlight
    {
        get => _requestsInFlight;
        set => _requestsInFlight = value;
    }

    /// <summary>What is sent to the other nodes; a runtime that has a link counts here.</summary>
    public LinkTraffic Link { get; } = new();

    /// <summary>Counts what a machine observed, follows requests by it, and logs it when somebody should act on it.</summary>
    public void Observe(Observation observation)
    {
        // Nobody logs or follows these two, and there are several of them a request: they are worth no lock.
        if (observation is Observation.ReplicaRead)
        {
            Interlocked.Increment(ref _replicaReads);
            return;
        }

        if (observation is Observation.ReplicaWritten)
        {
            Interlocked.Increment(ref _replicaWrites);
            return;
        }

        lock (_lock) _counters.Count(observation);
        if (observation is Observation.RequestEnded ended) NodeMeter.Tell(this, ended);
        _traces.Observe(observation);
        if (_options.Log is null || !EventWatch.Concerns(observation)) return;
        lock (_eventsLock) _events.On(observation);
    }

    /// <summary>A request has reached the node; null when nobody follows it.</summary>
    public Activity? Arrived(ClientRequest request) => _traces.Begin(request);

    /// <summary>The request that arrived has this number from now on, by which observations name it.</summary>
    public void Follow(RequestId request, Activity? activity) => _traces.Follow(request, activity);

    /// <summary>The node sees the cluster so from now on.</summary>
    public void OnView(ClusterView view)
    {
        _view = view;
        if (_options.Log is null) return;
        lock (_eventsLock) _events.On(view);
    }

    /// <summary>Looks after what nobody tells: the store's health. To be called about once a second.</summary>
    public void Look()
    {
        if (_options.Log is null) return;
        var error = _store.Error;
        lock (_eventsLock) _events.Look(error);
    }

    /// <summary>Writes an event to the node's log.</summary>
    public void Say(NodeEvent said) => _options.Log?.Invoke(said);

    /// <summary>Every counter and its value.</summary>
    public ImmutableSortedDictionary<string, long> Counters()
    {
        lock (_lock)
        {
            CountReplicas();
            return _counters.Snapshot();
        }
    }

    /// <summary>Every number now.</summary>
    public NodeReading Read()
    {
        var view = _view;
        var rings = view?.Rings;
        var reading = new NodeReading
        {
            Node = Node,
            Cluster = Cluster,
            Runtime = Runtime,
            Counters = ImmutableSortedDictionary<string, long>.Empty,
            RequestsInFlight = _requestsInFlight,
            Link = Link.Counts,
            Engine = _store.Name,
            StorageError = _store.Error,
            Held = _store.Counts(),
            Store = _store.Measures(),
            Hints = _store.HintOwners().ToImmutableSortedDictionary(static o => o.Name, _store.HintCount),
            Peers = view is null ? ImmutableSortedDictionary<string, bool>.Empty
                : view.Everybody.Where(n => n != _self).ToImmutableSortedDictionary(static n => n.Name, view.IsReachable),
            IsServing = rings is { Absence.Length: 0 },
            RingVersion = rings?.Settled.Number ?? 0,
            RingIsChanging = rings?.Next is not null,
            RingPartitions = view?.Ring.PartitionCount ?? 0,
            PartitionsOwned = view?.Ring.Share(_self) ?? 0,
        };
        lock (_lock)
        {
            CountReplicas();
            var requests = _counters.Requests;
            return reading with
            {
                Counters = _counters.Snapshot(),
                Took = requests.Took(),
                Siblings = requests.Siblings,
                BytesRead = requests.BytesRead,
                BytesWritten = requests.BytesWritten,
                TransfersLeft = _counters.TransfersLeft,
            };
        }
    }

    /// <summary>Ends what is followed and leaves the meter; to be called before the store is disposed.</summary>
    public void Dispose()
    {
        NodeMeter.Remove(this);
        _traces.Dispose();
    }

    // Under the lock.
    private void CountReplicas() => _counters.CountReplicas(Interlocked.Exchange(ref _replicaReads, 0), Interlocked.Exchange(ref _replicaWrites, 0));

    // A listener reads metric by metric, and all of them are to be of one moment and of one reading of the store.
    internal NodeReading? TryReadLately()
    {
        lock (_readLock)
        {
            if (_last.Reading is { } reading && Stopwatch.GetElapsedTime(_last.At) < Lately) return reading;
            try
            {
                _last = (Stopwatch.GetTimestamp(), Read());
            }
            catch (Exception fault) when (fault is ObjectDisposedException or StoreFailedException)
            {
                // The node is being stopped, or its store cannot be read: then there are no numbers.
                _last = default;
            }

            return _last.Reading;
        }
    }
}

/// <summary>Where a node's events go, and what its traces show.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Nothing is logged, and no key shown.</summary>
    public static readonly TelemetryOptions Quiet = new();

    /// <summary>Takes each event, from whichever thread; quick, and never throws. null, the default, logs nothing.</summary>
    public Action<NodeEvent>? Log { get; init; }

    /// <summary>Whether traces name keys, and not buckets alone. Off by default: a key may be a person's name.</summary>
    public bool TraceKeys { get; init; }

    /// <summary>The time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
