using System.Text;
using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Client.Tests;

/// <summary>The typed client and its actor, against three nodes over real connections.</summary>
public sealed class ClientTests(ThreeNodes nodes) : IClassFixture<ThreeNodes>
{
    [Fact]
    public async Task What_is_put_is_got_and_what_is_deleted_is_gone()
    {
        await using var client = nodes.Client(1);
        var nothing = await client.Get("b", "life");
        Assert.IsType<NotFound>(nothing.Outcome);
        Assert.Null(nothing.Value);

        Assert.True((await client.Put("b", "life", "milk"u8.ToArray(), nothing.Context)).IsSuccess);
        var read = await client.Get("b", "life");
        Assert.Equal("milk", read.Text);

        Assert.True((await client.Put("b", "life", "bread"u8.ToArray(), read.Context)).IsSuccess);
        Assert.Equal("bread", (await client.Get("b", "life")).Text);

        Assert.IsType<Stored>((await client.Delete("b", "life")).Outcome);
        var deleted = Assert.IsType<NotFound>((await client.Get("b", "life")).Outcome);
        Assert.NotNull(deleted.DeletedAt);
        Assert.IsType<NotFound>((await client.Delete("b", "never was")).Outcome);
    }

    [Fact]
    public async Task A_counter_counts_what_many_add_at_once()
    {
        await using var client = nodes.Client(1);
        Assert.Null((await client.Get("counters", "visits")).Count);
        var added = await Task.WhenAll(Enumerable.Range(1, 200).Select(i => client.Increment("counters", "visits", i % 2 == 0 ? i : -i)));
        Assert.All(added, static a => Assert.IsType<Stored>(a.Outcome));
        Assert.Equal(100, (await client.Get("counters", "visits")).Count);
        var last = await client.Increment("counters", "visits", 5, new PutOptions { ReturnBody = true });
        Assert.Equal(105, last.Count);
        var reply = await client.Actor.Ask<DynamoReply>(new Increment("counters", "visits"), TimeSpan.FromSeconds(30));
        Assert.IsType<Stored>(reply.Outcome);
        Assert.Equal(106, (await client.Get("counters", "visits")).Count);
    }

    [Fact]
    public async Task Every_request_of_many_at_once_is_answered_with_its_own_answer()
    {
        await using var client = nodes.Client(1);
        var writes = await Task.WhenAll(
            Enumerable.Range(0, 500).Select(i => client.Put("many", $"k{i}", Encoding.UTF8.GetBytes($"v{i}"))));
        Assert.All(writes, static w => Assert.IsType<Stored>(w.Outcome));
        var reads = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => client.Get("many", $"k{i}")));
        Assert.Equal(Enumerable.Range(0, 500).Select(static i => $"v{i}"), reads.Select(static r => r.Text));
    }

    [Fact]
    public async Task A_request_goes_straight_to_the_first_owner_of_its_key_whoever_the_contact_is()
    {
        await using var client = nodes.Client(1);
        var ring = nodes.Cluster.Founding.ToRing();
        Key[] keys = [.. Enumerable.Range(0, 60).Select(static i => Key.Of("straight", $"k{i}"))];
        long[] before = [.. Each(Puts)];
        // One after the other: of many at once some go to the next owner, which has less to do.
        foreach (var key in keys) await client.Put(key, new Value());
        var owned = Each(node => keys.Count(k => ring.OwnerOf(ring.PartitionOf(k)) == node));
        Assert.Equal(owned, Each(Puts).Zip(before, static (now, then) => now - then));

        IEnumerable<long> Each(Func<NodeId, long> count) => ring.Nodes.ToArray().Select(count);
        long Puts(NodeId node) => nodes.Cluster[node.Name[^1] - '0'].Counters()[CounterNames.NodePuts];
    }

    [Fact]
    public async Task Concurrent_writes_are_siblings_until_a_put_with_their_context_replaces_them()
    {
        await using var client = nodes.Client(2);
        await client.Put("b", "siblings", "milk"u8.ToArray());
        await client.Put("b", "siblings", "bread"u8.ToArray());
        var both = await client.Get("b", "siblings");
        Assert.Equal(["bread", "milk"], both.Siblings.Select(Text).Order());
        Assert.Throws<InvalidOperationException>(() => both.Value);

        await client.Put("b", "siblings", "milk and bread"u8.ToArray(), both.Context);
        Assert.Equal("milk and bread", (await client.Get("b", "siblings")).Text);
    }

    [Fact]
    public async Task A_value_larger_than_a_frame_travels_in_chunks_both_ways()
    {
        await using var client = nodes.Client(3);
        var large = new byte[700_000];
        new Random(1).NextBytes(large);
        var writes = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => client.Put("large", $"k{i}", large)));
        Assert.All(writes, static w => Assert.IsType<Stored>(w.Outcome));
        var read = await client.Get("large", "k3");
        Assert.True(read.Value!.Body.Span.SequenceEqual(large));
        Assert.IsType<TooLarge>((await client.Put("large", "too", new byte[(1 << 20) + 1])).Outcome);
    }

    [Fact]
    public async Task A_context_of_another_key_is_refused()
    {
        await using var client = nodes.Client(1);
        var put = await client.Put("b", "one key", "milk"u8.ToArray());
        Assert.IsType<BadContext>((await client.Put("b", "another key", "milk"u8.ToArray(), put.Context)).Outcome);
    }

    [Fact]
    public async Task Overrides_reach_the_node()
    {
        await using var client = nodes.Client(1);
        var tooMany = new PutOptions { W = QuorumSize.Of(9) };
        var wrong = await client.Put("b", "overrides", "milk"u8.ToArray(), options: tooMany);
        Assert.IsType<BadRequest>(wrong.Outcome);
        var showing = new PutOptions { ReturnBody = true };
        var body = await client.Put("b", "overrides", "milk"u8.ToArray(), options: showing);
        Assert.Equal("milk", Text(Assert.Single(body.Siblings)));
    }

    [Fact]
    public async Task Messages_told_to_the_actor_are_answered_with_the_command_and_its_tag()
    {
        await using var client = nodes.Client(1);
        var probe = new Answers(client.Actor);
        var put = await probe.Of(new Put("b", "told", "milk"u8.ToArray()) { Tag = 7 });
        Assert.Equal(7, put.Command.Tag);
        var context = Assert.IsType<Stored>(put.Outcome).Context;
        var get = await probe.Of(new Get("b", "told"));
        Assert.Equal("milk", Text(Assert.Single(Assert.IsType<Found>(get.Outcome).Siblings)));
        Assert.IsType<Stored>((await probe.Of(new Delete("b", "told") { Context = context })).Outcome);
    }

    [Fact]
    public async Task A_client_that_is_disposed_ends_what_it_has_and_what_comes_later()
    {
        var client = DynamoClient.Start(nodes.Outside(), new DynamoClientOptions { Contacts = ["127.0.0.1:1"] });
        var waiting = client.Get("b", "waiting");
        await client.DisposeAsync();
        Assert.IsType<NotReady>((await waiting).Outcome);
        Assert.IsType<NotReady>((await client.Get("b", "later")).Outcome);
        Assert.Throws<InvalidOperationException>(() => waiting.Result.Context);
    }

    internal static string Text(Sibling sibling) => Encoding.UTF8.GetString(sibling.Value!.Body.Span);

    /// <summary>An application that tells and awaits replies; only the test does it this way.</summary>
    private sealed class Answers(IActorRef client)
    {
        public Task<DynamoReply> Of(DynamoCommand command) =>
            client.Ask<DynamoReply>(command, TimeSpan.FromSeconds(20));
    }
}
