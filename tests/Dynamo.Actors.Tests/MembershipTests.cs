using Dynamo.Core;
using Dynamo.Storage;
using static Dynamo.Actors.Tests.Requests;

namespace Dynamo.Actors.Tests;

/// <summary>A cluster that grows and shrinks over real Akka.Remote connections while it is used.</summary>
public sealed class MembershipTests
{
    private static readonly ChangeOrigin Origin = new(LoopbackCluster.Name(1), "test", default);

    [Fact]
    public async Task Three_nodes_take_a_fourth_in_and_let_one_go_and_every_key_stays_readable()
    {
        await using var cluster = LoopbackCluster.OfAndMore(3, 1);
        await cluster.StartAll();
        var keys = Enumerable.Range(0, 120).Select(static i => Key.Of("b", $"k{i}")).ToList();
        foreach (var key in keys) Assert.IsType<Stored>(await cluster[1].Execute(Put(key, "old")));
        await cluster.Start(4);
        Assert.IsType<NotReady>(await cluster[4].Execute(Get(keys[0])));

        var wrong = new List<string>();
        using var over = new CancellationTokenSource();
        var load = Task.Run(() => Load(cluster, keys, wrong, over.Token));
        await Commit(cluster[1], new MembershipChange.Join(new RingMember(LoopbackCluster.Name(4)), Origin));
        await LoopbackCluster.Until(() => IsSettled(cluster, 1, 1, 2, 3, 4), "everybody works by the ring of four");
        Assert.Equal(4, cluster[2].Ring.Share(LoopbackCluster.Name(4)));
        await Commit(cluster[3], new MembershipChange.Leave(LoopbackCluster.Name(2), Origin));
        await LoopbackCluster.Until(() => IsSettled(cluster, 2, 1, 3, 4), "who stays works by the ring without node2");
        await over.CancelAsync();
        await load;
        Assert.Empty(wrong);

        await cluster.Kill(2);
        foreach (var key in keys)
            foreach (var node in (int[])[1, 3, 4])
                Assert.All(Assert.IsType<Found>(await cluster[node].Execute(Get(key))).Siblings, static s => Assert.Equal("new", Text(s)));
        // The history is in the ring's journal: who starts again works by the same ring.
        await cluster.Kill(4);
        await cluster.Start(4);
        await LoopbackCluster.Until(() => IsSettled(cluster, 2, 1, 3, 4), "node4 is back and knows the ring");
        Assert.Equal(cluster[1].Ring.Members.AsEnumerable(), cluster[4].Ring.Members);
    }

