using Dynamo.Testing;

namespace Dynamo.Core.Tests.Coordination;

/// <summary>Versions as clients see them, through whole nodes. Section 4.4 of the paper.</summary>
public class SiblingTests
{
    private static readonly Key Cart = Key.Of("carts", "alice");
    private readonly VirtualCluster _cluster = new(nodes: 5);

    [Fact]
    public void Two_blind_puts_are_two_siblings_on_every_node()
    {
        _cluster.Put(_cluster.Nodes[0], Cart, "milk");
        _cluster.Put(_cluster.Nodes[3], Cart, "bread");
        foreach (var node in _cluster.Nodes)
            Assert.Equal(["bread", "milk"], VirtualCluster.Texts(_cluster.Get(node, Cart)));
    }

    [Fact]
    public void A_put_with_the_context_of_a_get_replaces_what_the_get_showed()
    {
        _cluster.Put(_cluster.Nodes[0], Cart, "milk");
        _cluster.Put(_cluster.Nodes[3], Cart, "bread");
        var context = VirtualCluster.ContextOf(_cluster.Get(_cluster.Nodes[1], Cart));
        _cluster.Put(_cluster.Nodes[2], Cart, "milk+bread", context);
        foreach (var node in _cluster.Nodes)
            Assert.Equal(["milk+bread"], VirtualCluster.Texts(_cluster.Get(node, Cart)));
    }

    [Fact]
    public void A_delete_with_the_context_leaves_nothing_to_read_but_a_context()
    {
        _cluster.Put(_cluster.Nodes[0], Cart, "milk");
        var context = VirtualCluster.ContextOf(_cluster.Get(_cluster.Nodes[1], Cart));
        Assert.IsType<Stored>(_cluster.Delete(_cluster.Nodes[4], Cart, context));
        foreach (var node in _cluster.Nodes)
        {
            var missing = Assert.IsType<NotFound>(_cluster.Get(node, Cart));
            Assert.NotNull(missing.DeletedAt);
            Assert.False(missing.Context.IsEmpty);
        }
    }

    [Fact]
    public void A_delete_without_a_context_covers_what_the_node_reads_at_that_moment()
    {
        _cluster.Put(_cluster.Nodes[0], Cart, "milk");
        _cluster.Put(_cluster.Nodes[3], Cart, "bread");
        Assert.IsType<Stored>(_cluster.Delete(_cluster.Nodes[4], Cart));
        Assert.IsType<NotFound>(_cluster.Get(_cluster.Nodes[2], Cart));
        Assert.Same(NotFound.Nothing, _cluster.Delete(_cluster.Nodes[0], Key.Of("carts", "nobody")));
    }

    [Fact]
    public void A_stale_context_revives_nothing_it_did_not_know()
    {
        _cluster.Put(_cluster.Nodes[0], Cart, "one");
        var stale = VirtualCluster.ContextOf(_cluster.Get(_cluster.Nodes[1], Cart));
        _cluster.Put(_cluster.Nodes[2], Cart, "two", stale);
        _cluster.Delete(_cluster.Nodes[3], Cart);
        _cluster.Put(_cluster.Nodes[4], Cart, "late", stale);
        foreach (var node in _cluster.Nodes)
            Assert.Equal(["late"], VirtualCluster.Texts(_cluster.Get(node, Cart)));
    }

    [Fact]
    public void Two_clients_interleaving_a_hundred_puts_leave_two_siblings()
    {
        var body = new PutOptions { ReturnBody = true };
        ReadOnlyMemory<byte>[] contexts = [default, default];
        for (var i = 0; i < 100; i++)
        {
            var client = i % 2;
            var put = _cluster.Put(
                _cluster.Nodes[i % 5], Cart, $"client{client}", contexts[client], body);
            // Each keeps only the context of its own put, which with the body covers both siblings of that moment.
            contexts[client] = VirtualCluster.ContextOf(put);
            if (i >= 2) Assert.Equal(2, Assert.IsType<Stored>(put).Siblings.Length);
        }

        Assert.Equal(2, Assert.IsType<Found>(_cluster.Get(_cluster.Nodes[0], Cart)).Siblings.Length);
    }

    [Fact]
    public void A_client_that_goes_on_from_its_own_context_leaves_the_others_value_standing()
    {
        var first = _cluster.Put(_cluster.Nodes[0], Cart, "mine 1");
        _cluster.Put(_cluster.Nodes[1], Cart, "theirs");
        var second = _cluster.Put(_cluster.Nodes[2], Cart, "mine 2", VirtualCluster.ContextOf(first));
        _cluster.Put(_cluster.Nodes[3], Cart, "mine 3", VirtualCluster.ContextOf(second));
        foreach (var node in _cluster.Nodes)
            Assert.Equal(["mine 3", "theirs"], VirtualCluster.Texts(_cluster.Get(node, Cart)));
    }

    [Fact]
    public void Last_write_wins_shows_one_value_and_keeps_one()
    {
        _cluster.SetProperties(_cluster.Nodes[0], "carts", new BucketProperties { AllowMult = false });
        _cluster.Run(TimeSpan.FromSeconds(1));
        _cluster.Put(_cluster.Nodes[0], Cart, "first");
        _cluster.Put(_cluster.Nodes[3], Cart, "second");
        foreach (var node in _cluster.Nodes)
            Assert.Equal(["second"], VirtualCluster.Texts(_cluster.Get(node, Cart)));
    }

    [Fact]
    public void The_hundred_and_first_sibling_is_refused_and_resolving_them_is_not()
    {
        var settings = NodeSettings.Standard with { SiblingsMax = 5 };
        var cluster = new VirtualCluster(nodes: 3, settings: settings);
        for (var i = 0; i < 5; i++) Assert.IsType<Stored>(cluster.Put(cluster.Nodes[0], Cart, $"v{i}"));
        Assert.Contains("siblings", Assert.IsType<TooLarge>(cluster.Put(cluster.Nodes[0], Cart, "v6")).Sentence);
        var context = VirtualCluster.ContextOf(cluster.Get(cluster.Nodes[1], Cart));
        Assert.IsType<Stored>(cluster.Put(cluster.Nodes[0], Cart, "all", context));
    }
}
