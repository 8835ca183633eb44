using Dynamo.Testing;

namespace Dynamo.Core.Tests.Coordination;

/// <summary>An acknowledged increment counts once whatever fails; one whose coordinator fell silent is never tried elsewhere.</summary>
public class IncrementTests
{
    private static readonly Key Visits = Key.Of("visits", "home");
    private readonly VirtualCluster _cluster = new(nodes: 6);
    private readonly List<(NodeId To, ForwardIncrement Message)> _handed = [];
    private readonly NodeId[] _owners;
    private readonly NodeId _outside;

    public IncrementTests()
    {
        _owners = [.. _cluster.Owners(Visits)];
        _outside = _cluster.Nodes.First(node => !_owners.Contains(node));
    }

    [Fact]
    public void Any_node_takes_it_and_owners_count_each_in_one_entry()
    {
        for (var i = 0; i < 20; i++)
            foreach (var node in _cluster.Nodes) Assert.IsType<Stored>(_cluster.Increment(node, Visits, 1));
        Assert.Equal(120, _cluster.Count(_outside, Visits));
        Assert.InRange(_cluster.Local(_owners[0], Visits).Siblings.Length, 1, 3);
    }

    [Fact]
    public void The_answer_has_no_context_unless_it_shows_the_entries()
    {
        var plain = Assert.IsType<Stored>(_cluster.Increment(_owners[0], Visits, 3));
        Assert.True(plain.Context.IsEmpty);
        Assert.Empty(plain.Siblings);
        var shown = Assert.IsType<Stored>(
            _cluster.Increment(_outside, Visits, -5, new PutOptions { ReturnBody = true }));
        Assert.Equal(-2, Counter.ValueOf(shown.Siblings));
        Assert.False(shown.Context.IsEmpty);
    }

