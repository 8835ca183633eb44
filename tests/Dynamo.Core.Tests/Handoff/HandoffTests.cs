using Dynamo.Testing;

namespace Dynamo.Core.Tests.Handoff;

/// <summary>Sloppy quorums and hinted handoff through whole nodes. Section 4.6 of the paper.</summary>
public class HandoffTests
{
    private static readonly Key Cart = Key.Of("carts", "alice");
    private static readonly PutOptions W1 = new() { W = QuorumSize.One };
    private static readonly GetOptions R1 = new() { R = QuorumSize.One };

    [Fact]
    public void An_owner_that_was_away_has_the_write_after_its_hints_are_delivered()
    {
        var cluster = new VirtualCluster(nodes: 5);
        var away = cluster.Owners(Cart)[0];
        cluster.Kill(away);
        cluster.Run(TimeSpan.FromSeconds(6));
        var other = cluster.Nodes.First(n => n != away);
        Assert.IsType<Stored>(cluster.Put(other, Cart, "milk", default, new PutOptions { W = QuorumSize.All }));
        Assert.Equal(1, cluster.HintsLeft());
        // The hint lies on a node that is no owner: the first fallback of the preference list.
        Assert.Equal(1, cluster.Store(cluster.Owners(Cart, 4)[3]).HintCount(away));

        cluster.Start(away);
        Assert.True(cluster.RunUntil(() => cluster.HintsLeft() == 0, TimeSpan.FromSeconds(30)));
        Assert.Equal("milk", Text(cluster.Local(away, Cart)));
    }

    [Fact]
    public void An_owner_that_does_not_answer_in_time_gets_a_hint_although_it_counts_as_reachable()
    {
        var cluster = new VirtualCluster(nodes: 5);
        var owners = cluster.Owners(Cart);
        cluster.Wire = (_, to, message) => !(message is ReplicaPut { Reason: PutReason.Write } && to == owners[2]);
        Assert.IsType<Stored>(cluster.Put(owners[0], Cart, "milk"));
        Assert.True(cluster.RunUntil(() => cluster.HintsLeft() == 1, TimeSpan.FromSeconds(30)));
        Assert.True(cluster.RunUntil(() => cluster.HintsLeft() == 0, TimeSpan.FromSeconds(30)));
        Assert.Equal("milk", Text(cluster.Local(owners[2], Cart)));
    }

    [Fact]
    public void With_nobody_to_stand_in_the_coordinator_keeps_the_hint()
    {
        var cluster = new VirtualCluster(nodes: 3);
        var away = cluster.Nodes[2];
        cluster.Kill(away);
        cluster.Run(TimeSpan.FromSeconds(6));
        Assert.IsType<Stored>(cluster.Put(cluster.Nodes[0], Cart, "milk"));
        cluster.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(1, cluster.HintsLeft());
        cluster.Start(away);
        Assert.True(cluster.RunUntil(() => cluster.HintsLeft() == 0, TimeSpan.FromSeconds(30)));
        Assert.Equal("milk", Text(cluster.Local(away, Cart)));
    }

    [Fact]
    public void With_every_owner_away_fallbacks_take_the_write_and_show_it()
    {
        var cluster = new VirtualCluster(nodes: 6);
        var owners = cluster.Owners(Cart);
        foreach (var owner in owners) cluster.Kill(owner);
        cluster.Run(TimeSpan.FromSeconds(6));
        var at = cluster.Nodes.First(n => !owners.Contains(n));
        Assert.IsType<Stored>(cluster.Put(at, Cart, "milk", default, new PutOptions { W = QuorumSize.All }));
        Assert.Equal(["milk"], VirtualCluster.Texts(cluster.Get(at, Cart, new GetOptions { R = QuorumSize.All })));
        Assert.Equal(3, cluster.HintsLeft());

        foreach (var owner in owners) cluster.Start(owner);
        Assert.True(cluster.RunUntil(() => cluster.HintsLeft() == 0, TimeSpan.FromSeconds(60)));
        Assert.All(owners, owner => Assert.Equal("milk", Text(cluster.Local(owner, Cart))));
    }

