using System.Text.Json;
using Dynamo.Core;
using Dynamo.Embedded;

namespace Dynamo.Telemetry.Tests;

/// <summary>Three nodes on disk that serve HTTP and have carried out one request of each kind, shared by the tests that only look.</summary>
public sealed class LiveNode : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dynamo-telemetry-").FullName;
    private EmbeddedCluster? _cluster;

    /// <summary>Lines of /metrics of node1.</summary>
    public string[] Metrics { get; private set; } = [];

    /// <summary>Names at /stats of node1.</summary>
    public string[] Stats { get; private set; } = [];

    /// <summary>/stats of node1.</summary>
    public JsonElement StatsJson { get; private set; }

    /// <summary>Names of metrics at /metrics of node1, by their TYPE lines.</summary>
    public string[] MetricNames => [.. Metrics.Where(static l => l.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(static l => l.Split(' ')[2])];

    public async Task InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync(new EmbeddedOptions { Nodes = 3, Partitions = 16, HttpPort = 0, DataFolder = _folder });
        var node = _cluster["node1"];
        Assert.IsType<Stored>(await node.Put("b", "k", "milk"));
        Assert.IsType<Stored>(await node.Put("b", "k", "bread"));
        Assert.Equal(2, Assert.IsType<Found>(await node.Get("b", "k")).Siblings.Length);
        Assert.IsType<NotFound>(await node.Get("b", "nothing"));
        Assert.IsType<Stored>(await node.Increment("b", "c"));
        Assert.True((await node.Delete("b", "k")).IsSuccess);
        using var http = new HttpClient();
        Metrics = (await http.GetStringAsync(new Uri($"{node.Url}/metrics"))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using var stats = JsonDocument.Parse(await http.GetStringAsync(new Uri($"{node.Url}/stats")));
        StatsJson = stats.RootElement.Clone();
        Stats = [.. StatsJson.EnumerateObject().Select(static p => p.Name)];
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
