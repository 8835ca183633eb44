using System.Text.Json;
using Dynamo.Core;
using Dynamo.Embedded;

namespace Dynamo.Telemetry.Tests;

/// <summary>What is said, how often, and in which form.</summary>
public class EventTests
{
    private static readonly NodeId Node3 = new("node3");
    private readonly SteppedTime _time = new();
    private readonly List<NodeEvent> _said = [];

    [Fact]
    public void A_text_line_has_a_sentence_and_its_fields_on_one_line()
    {
        var said = new NodeEvent(
            EventLevel.Warning, "an_event", "dynamo.ring", "Two\nlines.", ("node", new NodeId("node1")), ("why", "a \"b\" c\n\u0007"), ("empty", ""), ("n", 3));
        Assert.Equal(
            """1970-01-01T00:00:00.000Z WARN  dynamo.ring: Two\nlines. event=an_event node=node1 why="a \"b\" c\n" empty="" n=3""",
            EventText.Line(LogFormat.Text, DateTime.UnixEpoch, said));
    }

    [Fact]
    public void A_json_line_is_an_object_with_the_fields_in_it()
    {
        var said = new NodeEvent(EventLevel.Error, "an_event", "dynamo.store", "Two\nlines.", ("node", new NodeId("node1")), ("n", 3L), ("ok", true));
        var line = EventText.Line(LogFormat.Json, DateTime.UnixEpoch, said);
        Assert.DoesNotContain('\n', line);
        Assert.Equal(
            """{"time":"1970-01-01T00:00:00.000Z","level":"error","event":"an_event","source":"dynamo.store","message":"Two\nlines.","node":"node1","n":3,"ok":true}""",
            line);
        using var parsed = JsonDocument.Parse(line);
        Assert.Equal("Two\nlines.", parsed.RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public void A_storm_is_said_once_and_then_once_a_minute_with_how_often_it_was()
    {
        var watch = new EventWatch("node1", _said.Add, _time);
        for (var i = 0; i < 1000; i++) watch.On(new Observation.HintRefused(Node3));
        Assert.Equal((EventNames.HintsRefused, 1L), NameAndTimes(Assert.Single(_said)));
        watch.Look(null);
        _time.Step(59);
        watch.Look(null);
        Assert.Single(_said);
        _time.Step(2);
        watch.Look(null);
        Assert.Equal((EventNames.HintsRefused, 999L), NameAndTimes(_said[^1]));
        _time.Step(61);
        watch.Look(null);
        Assert.Equal(2, _said.Count);
        // It has ended; the next one is news again.
        watch.On(new Observation.HintRefused(Node3));
        Assert.Equal(3, _said.Count);
    }

    [Fact]
    public void Each_owner_is_a_storm_of_its_own_and_strangers_cannot_make_the_log_grow()
    {
        var watch = new EventWatch("node1", _said.Add, _time);
        for (var i = 0; i < 1000; i++) watch.On(new Observation.HintRefused(new NodeId($"n{i}")));
        Assert.Equal(256, _said.Count);
    }

    [Fact]
    public void The_store_is_spoken_of_when_its_health_changes()
    {
        var watch = new EventWatch("node1", _said.Add, _time);
        foreach (var error in (string?[])[null, "The disk is full.", "The disk is full.", null, null]) watch.Look(error);
        Assert.Equal([(EventNames.StoreFailed, "The disk is full."), (EventNames.StoreRecovered, "The store works again.")],
            _said.Select(static s => (s.Name, s.Sentence)));
    }

    [Fact]
    public async Task A_cluster_tells_its_life_and_nothing_of_requests()
    {
        var all = new List<NodeEvent>();
        var options = new EmbeddedOptions
        {
            Nodes = 3,
            Partitions = 16,
            Log = said =>
            {
                lock (all) all.Add(said);
            },
            Settings = NodeSettings.Standard with { PingEvery = TimeSpan.FromMilliseconds(20), SuspectAfter = 3 },
        };
        await using (var cluster = EmbeddedCluster.Start(options))
        {
            for (var i = 0; i < 20; i++) Assert.IsType<Stored>(await cluster["node1"].Put("b", $"k{i}", "milk"));
            Assert.Equal(20, cluster["node1"].Port.Reading().CountOf("stored", "put"));
            cluster.Partition(["node3"], ["node1", "node2"]);
            await Heard(EventNames.NodeUnreachable, "node1", "node3");
            cluster.Heal();
            await cluster.WhenConnected(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
            await cluster.Repair(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
            await Heard(EventNames.RepairEnded, "node2", null);
            await cluster.Join("node4");
            await cluster.WhenSettled(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
            await Heard(EventNames.ChangeCommitted, "node1", null);
            await Heard(EventNames.ChangeSettled, "node1", null);
            Assert.Equal(1, cluster["node1"].Port.Reading().RingVersion);
        }

        await Heard(EventNames.NodeStarted, "node4", null);
        await Heard(EventNames.NodeStopped, "node1", null);
        string[] known =
        [
            EventNames.NodeStarted, EventNames.NodeStopped, EventNames.NodeReachable, EventNames.NodeUnreachable, EventNames.RepairEnded,
            EventNames.ChangeCommitted, EventNames.ChangeSettled, EventNames.TransfersDone,
        ];
        lock (all) Assert.Empty(all.Select(static s => s.Name).Except(known));

        async Task Heard(string name, string node, string? peer)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (true)
            {
                lock (all)
                    if (all.Exists(s => s.Name == name && Field(s, "node") == node && (peer is null || Field(s, "peer") == peer))) return;
                await Task.Delay(10, limit.Token);
            }
        }
    }

    private static string? Field(NodeEvent said, string name) => said.Fields.FirstOrDefault(f => f.Name == name).Value?.ToString();

    private static (string, long) NameAndTimes(NodeEvent said) => (said.Name, (long)said.Fields.Single(static f => f.Name == "times").Value);

    /// <summary>A clock that stands still until it is stepped.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds;

        public void Step(long seconds) => _seconds += seconds;
    }
}