    [Fact]
    public void Hints_leave_in_portions_and_no_more_are_under_way_than_the_window()
    {
        const int window = 8;
        var cluster = new VirtualCluster(nodes: 3, settings: NodeSettings.Standard with { HandoffWindow = window });
        var away = cluster.Nodes[2];
        cluster.Kill(away);
        cluster.Run(TimeSpan.FromSeconds(6));
        for (var i = 0; i < 200; i++) cluster.Put(cluster.Nodes[0], Key.Of("carts", $"k{i}"), "milk");
        var sent = new List<(NodeId From, Instant At)>();
        var underWay = new HashSet<RequestId>();
        var most = 0;
        cluster.Wire = (from, _, message) =>
        {
            if (message is ReplicaPut { Reason: PutReason.Handoff } put)
            {
                sent.Add((from, cluster.Now));
                underWay.Add(put.Id);
            }
            else if (message is ReplicaPutReply reply)
            {
                underWay.Remove(reply.Id);
            }

            most = Math.Max(most, underWay.Count);
            return true;
        };
        cluster.Start(away);
        Assert.True(cluster.RunUntil(() => cluster.HintsLeft() == 0, TimeSpan.FromSeconds(30)));
        Assert.True(sent.Count >= 200, $"{sent.Count} hints were sent");
        Assert.InRange(most, 2, window * 2);
        Assert.All(sent.GroupBy(static s => s), static together => Assert.InRange(together.Count(), 1, window));
    }

    [Fact]
    public void One_reachable_node_is_enough_for_W_1()
    {
        var cluster = new VirtualCluster(nodes: 6);
        var owners = cluster.Owners(Cart);
        var alone = cluster.Nodes.First(n => !owners.Contains(n));
        cluster.Partition([alone], [.. cluster.Nodes.Where(n => n != alone)]);
        cluster.Run(TimeSpan.FromSeconds(6));
        Assert.IsType<Stored>(cluster.Put(alone, Cart, "milk", default, W1));
        Assert.Equal(["milk"], VirtualCluster.Texts(cluster.Get(alone, Cart, R1)));
        Assert.IsType<Unavailable>(cluster.Put(alone, Cart, "bread"));

        cluster.Heal();
        Assert.True(cluster.RunUntil(() => cluster.HintsLeft() == 0, TimeSpan.FromSeconds(60)));
        Assert.All(owners, owner => Assert.Equal("milk", Text(cluster.Local(owner, Cart))));
    }

    [Fact]
    public void Both_sides_of_a_partition_write_and_end_with_both_siblings()
    {
        var cluster = new VirtualCluster(nodes: 5);
        NodeId[] left = [cluster.Nodes[0], cluster.Nodes[1]];
        NodeId[] right = [cluster.Nodes[2], cluster.Nodes[3], cluster.Nodes[4]];
        cluster.Partition(left, right);
        cluster.Run(TimeSpan.FromSeconds(6));
        Assert.IsType<Stored>(cluster.Put(left[0], Cart, "left"));
        Assert.IsType<Stored>(cluster.Put(right[0], Cart, "right"));
        cluster.Heal();
        Assert.True(cluster.RunUntil(() => cluster.HintsLeft() == 0, TimeSpan.FromSeconds(60)));
        Assert.All(cluster.Owners(Cart), owner => Assert.Equal(2, cluster.Local(owner, Cart).Siblings.Length));
        foreach (var node in cluster.Nodes)
            Assert.Equal(["left", "right"], VirtualCluster.Texts(cluster.Get(node, Cart)));
    }

