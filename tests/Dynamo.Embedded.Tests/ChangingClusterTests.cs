using Dynamo.Core;
using Dynamo.Http;
using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Embedded.Tests;

/// <summary>A cluster grows and shrinks while clients use it. Sections 4.8 and 4.9 of the paper.</summary>
public class ChangingClusterTests(ITestOutputHelper output)
{
    private static readonly CancellationToken Soon = new CancellationTokenSource(TimeSpan.FromMinutes(10)).Token;

    private static readonly EmbeddedOptions Small = new() { Nodes = 3, Partitions = 16 };

    [Fact]
    public async Task Three_grow_to_five_and_shrink_to_four_under_load_at_N3_R2_W2()
    {
        using var folder = new TempFolder();
        var options = new EmbeddedOptions { Nodes = 3, DataFolder = folder.Path, HttpPort = 0, Partitions = 64 };
        await using var cluster = await EmbeddedCluster.StartAsync(options);
        await using var load = new HttpLoad("load", 200, [.. cluster.Nodes.Select(static n => n.Url)]);
        EmbeddedMember[] first = [.. cluster.Nodes];
        load.Start(workers: 6);
        await Until(() => load.KeysWritten > 150);

        await cluster.Join("node4");
        await cluster.Join("node5");
        // Two commits, two rings, one after the other: the joiner dies while the first of them is on its way.
        await Until(async () => (await Status(cluster, "node4")) is { Next: not null, TransfersLeft: > 0 });
        cluster.Kill("node4");
        await KillUnderLoadTests.Requests(first, 300);
        Assert.NotNull((await Status(cluster, "node1")).Next);
        Report(load.Switch("one joiner down"));
        cluster.Restart("node4");
        await cluster.WhenSettled(Soon);
        Report(load.Switch("five", [.. cluster.Nodes.Select(static n => n.Url)]));
        AssertShares(cluster, "node1", "node2", "node3", "node4", "node5");
        await KillUnderLoadTests.Requests([.. cluster.Nodes], 500);

        EmbeddedMember[] staying = [.. cluster.Nodes.Where(static n => n.Name.Name != "node2")];
        Report(load.Switch("one leaves", [.. staying.Select(static n => n.Url)]));
        await cluster.Leave("node2");
        await cluster.WhenSettled(Soon);
        cluster.Kill("node2");
        Report(load.Switch("four"));
        AssertShares(cluster, "node1", "node3", "node4", "node5");
        await KillUnderLoadTests.Requests(staying, 500);
        Report(await load.Stop());
        await AssertComplete(cluster, load, staying);

        // A joined node's folder tells it again who is a member.
        cluster.Kill("node5");
        cluster.Restart("node5");
        await cluster.WhenConnected(Soon);
        await Until(async () => (await Status(cluster, "node5")) is { Next: null, Commits: 3 });
        await AssertComplete(cluster, load, staying);
    }

    [Fact]
    public async Task A_cluster_that_has_changed_starts_again_as_it_was()
    {
        using var folder = new TempFolder();
        var options = Small with { DataFolder = folder.Path };
        await using (var cluster = EmbeddedCluster.Start(options))
        {
            for (var i = 0; i < 50; i++) Assert.IsType<Stored>(await cluster["node1"].Put("b", $"key{i}", "v"));
            await cluster.Join("node4", weight: 2);
            await cluster.Leave("node1");
            await cluster.WhenSettled(Soon);
            Assert.Equal("node1 is no member of the cluster any more: it has left.", (await cluster["node1"].Get("b", "key0")).Sentence);
        }

        await using (var cluster = EmbeddedCluster.Start(options))
        {
            await cluster.WhenSettled(Soon);
            Assert.Equal(["node1", "node2", "node3", "node4"], cluster.Nodes.Select(static n => n.Name.Name));
            for (var i = 0; i < 50; i++)
                Assert.Equal(["v"], EmbeddedClusterTests.Texts(await cluster["node4"].Get("b", $"key{i}")));
            Assert.Equal(2, cluster["node4"].Port.Ring.Members.Single(static m => m.Node.Name == "node4").Weight);
        }
    }