    [Fact]
    public async Task Two_that_join_together_find_each_other_though_no_configuration_names_them()
    {
        await using var cluster = LoopbackCluster.OfAndMore(3, 2);
        await cluster.StartAll();
        await cluster.Start(4);
        await cluster.Start(5);
        Assert.Equal("", await Stage(cluster[1], new MembershipChange.Join(new RingMember(LoopbackCluster.Name(4)), Origin)));
        await Commit(cluster[1], new MembershipChange.Join(new RingMember(LoopbackCluster.Name(5)), Origin));
        await LoopbackCluster.Until(() => IsSettled(cluster, 1, 1, 2, 3, 4, 5), "everybody works by the ring of five");
        await cluster.UntilTheLivingSeeEachOther();
        await Commit(cluster[4], new MembershipChange.Leave(LoopbackCluster.Name(1), Origin));
        await LoopbackCluster.Until(() => IsSettled(cluster, 2, 2, 3, 4, 5), "who stays works by the ring of four");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_joins_through_a_contact_when_all_founding_members_have_gone(bool hasContact)
    {
        await using var cluster = LoopbackCluster.OfAndMore(1, 2);
        await cluster.StartAll();
        await cluster.Start(2);
        await Commit(cluster[1], new MembershipChange.Join(new RingMember(LoopbackCluster.Name(2)), Origin));
        await LoopbackCluster.Until(() => IsSettled(cluster, 1, 1, 2), "both work by the ring of two");
        Assert.IsType<Stored>(await cluster[2].Execute(Put(Key.Of("b", "k"), "text")));
        await Commit(cluster[2], new MembershipChange.Leave(LoopbackCluster.Name(1), Origin));
        await LoopbackCluster.Until(() => IsSettled(cluster, 2, 2) && HasDeparted(cluster, 1), "node1 has left");
        await cluster.Kill(1);

        if (hasContact) cluster.Contacts = [LoopbackCluster.Name(2)];
        await cluster.Start(3);
        await Commit(cluster[2], new MembershipChange.Join(new RingMember(LoopbackCluster.Name(3)), Origin));
        if (!hasContact)
        {
            await LoopbackCluster.Until(() => cluster[2].View.Rings is { Next.Number: 3 }, "node2 waits for node3");
            Assert.Equal(0, cluster[3].View.Rings!.Settled.Number);
            return;
        }

        await LoopbackCluster.Until(() => IsSettled(cluster, 3, 2, 3), "both work by the ring of node2 and node3");
        Assert.IsType<Found>(await cluster[3].Execute(Get(Key.Of("b", "k"))));
        Assert.True(cluster.StoreOf(3).Counts().Records == 1);
    }

    [Fact]
    public async Task Who_was_removed_hears_of_it_running_or_when_it_is_back_and_refuses_requests()
    {
        await using var cluster = LoopbackCluster.Of(5);
        await cluster.StartAll();
        await cluster.Kill(4);
        await cluster.UntilTheLivingSeeEachOther();
        Assert.Equal("", await Stage(cluster[1], new MembershipChange.Remove(LoopbackCluster.Name(4), Origin)));
        await Commit(cluster[1], new MembershipChange.Remove(LoopbackCluster.Name(5), Origin), force: true);
        await LoopbackCluster.Until(() => IsSettled(cluster, 1, 1, 2, 3), "who stays works by the ring of three");
        await LoopbackCluster.Until(() => HasDeparted(cluster, 5), "node5 has heard that it was removed");
        await cluster.Start(4);
        await LoopbackCluster.Until(() => HasDeparted(cluster, 4), "node4 has heard that it was removed");
        foreach (var gone in (int[])[4, 5])
        {
            var refused = Assert.IsType<NotReady>(await cluster[gone].Execute(Get(Key.Of("b", "k"))));
            Assert.Equal($"node{gone} is no member of the cluster any more: it was removed.", refused.Sentence);
            Assert.Equal(refused.Sentence, await cluster[gone].SetProperties("b", null));
        }

        Assert.IsType<Stored>(await cluster[2].Execute(Put(Key.Of("b", "k"), "text")));
    }

    [Fact]
    public async Task Who_joins_again_asks_for_an_empty_store_first_and_brings_nothing_back()
    {
        await using var cluster = LoopbackCluster.Of(4);
        await cluster.StartAll();
        var keys = Enumerable.Range(0, 40).Select(static i => Key.Of("b", $"k{i}")).ToList();
        foreach (var key in keys) Assert.IsType<Stored>(await cluster[1].Execute(Put(key, "text")));
        await LoopbackCluster.Until(() => cluster.StoreOf(4).Counts().Records > 10, "node4 holds its share");
        await cluster.Kill(4);
        await cluster.UntilTheLivingSeeEachOther();
        await Commit(cluster[1], new MembershipChange.Remove(LoopbackCluster.Name(4), Origin));
        await LoopbackCluster.Until(() => IsSettled(cluster, 1, 1, 2, 3), "who stays works by the ring of three");
        foreach (var key in keys) Assert.IsType<Stored>(await cluster[1].Execute(new DeleteRequest(key, default, PutOptions.None, GetOptions.None)));
        await LoopbackCluster.Until(
            () => ((int[])[1, 2, 3]).All(i => cluster.StoreOf(i).Counts().Records == 0), "all tombstones are gone");

        await Commit(cluster[1], new MembershipChange.Join(new RingMember(LoopbackCluster.Name(4)), Origin));
        var back = await cluster.Start(4);
        await LoopbackCluster.Until(() => back.StartsOver.IsCompleted, "node4 asks for an empty store");
        Assert.Equal(
            "node4 joins the cluster anew, and first drops what it held before it had gone.",
            Assert.IsType<NotReady>(await back.Execute(Get(keys[0]))).Sentence);
        var first = await back.StartsOver;
        await cluster.Kill(4);
        cluster.Wipe(4);
        cluster.StoreOf(4).Enqueue(first, static _ => { });
        await cluster.Start(4);
        await LoopbackCluster.Until(() => IsSettled(cluster, 2, 1, 2, 3, 4), "everybody works by the ring of four");
        Assert.False(cluster[4].StartsOver.IsCompleted);
        for (var i = 1; i <= 4; i++) Assert.Equal(0, cluster.StoreOf(i).Counts().Records);
        foreach (var key in keys) Assert.IsType<NotFound>(await cluster[4].Execute(Get(key)));
    }

    [Fact]
    public async Task A_joiner_whose_name_another_process_bears_is_refused()
    {
        await using var cluster = LoopbackCluster.OfAndMore(3, 1);
        // No node dies here, and one that only has to wait for a processor must not lose its name.
        cluster.Settings = cluster.Settings with { SuspectAfter = 100 };
        await cluster.StartAll();
        var rightful = await cluster.Start(4);
        rightful.AnnounceHttp("http://rightful");
        await Commit(cluster[1], new MembershipChange.Join(new RingMember(LoopbackCluster.Name(4)), Origin));
        await LoopbackCluster.Until(
            () => IsSettled(cluster, 1, 1, 2, 3, 4) && cluster[1].HttpUrlOf(LoopbackCluster.Name(4)) == "http://rightful",
            "everybody works by the ring of four");
        var before = Refused(cluster[1]);
        using var store = new MemoryEngine();
        var other = await cluster.Start(4, store, LoopbackCluster.FreePorts(LoopbackCluster.Name(4)).Values.Single());
        other.AnnounceHttp("http://other");
        await LoopbackCluster.Until(() => Refused(cluster[1]) > before + 3, "the other process was refused");
        Assert.Equal("http://rightful", cluster[1].HttpUrlOf(LoopbackCluster.Name(4)));
        Assert.True(cluster[1].View.IsReachable(LoopbackCluster.Name(4)));
        Assert.IsType<NotReady>(await other.Execute(Put(Key.Of("b", "k"), "nobody's")));
        await other.ActorSystem.Terminate();
    }

    [Fact]
    public async Task What_cannot_be_is_refused_in_a_sentence()
    {
        await using var cluster = LoopbackCluster.Of(1);
        await cluster.StartAll();
        Assert.Contains("last", await Stage(cluster[1], new MembershipChange.Leave(LoopbackCluster.Name(1), Origin)), StringComparison.Ordinal);
        Assert.NotEqual("", await Stage(cluster[1], new MembershipChange.Leave(LoopbackCluster.Name(7), Origin)));
        Assert.NotEqual("", await Stage(cluster[1], new MembershipChange.Weigh(LoopbackCluster.Name(1), 0, Origin)));
    }

    private static async Task Load(LoopbackCluster cluster, List<Key> keys, List<string> wrong, CancellationToken over)
    {
        var at = 0;
        var count = 0;
        while (!over.IsCancellationRequested || count < keys.Count)
        {
            var key = keys[count % keys.Count];
            var node = cluster[at++ % 2 == 0 ? 1 : 3];
            var got = await node.Execute(Get(key));
            if (got is not Found found)
            {
                wrong.Add($"get {key}: {got.Sentence}");
                continue;
            }

            var put = await node.Execute(Put(key, "new", found.Context));
            if (put is not Stored) wrong.Add($"put {key}: {put.Sentence}");
            count++;
        }
    }

    private static bool IsSettled(LoopbackCluster cluster, int version, params int[] nodes) => nodes.All(
        i => cluster[i].View.Rings is { Next: null, Settled.Number: var number } && number == version);

    private static long Refused(DynamoSystem node) => node.Counters().GetValueOrDefault(CounterNames.InputsRefused);

    private static bool HasDeparted(LoopbackCluster cluster, int node) => cluster[node].View.Rings is { HasDeparted: true };

    private static async Task<string> Stage(DynamoSystem node, MembershipChange change, bool force = false) =>
        (await node.Membership(desk => desk.Stage(change, force)))!;

    private static async Task Commit(DynamoSystem node, MembershipChange change, bool force = false)
    {
        Assert.Equal("", await Stage(node, change, force));
        Assert.Equal("", await node.Membership(static desk => desk.Commit(desk.Plan())));
    }
}
