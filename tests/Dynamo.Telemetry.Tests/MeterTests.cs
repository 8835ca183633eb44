using System.Diagnostics.Metrics;
using Dynamo.Core;
using Dynamo.Embedded;

namespace Dynamo.Telemetry.Tests;

/// <summary>What a listener of the meter hears is what /metrics says, of each node by itself.</summary>
public class MeterTests
{
    private readonly Lock _lock = new();
    private readonly List<(string Instrument, double Value, Dictionary<string, string> Tags)> _heard = [];

    [Fact]
    public async Task The_meter_tells_what_the_reading_says_of_each_node_by_its_tags()
    {
        var name = $"meter-{Guid.NewGuid():N}";
        await using var cluster = EmbeddedCluster.Start(new EmbeddedOptions { Nodes = 3, Partitions = 16, ClusterName = name });
        using var listener = Listen();
        for (var i = 0; i < 5; i++) Assert.IsType<Stored>(await cluster["node1"].Put("b", $"k{i}", "milk"));
        Assert.IsType<Found>(await cluster["node2"].Get("b", "k1"));
        listener.RecordObservableInstruments();
        lock (_lock)
        {
            Assert.Equal(5, Value("dynamo_node_puts", "node1"));
            Assert.Equal(0, Value("dynamo_node_puts", "node2"));
            Assert.Equal(1, Value("dynamo_node_gets", "node2"));
            Assert.Equal(1, Value("dynamo_node_reachable", "node1", ("peer", "node3")));
            var puts = _heard.Where(h => IsOf(h, "dynamo_request_duration", "node1")).ToList();
            Assert.Equal(5, puts.Count);
            Assert.All(puts, static p => Assert.Equal(("put", "stored"), (p.Tags["operation"], p.Tags["outcome"])));
            Assert.All(puts, static p => Assert.InRange(p.Value, 0, 60));
            Assert.Equal([4, 4, 4, 4, 4], _heard.Where(h => IsOf(h, "dynamo_put", "node1")).Select(static h => h.Value));
            Assert.Equal(1, Value("dynamo_get_siblings", "node2"));
        }

        bool IsOf((string Instrument, double Value, Dictionary<string, string> Tags) heard, string instrument, string node) =>
            heard.Instrument == instrument && heard.Tags["node"] == node && heard.Tags["cluster"] == name;

        double Value(string instrument, string node, params (string Name, string Value)[] tags) =>
            _heard.Last(h => IsOf(h, instrument, node) && tags.All(t => h.Tags[t.Name] == t.Value)).Value;
    }

    [Fact]
    public async Task A_node_that_was_stopped_is_told_of_no_more()
    {
        var name = $"meter-{Guid.NewGuid():N}";
        await using var cluster = EmbeddedCluster.Start(new EmbeddedOptions { Nodes = 2, Partitions = 16, ClusterName = name });
        using var listener = Listen();
        Assert.Equal(["node1", "node2"], Nodes());
        cluster.Kill("node2");
        Assert.Equal(["node1"], Nodes());
        cluster.Restart("node2");
        Assert.Equal(["node1", "node2"], Nodes());

        IEnumerable<string> Nodes()
        {
            lock (_lock) _heard.Clear();
            listener.RecordObservableInstruments();
            lock (_lock)
                return [.. _heard.Where(h => h.Instrument == "dynamo_keys" && h.Tags["cluster"] == name).Select(static h => h.Tags["node"]).Order()];
        }
    }

    [Fact]
    public void Every_metric_but_the_processs_is_an_instrument_with_its_unit()
    {
        var seen = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                lock (_lock)
                    if (instrument.Meter.Name == NodeMeter.Name) seen[instrument.Name] = instrument.Unit ?? "";
            },
        };
        using var node = EmptyNode();
        listener.Start();
        lock (_lock)
            Assert.Equal(MetricCatalogue.All.Select(static m => (m.Instrument, m.Unit)).Order(), seen.Select(static s => (s.Key, s.Value)).Order());
    }

    private static NodeTelemetry EmptyNode()
    {
        Assert.True(Founding.TryCreate("c", 16, 3, [new RingMember(new NodeId("node1"))], out var founding, out var error), error);
        return new NodeTelemetry(new NodeId("node1"), founding, "embedded", new Storage.MemoryEngine(), TelemetryOptions.Quiet);
    }

    private MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, all) =>
            {
                if (instrument.Meter.Name == NodeMeter.Name) all.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            var named = new Dictionary<string, string>();
            foreach (var (tag, said) in tags) named[tag] = said?.ToString() ?? "";
            lock (_lock) _heard.Add((instrument.Name, value, named));
        });
        listener.Start();
        return listener;
    }
}