    [Fact]
    public void A_delete_takes_what_it_has_read_and_a_concurrent_increment_keeps_all_its_entry_has_counted()
    {
        _cluster.Increment(_owners[0], Visits, 5);
        _cluster.Increment(_owners[1], Visits, 7);
        var context = VirtualCluster.ContextOf(_cluster.Get(_outside, Visits));
        _cluster.Increment(_owners[0], Visits, 1);
        Assert.IsType<Stored>(_cluster.Delete(_outside, Visits, context));
        Assert.Equal(6, _cluster.Count(_outside, Visits));
        _cluster.Delete(_outside, Visits);
        Assert.Null(_cluster.Count(_outside, Visits));
        _cluster.Increment(_owners[0], Visits, 2);
        Assert.Equal(2, _cluster.Count(_outside, Visits));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void A_bucket_that_keeps_no_siblings_refuses_it(bool allowMult, bool lastWriteWins)
    {
        _cluster.SetProperties(_outside, "visits", new BucketProperties { AllowMult = allowMult, LastWriteWins = lastWriteWins });
        _cluster.Run(TimeSpan.FromSeconds(10));
        var refused = Assert.IsType<BadRequest>(_cluster.Increment(_outside, Visits));
        Assert.Equal(IncrementRequest.NeedsSiblings, refused.Reason);
        Assert.Null(_cluster.Count(_outside, Visits));
    }

    [Fact]
    public void A_candidate_that_gives_no_ticket_is_passed_over()
    {
        Watch((_, to, message) => to != _owners[0] || message is not ForwardIncrement);
        Assert.IsType<Stored>(_cluster.Increment(_outside, Visits, 1));
        Assert.Equal(_owners[1], Assert.Single(_handed).To);
        Assert.Equal(1, _cluster.Count(_outside, Visits));
    }

    [Fact]
    public void When_no_owner_gives_a_ticket_the_receiver_counts_as_a_fallback()
    {
        Watch(static (_, _, message) => message is not ForwardIncrement);
        Assert.IsType<Stored>(_cluster.Increment(_outside, Visits, 1));
        Assert.Empty(_handed);
        Assert.Equal(1, _cluster.Count(_owners[0], Visits));
    }

    [Fact]
    public void A_silent_coordinator_that_may_have_counted_is_not_replaced()
    {
        Watch(static (_, _, message) => message is not ForwardReply);
        var late = Assert.IsType<TimedOut>(_cluster.Increment(_outside, Visits, 1));
        Assert.True(late.MayTakeEffect);
        Assert.Single(_handed);
        Assert.Equal(1, _cluster.Count(_owners[0], Visits));
    }

    [Fact]
    public void Nor_when_it_is_dead()
    {
        Watch((_, to, message) => message is not ForwardIncrement { Ticket: not 0 });
        var pending = _cluster.Begin(_outside, new IncrementRequest(Visits, 1, PutOptions.None));
        _cluster.RunUntil(() => _handed.Count > 0, TimeSpan.FromSeconds(1));
        _cluster.Kill(_handed[0].To);
        Assert.True(_cluster.RunUntil(() => pending.Count > 0, TimeSpan.FromMinutes(1)));
        Assert.True(Assert.IsType<TimedOut>(pending.Single()).MayTakeEffect);
        Assert.Single(_handed);
    }

    [Fact]
    public void Without_any_ticket_in_time_nothing_can_have_taken_effect()
    {
        Watch((_, to, message) => message is not (ForwardIncrement or IncrementTicket));
        var hurried = new PutOptions { Timeout = TimeSpan.FromMilliseconds(50) };
        Assert.False(Assert.IsType<TimedOut>(_cluster.Increment(_outside, Visits, 1, hurried)).MayTakeEffect);
        _cluster.Run(TimeSpan.FromSeconds(5));
        Assert.Null(_cluster.Count(_outside, Visits));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Handed_over_twice_it_counts_once_also_by_a_node_that_has_restarted(bool restarts)
    {
        Watch(static (_, _, _) => true);
        Assert.IsType<Stored>(_cluster.Increment(_outside, Visits, 1));
        var (to, message) = Assert.Single(_handed);
        if (restarts)
        {
            _cluster.Kill(to);
            _cluster.Start(to);
        }

        _cluster.Deliver(_outside, to, message);
        _cluster.Deliver(_outside, to, message with { Ticket = message.Ticket + 1 });
        _cluster.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(1, _cluster.Count(_outside, Visits));
    }

    [Fact]
    public void Only_the_candidate_asked_last_gets_it_and_only_once()
    {
        var (a, b) = (new NodeId("a"), new NodeId("b"));
        var effects = new Effects();
        var now = new Instant(0);
        var forwarder = Forwarder([a, b], now);
        forwarder.Start(now, effects);
        now += TimeSpan.FromSeconds(1);
        forwarder.OnTime(now, effects);
        forwarder.OnTicket(a, 5, now, effects);
        Assert.DoesNotContain(effects.List, static e => e is Effect.Send { Message: ForwardIncrement { Ticket: not 0 } });
        forwarder.OnTicket(b, 6, now, effects);
        forwarder.OnTicket(b, 7, now, effects);
        var handed = Assert.Single(effects.List, static e => e is Effect.Send { Message: ForwardIncrement { Ticket: not 0 } });
        Assert.Equal((b, 6UL), (((Effect.Send)handed).To, ((ForwardIncrement)((Effect.Send)handed).Message).Ticket));
        forwarder.OnReply(a, new NotReady("Said before, and again."), now, effects);
        Assert.Null(forwarder.Outcome);
    }

    [Fact]
    public void A_candidate_that_could_not_begin_is_followed_by_the_next()
    {
        var (a, b) = (new NodeId("a"), new NodeId("b"));
        var effects = new Effects();
        var forwarder = Forwarder([a, b], default);
        forwarder.Start(default, effects);
        forwarder.OnTicket(a, 5, default, effects);
        effects.Clear();
        forwarder.OnReply(a, new NotReady("Nothing was written."), default, effects);
        var asked = Assert.IsType<ForwardIncrement>(Assert.Single(effects.List.OfType<Effect.Send>()).Message);
        Assert.Equal(0UL, asked.Ticket);
    }

    private static PutForwarder Forwarder(NodeId[] candidates, Instant now) => new(
        new RequestId(1), new PutRequest(Visits, default, null, PutOptions.None), 2, candidates,
        now, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), increment: 1);

    // Notes every increment that leaves with a ticket, also one that is lost then.
    private void Watch(Func<NodeId, NodeId, Message, bool> passes) => _cluster.Wire = (from, to, message) =>
    {
        if (message is ForwardIncrement { Ticket: not 0 } handed) _handed.Add((to, handed));
        return passes(from, to, message);
    };
}