    [Fact]
    public void A_hint_that_grew_while_it_was_delivered_is_not_lost()
    {
        var cluster = new VirtualCluster(nodes: 5);
        var away = cluster.Owners(Cart)[0];
        cluster.Kill(away);
        cluster.Run(TimeSpan.FromSeconds(6));
        var other = cluster.Nodes.First(n => n != away);
        cluster.Put(other, Cart, "one");
        // The owner returns and can be heard and handed hints, but nobody's new writes reach it.
        cluster.Wire = (_, to, message) => !(to == away && message is ReplicaPut { Reason: PutReason.Write });
        var grew = false;
        var before = cluster.Wire;
        cluster.Wire = (from, to, message) =>
        {
            if (message is ReplicaPut { Reason: PutReason.Handoff } && !grew)
            {
                grew = true;
                cluster.Begin(other, new PutRequest(Cart, default, new Value { Body = "two"u8.ToArray() }, PutOptions.None));
            }

            return before(from, to, message);
        };
        cluster.Start(away);
        Assert.True(cluster.RunUntil(
            () => grew && cluster.HintsLeft() == 0 && cluster.Local(away, Cart).Siblings.Length == 2, TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void An_owner_whose_first_word_after_its_absence_is_gossip_of_a_bucket_has_its_hints_all_the_same()
    {
        var cluster = new VirtualCluster(nodes: 3);
        var (here, away) = (cluster.Nodes[0], cluster.Nodes[2]);
        cluster.Partition([here, cluster.Nodes[1]], [away]);
        cluster.Run(TimeSpan.FromSeconds(6));
        Assert.IsType<Stored>(cluster.Put(here, Cart, "milk"));
        Assert.IsType<Stored>(cluster.SetProperties(away, "other", BucketProperties.Standard with { AllowMult = false }));
        Assert.True(cluster.HintsLeft() > 0);
        // What proves that it is back also changes the properties, so that both are seen in one step.
        cluster.Wire = (from, to, message) => from == away ? to == here && message is GossipState
            : to != away || (from == here && message is GossipDigest);
        cluster.Heal();
        Assert.True(cluster.RunUntil(
            () => !cluster.Machine(here).View!.PropertiesOf("other").AllowMult, TimeSpan.FromSeconds(60)));
        cluster.Wire = static (_, _, _) => true;
        Assert.True(cluster.RunUntil(() => cluster.HintsLeft() == 0, TimeSpan.FromSeconds(60)), "The hints stay.");
    }

    [Fact]
    public void Hints_over_the_limit_are_refused_and_do_not_count()
    {
        var cluster = new VirtualCluster(nodes: 3, settings: NodeSettings.Standard with { MaxHintsPerOwner = 2 });
        cluster.Kill(cluster.Nodes[1]);
        cluster.Kill(cluster.Nodes[2]);
        cluster.Run(TimeSpan.FromSeconds(6));
        for (var i = 0; i < 5; i++)
            Assert.IsType<Stored>(cluster.Put(cluster.Nodes[0], Key.Of("carts", $"k{i}"), "x", default, W1));
        cluster.Run(TimeSpan.FromSeconds(15));
        Assert.Equal(2, cluster.Store(cluster.Nodes[0]).HintCount(cluster.Nodes[1]));
        Assert.Contains(cluster.Observations, o => o.Observation is Observation.HintRefused);
    }

    [Fact]
    public void A_stale_owner_is_repaired_by_a_read()
    {
        var cluster = new VirtualCluster(nodes: 3, settings: NodeSettings.Standard with { MaxHintsPerOwner = 0 });
        var away = cluster.Nodes[2];
        cluster.Kill(away);
        cluster.Run(TimeSpan.FromSeconds(6));
        cluster.Put(cluster.Nodes[0], Cart, "milk");
        cluster.Start(away);
        cluster.Run(TimeSpan.FromSeconds(6));
        Assert.True(cluster.Local(away, Cart).Clock.IsEmpty);
        cluster.Get(cluster.Nodes[0], Cart);
        Assert.True(cluster.RunUntil(() => !cluster.Local(away, Cart).Clock.IsEmpty, TimeSpan.FromSeconds(5)));
        Assert.Contains(cluster.Observations, o => o.Observation is Observation.ReadRepaired);
    }

    private static string Text(Record record) =>
        System.Text.Encoding.UTF8.GetString(Assert.Single(record.Siblings).Value!.Body.Span);
}
