using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Dynamo.Core;
using Dynamo.Telemetry;
using static Dynamo.Actors.Tests.Requests;

namespace Dynamo.Actors.Tests;

/// <summary>What a node of actors tells of itself is what one of the embedded cluster does.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Requests_are_measured_and_followed()
    {
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == NodeMeter.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (ended) ended.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        var name = $"trace-{Guid.NewGuid():N}";
        await using var cluster = LoopbackCluster.Of(3, name);
        await cluster.StartAll();
        Assert.IsType<Stored>(await cluster[1].Execute(Put(Key.Of("b", "k"), "milk")));
        Assert.IsType<Found>(await cluster[1].Execute(Get(Key.Of("b", "k"))));

        var reading = cluster[1].Reading();
        Assert.Equal((1, 1), (reading.CountOf("stored", "put"), reading.CountOf("found", "get")));
        Assert.Equal((4, 1, true), (reading.BytesWritten.Sum, reading.Siblings.Sum, reading.IsServing));
        Assert.True(reading.TimesOf("put").Sum > 0);
        Assert.Equal(["node2", "node3"], reading.Peers.Keys);
        lock (ended)
        {
            var get = Assert.Single(ended, a => a.OperationName == "dynamo.get" && name.Equals(a.GetTagItem("dynamo.cluster")));
            Assert.Equal(("found", 3), (get.GetTagItem("dynamo.outcome"), get.GetTagItem("dynamo.replicas_asked")));
            Assert.True(get.Events.Count(static e => e.Name == "replica.answered") >= 2);
        }
    }

    [Fact]
    public async Task Events_reach_akkas_log_with_their_names_and_fields()
    {
        await using var cluster = LoopbackCluster.Of(3);
        await cluster.StartAll();
        var said = new List<NodeEvent>();
        var watch = Sys(1).ActorOf(Props.Create(() => new Listener(said)));
        Assert.True(Sys(1).EventStream.Subscribe(watch, typeof(LogEvent)));
        await cluster.Kill(3);
        await LoopbackCluster.Until(() => Has(EventNames.NodeUnreachable), "node1 says that node3 is unreachable");
        await cluster.Start(3);
        await LoopbackCluster.Until(() => Has(EventNames.NodeReachable), "node1 says that node3 is reachable");

        ActorSystem Sys(int number) => cluster[number].ActorSystem;

        bool Has(string name)
        {
            lock (said)
                return said.Exists(s => s.Name == name && s.Source == "dynamo.ring"
                    && s.Fields.Any(static f => f.Name == "peer" && f.Value.ToString() == "node3"));
        }
    }

    private sealed class Listener(List<NodeEvent> said) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is not LogEvent { Message: NodeEvent own }) return;
            lock (said) said.Add(own);
        }
    }
}
