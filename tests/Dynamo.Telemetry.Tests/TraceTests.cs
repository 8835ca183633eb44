using System.Diagnostics;
using Dynamo.Core;
using Dynamo.Embedded;

namespace Dynamo.Telemetry.Tests;

/// <summary>Each request is an activity that says what became of it, and shows no key unless it is asked to.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly string _cluster = $"trace-{Guid.NewGuid():N}";
    private readonly Lock _lock = new();
    private readonly List<Activity> _ended = [];
    private readonly ActivityListener _listener;

    public TraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == NodeMeter.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (_lock) _ended.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public async Task A_request_tells_its_counts_its_outcome_and_who_answered()
    {
        await using var cluster = EmbeddedCluster.Start(Options());
        Assert.IsType<Stored>(await cluster["node1"].Put("carts", "alice", "milk"));
        Assert.IsType<Found>(await cluster["node1"].Get("carts", "alice", new GetOptions { R = QuorumSize.One }));
        var get = Ended("dynamo.get").Single();
        Assert.Equal(
            ("carts", "node1", "found", 3, 1, 3),
            (get.GetTagItem("dynamo.bucket"), get.GetTagItem("dynamo.node"), get.GetTagItem("dynamo.outcome"), get.GetTagItem("dynamo.n"),
                get.GetTagItem("dynamo.r"), get.GetTagItem("dynamo.replicas_asked")));
        Assert.Equal(false, get.GetTagItem("dynamo.forwarded"));
        var answer = Assert.Single(get.Events);
        Assert.Equal("replica.answered", answer.Name);
        Assert.Contains(answer.Tags, static t => t is { Key: "dynamo.said", Value: "found" });
        var put = Ended("dynamo.put").Single();
        Assert.Equal(("stored", 2), (put.GetTagItem("dynamo.outcome"), put.GetTagItem("dynamo.w")));
        Assert.True(put.Events.Count() >= 2, "two acknowledgements make W");
        Assert.All([get, put], static a => Assert.DoesNotContain("alice", Everything(a), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_that_fails_is_an_error_and_the_callers_activity_is_its_parent()
    {
        await using var cluster = EmbeddedCluster.Start(Options());
        cluster.Kill("node2");
        using var caller = new Activity("caller").Start();
        var outcome = await cluster["node1"].Put("carts", "alice", "milk", options: new PutOptions { PW = QuorumSize.All });
        Assert.IsNotType<Stored>(outcome);
        Assert.Same(caller, Activity.Current);
        var put = Ended("dynamo.put").Single();
        Assert.Equal(caller.Id, put.ParentId);
        Assert.Equal((ActivityStatusCode.Error, outcome.Sentence), (put.Status, put.StatusDescription));
    }

    [Fact]
    public async Task A_write_that_another_node_coordinates_says_so()
    {
        // Of five nodes two are no owners of a key.
        await using var cluster = EmbeddedCluster.Start(Options() with { Nodes = 5 });
        var key = Key.Of("carts", "alice");
        var ring = cluster["node1"].Port.Ring;
        var owners = ring.PreferenceList(ring.PartitionOf(key), 3);
        var stranger = cluster.Nodes.First(n => !owners.Contains(n.Name));
        Assert.IsType<Stored>(await stranger.Put("carts", "alice", "milk"));
        var put = Ended("dynamo.put").Single();
        Assert.Equal((true, 0), (put.GetTagItem("dynamo.forwarded"), put.GetTagItem("dynamo.replicas_asked")));
        Assert.Contains(put.Events, static e => e.Name == "forwarded");
        Assert.Equal(1, stranger.Port.Reading().Counters[CounterNames.Redirects]);
    }

    [Fact]
    public async Task Keys_are_shown_when_they_are_asked_for()
    {
        await using var cluster = EmbeddedCluster.Start(Options() with { TraceKeys = true });
        await cluster["node1"].Get("carts", "alice");
        Assert.Contains("alice", (string)Ended("dynamo.get").Single().GetTagItem("dynamo.key")!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_goes_on_with_the_clients_trace_and_tells_no_path()
    {
        await using var cluster = await EmbeddedCluster.StartAsync(Options() with { HttpPort = 0 });
        using var http = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null });
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{cluster["node1"].Url}/buckets/carts/keys/alice"));
        request.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
        using var answer = await http.SendAsync(request);
        var get = Ended("dynamo.get").Single();
        Assert.Equal(trace, get.TraceId.ToString());
        Activity? server = null;
        // The answer is on its way to the client before the server's activity ends.
        Assert.True(SpinWait.SpinUntil(() => (server = All().Find(a => a.SpanId == get.ParentSpanId)) is not null, TimeSpan.FromSeconds(30)));
        Assert.Equal(("GET /buckets/{bucket}/keys/{key}", ActivityKind.Server), (server!.DisplayName, server.Kind));
        Assert.Equal((404, "b7ad6b7169203331"), (server.GetTagItem("http.response.status_code"), server.ParentSpanId.ToString()));
        Assert.DoesNotContain("alice", Everything(server), StringComparison.Ordinal);
    }

    public void Dispose() => _listener.Dispose();

    private EmbeddedOptions Options() => new() { Nodes = 3, Partitions = 16, ClusterName = _cluster };

    private List<Activity> All()
    {
        lock (_lock) return [.. _ended];
    }

    // Other tests of this process have clusters of their own.
    private IEnumerable<Activity> Ended(string name) =>
        All().Where(a => a.OperationName == name && _cluster.Equals(a.GetTagItem("dynamo.cluster")));

    private static string Everything(Activity activity) => string.Join(
        '\n', [activity.DisplayName, activity.StatusDescription, .. activity.TagObjects.Select(static t => $"{t.Key}={t.Value}")]);
}