    [Fact]
    public async Task A_dead_node_is_replaced_and_another_removed_and_weights_change()
    {
        await using var cluster = EmbeddedCluster.Start(Small with { Nodes = 5 });
        for (var i = 0; i < 50; i++) Assert.IsType<Stored>(await cluster["node1"].Put("b", $"key{i}", "v"));
        await cluster.SetWeight("node1", 2);
        await cluster.WhenSettled(Soon);
        AssertShares(cluster, "node1", "node2", "node3", "node4", "node5");
        cluster.Kill("node5");
        await Until(() => !cluster["node1"].CanReach(new NodeId("node5")));
        await cluster.Replace("node5", "spare");
        await cluster.WhenSettled(Soon);
        cluster.Kill("node4");
        await Until(() => cluster.Nodes.All(static n => !n.IsUp || !n.CanReach(new NodeId("node4"))));
        await cluster.Remove("node4");
        await cluster.SetWeight("node1", 1);
        await cluster.WhenSettled(Soon);

        AssertShares(cluster, "node1", "node2", "node3", "spare");
        foreach (var node in (string[])["node1", "node2", "node3", "spare"])
            for (var i = 0; i < 50; i++)
                Assert.Equal(["v"], EmbeddedClusterTests.Texts(await cluster[node].Get("b", $"key{i}")));
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_in_a_sentence_and_changes_nothing()
    {
        await using var cluster = EmbeddedCluster.Start(Small);
        (Func<Task> Change, string Says)[] refused =
        [
            (() => cluster.Leave("node9"), "node9 is not a member, so it cannot leave."),
            (() => cluster.Join("node2"), "node2 is a member already."),
            (() => cluster.Join("no name"), "A node's name must have"),
            (() => cluster.Join("node4", weight: 0), "The weight of node4 is 0; it must be 1 to 1024."),
            (() => cluster.SetWeight("node1", 0), "The weight of node1 is 0"),
            (() => cluster.SetWeight("node1", 1), "node1 has the weight 1 already."),
            (() => cluster.Remove("node2"), "node2 is reachable: let it leave"),
            (() => cluster.Replace("node7", "node8"), "node7 is not a member, so it cannot be replaced."),
            (() => cluster.Replace("node1", "node2"), "node2 is a member already, so it cannot replace node1."),
        ];
        foreach (var (change, says) in refused)
            Assert.StartsWith(says, (await Assert.ThrowsAsync<EmbeddedChangeException>(change)).Message);
        Assert.Equal(3, cluster.Nodes.Count);
        var status = await Status(cluster, "node1");
        Assert.Equal((0, null, 0), (status.Commits, status.Next, status.Staged.Length));
    }

    [Fact]
    public async Task The_last_node_stays_and_fewer_nodes_than_N_are_warned_of()
    {
        await using var cluster = EmbeddedCluster.Start(Small with { Nodes = 2 });
        var port = cluster["node1"].Port;
        var leave = new MembershipChange.Leave(new NodeId("node2"), new ChangeOrigin(new NodeId("node1"), "", default));
        Assert.Single((await port.Stage(leave, false)).Value!.Staged);
        Assert.Contains("fewer than target_n_val, 3", Assert.Single((await port.Plan()).Value!.Warnings));
        Assert.Empty((await port.ClearStaged()).Value!.Staged);

        await cluster.Leave("node2");
        await cluster.WhenSettled(Soon);
        Assert.Equal(
            "node1 is the last member, so it cannot leave.",
            (await Assert.ThrowsAsync<EmbeddedChangeException>(() => cluster.Leave("node1"))).Message);
    }

    [Fact]
    public async Task A_node_that_was_removed_alive_is_asked_nothing_any_more()
    {
        await using var cluster = EmbeddedCluster.Start(Small with { Nodes = 4 });
        await cluster.Remove("node1", force: true);
        await cluster.WhenSettled(Soon);
        const string Gone = "node1 is no member of the cluster any more: it was removed.";
        await Until(async () => (await cluster["node1"].Port.Status()).Absence == Gone);
        Assert.Equal(Gone, Assert.IsType<NotReady>(await cluster["node1"].Put("b", "k", "v")).Sentence);
        await cluster.Join("node5");
        await cluster.WhenSettled(Soon);
        Assert.Equal(2, (await Status(cluster, "node5")).Commits);
        AssertShares(cluster, "node2", "node3", "node4", "node5");
    }

    [Fact]
    public async Task A_plan_that_went_stale_is_not_committed()
    {
        await using var cluster = EmbeddedCluster.Start(Small);
        var (one, two) = (cluster["node1"].Port, cluster["node2"].Port);
        await one.Stage(Join("node4"), false);
        var plan = (await one.Plan()).Value!;
        await one.Stage(Join("node5"), false);
        Assert.Contains("look at a new plan", (await one.Commit(PlanMark.Of(plan))).Sentence);

        plan = (await one.Plan()).Value!;
        await two.Stage(Join("node6"), false);
        Assert.NotNull((await two.Commit(null)).Value);
        await Until(async () => (await Status(cluster, "node1")).Commits == 1);
        var stale = await one.Commit(PlanMark.Of(plan));
        Assert.Equal((null, true), (stale.Value, stale.IsReady));
        Assert.Contains("look at a new plan", stale.Sentence);

        plan = (await one.Plan()).Value!;
        Assert.NotNull((await one.Commit(PlanMark.Of(plan))).Value);
        await cluster.WhenSettled(Soon);
        Assert.Equal(6, cluster["node1"].Port.Ring.Members.Length);
    }

    [Fact]
    public async Task A_node_that_is_down_says_so_and_the_next_port_is_the_joiners()
    {
        await using var cluster = await EmbeddedCluster.StartAsync(Small with { HttpPort = 0 });
        await cluster.Join("node4", zone: "cellar");
        await cluster.WhenSettled(Soon);
        using var http = new HttpClient();
        Assert.Equal("OK", await http.GetStringAsync(new Uri($"{cluster["node4"].Url}/ping"), Soon));
        Assert.Contains(
            cluster["node4"].Url, await http.GetStringAsync(new Uri($"{cluster["node1"].Url}/admin/cluster"), Soon));
        cluster.Kill("node4");
        var answer = await cluster["node4"].Port.Membership();
        Assert.Equal((null, "node4 is down.", false), (answer.Value, answer.Sentence, answer.IsReady));
        Assert.Equal(4, cluster["node4"].Port.Ring.Members.Length);
    }

    private static MembershipChange.Join Join(string node) =>
        new(new RingMember(new NodeId(node)), new ChangeOrigin(new NodeId("node1"), "test", default));

    private static async Task<MembershipStatus> Status(EmbeddedCluster cluster, string node) =>
        (await cluster[node].Port.Membership()).Value ?? throw new InvalidOperationException($"{node} is down.");

    // Every owner's own store holds what was acknowledged, asked of nobody else; and nobody else holds anything.
    private static async Task AssertComplete(EmbeddedCluster cluster, HttpLoad load, EmbeddedMember[] members)
    {
        var ring = cluster["node1"].Port.Ring;
        var compared = 0;
        foreach (var key in load.Keys.Where(k => load.Acknowledged(k) > 0))
        {
            var owners = ring.PreferenceList(ring.PartitionOf(Key.Of("load", key)), 3);
            foreach (var node in members)
            {
                var isOwner = owners.Contains(node.Name);
                if (isOwner) compared++;
                // An owner whose acknowledgement W did not need may still be writing, and who is none any more still dropping.
                await Until(async () => await load.ReadLocal(node.Url, key) is var held
                    && (isOwner ? held.DefaultIfEmpty().Max() >= load.Acknowledged(key) : held.Length == 0));
            }
        }

        Assert.InRange(compared, 3 * 150, 3 * 200);
    }

    private static void AssertShares(EmbeddedCluster cluster, params string[] names)
    {
        foreach (var at in names)
        {
            var ring = cluster[at].Port.Ring;
            Assert.Equal(names, ring.Members.Select(static m => m.Node.Name));
            var weights = ring.Members.Sum(static m => m.Weight);
            foreach (var member in ring.Members)
            {
                var share = (double)ring.PartitionCount * member.Weight / weights;
                Assert.InRange(ring.Share(member.Node), (int)Math.Floor(share), (int)Math.Ceiling(share));
            }
        }
    }

    private static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    private static async Task Until(Func<Task<bool>> condition)
    {
        while (!await condition()) await Task.Delay(5, Soon);
    }

    private void Report(LoadPhase phase)
    {
        output.WriteLine(phase.ToString());
        Assert.True(phase.Failures.IsEmpty && phase.Stale.IsEmpty, phase.ToString());
        Assert.True(phase.Puts > 20 && phase.Gets > 20, phase.ToString());
    }
}
