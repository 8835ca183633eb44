using Akka.Cluster;
using Dynamo.Core;
using static Dynamo.Actors.Tests.Requests;

namespace Dynamo.Actors.Tests;

/// <summary>Whole nodes over real Akka.Remote connections: what the shell must not lose on the way.</summary>
public sealed class ClusterTests
{
    [Fact]
    public async Task What_one_node_stores_another_one_reads()
    {
        await using var cluster = LoopbackCluster.Of(3);
        await cluster.StartAll();
        for (var i = 0; i < 50; i++)
        {
            var key = Key.Of("b", $"k{i}");
            Assert.IsType<Stored>(await cluster[1 + i % 3].Execute(Put(key, $"v{i}")));
            var found = Assert.IsType<Found>(await cluster[1 + (i + 1) % 3].Execute(Get(key)));
            Assert.Equal($"v{i}", Text(Assert.Single(found.Siblings)));
        }

        var names = new List<string>();
        await foreach (var page in cluster[2].List(new ListRequest("b")))
            names.AddRange(Assert.IsType<Listing>(page).Names.Select(n => System.Text.Encoding.UTF8.GetString(n.Span)));
        Assert.Equal(50, names.Distinct().Count());
        Assert.Equal(50, names.Count);
    }

    [Fact]
    public async Task A_value_larger_than_a_frame_travels_whole()
    {
        await using var cluster = LoopbackCluster.Of(3);
        await cluster.StartAll();
        var body = new byte[1 << 20];
        new Random(7).NextBytes(body);
        var key = Key.Of("b", "large");
        var put = new PutRequest(key, default, new Value { Body = body }, PutOptions.None);
        Assert.IsType<Stored>(await cluster[1].Execute(put));
        foreach (var node in new[] { 1, 2, 3 })
        {
            var found = Assert.IsType<Found>(await cluster[node].Execute(Get(key)));
            Assert.True(Assert.Single(found.Siblings).Value!.Body.Span.SequenceEqual(body));
        }
    }

    [Fact]
    public async Task A_counter_counts_at_whatever_node_it_is_added_to()
    {
        await using var cluster = LoopbackCluster.Of(5);
        await cluster.StartAll();
        var key = Key.Of("b", "counter");
        var added = await Task.WhenAll(Enumerable.Range(0, 100).Select(
            i => cluster[1 + i % 5].Execute(new IncrementRequest(key, 1 + i, PutOptions.None))));
        Assert.All(added, static outcome => Assert.IsType<Stored>(outcome));
        for (var node = 1; node <= 5; node++)
        {
            var found = Assert.IsType<Found>(await cluster[node].Execute(Get(key)));
            Assert.Equal(5050, Counter.ValueOf(found.Siblings));
        }
    }

    [Fact]
    public async Task Properties_set_on_one_node_reach_the_others()
    {
        await using var cluster = LoopbackCluster.Of(3);
        await cluster.StartAll();
        Assert.Equal("", await cluster[1].SetProperties("b", BucketProperties.Standard with { AllowMult = false }));
        await LoopbackCluster.Until(
            () => new[] { 1, 2, 3 }.All(i => !cluster[i].View.PropertiesOf("b").AllowMult), "every node knows the properties");
    }

    [Fact]
    public async Task A_node_that_comes_back_at_another_address_gets_its_hints_while_a_third_one_is_dead()
    {
        await using var cluster = LoopbackCluster.Of(4);
        await cluster.StartAll();
        await cluster.Kill(2);
        await cluster.Kill(3);
        await cluster.UntilTheLivingSeeEachOther();
        for (var i = 0; i < 32; i++) Assert.IsType<Stored>(await cluster[1].Execute(Put(Key.Of("b", $"k{i}"), $"v{i}")));
        var two = LoopbackCluster.Name(2);
        Assert.True(cluster[1].Store.HintCount(two) + cluster[4].Store.HintCount(two) > 0);

        cluster.Endpoints = cluster.Endpoints.SetItem(two, LoopbackCluster.FreePorts(two)[two]);
        await cluster.Start(2);
        await cluster.UntilTheLivingSeeEachOther();
        await LoopbackCluster.Until(
            () => cluster[1].Store.HintCount(two) + cluster[4].Store.HintCount(two) == 0, "the hints are delivered");
        for (var i = 0; i < 32; i++)
            Assert.IsType<Found>(await cluster[2].Execute(Get(Key.Of("b", $"k{i}"))));
    }

    [Fact]
    public async Task A_minority_stays_up_and_writes()
    {
        await using var cluster = LoopbackCluster.Of(3);
        await cluster.StartAll();
        // The split brain resolver, on by default, would end this node twenty seconds from now.
        Assert.IsType<NoDowning>(Cluster.Get(cluster[1].ActorSystem).DowningProvider);
        await cluster.Kill(2);
        await cluster.Kill(3);
        await cluster.UntilTheLivingSeeEachOther();
        var one = PutOptions.None with { W = QuorumSize.One, DW = QuorumSize.One };
        Assert.IsType<Stored>(await cluster[1].Execute(Put(Key.Of("b", "k"), "v", options: one)));
    }

    [Fact]
    public async Task Nodes_of_another_founding_are_strangers()
    {
        await using var cluster = LoopbackCluster.Of(2);
        await cluster.StartAll();
        await using var other = LoopbackCluster.Of(2, "other");
        other.Endpoints = other.Endpoints.SetItem(LoopbackCluster.Name(2), cluster.Endpoints[LoopbackCluster.Name(2)]);
        await other.Start(1);
        await LoopbackCluster.Until(
            () => cluster[2].Counters()[CounterNames.InputsRefused] > 2,
            "the stranger's pings have been refused");
        Assert.True(cluster[2].View.IsReachable(LoopbackCluster.Name(1)));
        Assert.False(other[1].View.IsReachable(LoopbackCluster.Name(2)));
    }

    [Fact]
    public async Task Who_asks_a_node_that_has_stopped_is_told()
    {
        await using var cluster = LoopbackCluster.Of(1);
        await cluster.StartAll();
        var node = cluster[1];
        await cluster.Kill(1);
        Assert.IsType<NotReady>(await node.Execute(Get(Key.Of("b", "k"))));
    }

    [Fact]
    public async Task Akkas_own_cluster_forms_without_seeds()
    {
        await using var cluster = LoopbackCluster.Of(3);
        await cluster.StartAll();
        await LoopbackCluster.Until(
            () => new[] { 1, 2, 3 }.All(i => Cluster.Get(cluster[i].ActorSystem).State.Members.Count(m => m.Status == MemberStatus.Up) == 3),
            "all three are up in one cluster");
    }
}
