using System.Diagnostics;
using Dynamo.Core;

namespace Dynamo.Telemetry;

/// <summary>The <see cref="ActivitySource"/> named Dynamo: an activity for each client request, from its arrival to its outcome.</summary>
/// <remarks>
/// Names are <c>dynamo.get</c>, <c>dynamo.put</c>, <c>dynamo.delete</c>, <c>dynamo.increment</c>, <c>dynamo.list</c> and
/// <c>dynamo.owner_get</c>, one owner's part of a get that a client coordinates. Who was asked and
/// what each replica said are events of it. Nothing crosses to other nodes: their part is a read or a write of one row, and what
/// an operator wants to know of it, who was slow, the events tell from here. Without a listener a request costs one look.
/// </remarks>
internal sealed class RequestTraces(string cluster, string node, bool withKeys) : IDisposable
{
    internal static readonly ActivitySource Source = new(NodeMeter.Name, Build.Version);
    private readonly Lock _lock = new();
    private readonly Dictionary<RequestId, Activity> _open = [];
    private volatile int _count;

    /// <summary>Begins an activity below the caller's; null when nobody listens.</summary>
    public Activity? Begin(ClientRequest request)
    {
        if (!Source.HasListeners()) return null;
        var (name, bucket, key) = request switch
        {
            GetRequest get => ("dynamo.get", get.Key.Bucket, get.Key),
            PutRequest put => ("dynamo.put", put.Key.Bucket, put.Key),
            DeleteRequest delete => ("dynamo.delete", delete.Key.Bucket, delete.Key),
            IncrementRequest increment => ("dynamo.increment", increment.Key.Bucket, increment.Key),
            OwnerReadRequest read => ("dynamo.owner_get", read.Key.Bucket, read.Key),
            ListRequest list => ("dynamo.list", list.Bucket ?? "", null),
            _ => ("dynamo.request", "", (Key?)null),
        };
        var caller = Activity.Current;
        var activity = Source.StartActivity(name);
        // The request goes on in another thread; the caller's own context stays as it was.
        Activity.Current = caller;
        if (activity is not { IsAllDataRequested: true }) return activity;
        activity.SetTag("dynamo.cluster", cluster).SetTag("dynamo.node", node).SetTag("dynamo.bucket", bucket);
        if (withKeys && key is not null) activity.SetTag("dynamo.key", key.ToString());
        return activity;
    }

    /// <summary>From now on the activity is that of the request with this number.</summary>
    public void Follow(RequestId request, Activity? activity)
    {
        if (activity is null) return;
        lock (_lock) _open[request] = activity;
        _count = _open.Count;
    }

    /// <summary>Takes note of what a machine observed about a request that is followed.</summary>
    public void Observe(Observation observation)
    {
        if (_count == 0) return;
        switch (observation)
        {
            case Observation.RequestEnded ended:
                if (Take(ended.Request) is { } done) End(done, ended);
                break;
            case Observation.ReplicaAnswered answer:
                Add(answer.Request, "replica.answered", answer.From, answer.Said);
                break;
            case Observation.Forwarded forwarded:
                Add(forwarded.Request, "forwarded", forwarded.To, "asked");
                break;
        }
    }

    /// <summary>Ends what is still open: the node stops.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var activity in _open.Values)
            {
                activity.SetStatus(ActivityStatusCode.Error, "The node stopped.");
                Stop(activity);
            }

            _open.Clear();
            _count = 0;
        }
    }

    private static void End(Activity activity, Observation.RequestEnded ended)
    {
        if (activity.IsAllDataRequested)
        {
            var tally = ended.Tally;
            activity.SetTag("dynamo.outcome", OutcomeNames.Of(ended.Outcome))
                .SetTag("dynamo.replicas_asked", tally.Asked).SetTag("dynamo.forwarded", tally.Forwarded > 0);
            if (tally.N > 0) activity.SetTag("dynamo.n", tally.N);
            if (tally.R > 0) activity.SetTag("dynamo.r", tally.R);
            if (tally.W > 0) activity.SetTag("dynamo.w", tally.W);
            if (ended.Outcome is Found found) activity.SetTag("dynamo.siblings", found.Siblings.Length);
            if (!ended.Outcome.IsSuccess) activity.SetStatus(ActivityStatusCode.Error, ended.Outcome.Sentence);
        }

        Stop(activity);
    }

    // Stopping makes the caller's activity the current one, and this is the node's thread.
    private static void Stop(Activity activity)
    {
        var current = Activity.Current;
        activity.Stop();
        Activity.Current = current;
    }

    private Activity? Take(RequestId request)
    {
        lock (_lock)
        {
            _open.Remove(request, out var activity);
            _count = _open.Count;
            return activity;
        }
    }

    private void Add(RequestId request, string name, NodeId who, string said)
    {
        lock (_lock)
            if (_open.TryGetValue(request, out var activity) && activity.IsAllDataRequested)
                activity.AddEvent(new ActivityEvent(name, tags: new() { { "dynamo.peer", who.Name }, { "dynamo.said", said } }));
    }
}
