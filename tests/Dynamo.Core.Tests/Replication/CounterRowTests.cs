using Dynamo.Storage;

namespace Dynamo.Core.Tests;

/// <summary>Which entry an increment may advance: only the last one that this store wrote, and never one that came back.</summary>
public sealed class CounterRowTests : IDisposable
{
    private static readonly NodeId Self = new("x"), A = new("a"), B = new("b");
    private static readonly Key Key = Key.Of("b", "k");
    private static readonly PartitionId Partition = new(3);

    private readonly MemoryEngine _store = new();
    private readonly List<Record> _said = [];
    private Replica _replica;
    private ulong _runs;

    public CounterRowTests() => _replica = Start();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Increments_of_one_row_are_one_entry()
    {
        for (var i = 0; i < 10; i++) Add(1);
        Assert.Equal("+10 -3", Assert.Single(Entries(Add(-3))));
        AssertEverywhere(7);
    }

    [Fact]
    public void After_a_restart_that_nobody_vouches_for_another_entry_goes_on_beside_it()
    {
        Add(1);
        _replica = Start();
        Add(2);
        Assert.Equal(["+1 -0", "+5 -0"], Entries(Add(3)));
        AssertEverywhere(6);
    }

    [Fact]
    public void Of_a_row_that_was_lost_and_came_back_stale_nothing_is_advanced()
    {
        var stale = Add(1);
        Add(2);
        _store.Enqueue([new StoreChange.RemoveRecord(Partition, Key)], static _ => { });
        Give(stale);
        // The entry that came back is not the last one: another replica has the larger one still.
        Assert.Equal(["+1 -0", "+4 -0"], Entries(Add(4)));
        Assert.Equal(["+1 -0", "+12 -0"], Entries(Add(8)));
        AssertEverywhere(1 + 2 + 4 + 8);
    }

    [Fact]
    public void Nor_when_a_restart_lies_between()
    {
        var stale = Add(1);
        Add(2);
        _store.Enqueue([new StoreChange.RemoveRecord(Partition, Key)], static _ => { });
        _replica = Start();
        Give(stale);
        Add(4);
        AssertEverywhere(1 + 2 + 4);
    }

    [Fact]
    public void A_row_that_was_lost_for_good_begins_anew()
    {
        Add(1);
        _store.Enqueue([new StoreChange.RemoveRecord(Partition, Key)], static _ => { });
        Assert.Equal("+2 -0", Assert.Single(Entries(Add(2))));
        AssertEverywhere(3);
    }

    [Fact]
    public void A_new_generation_begins_one_entry_beside_the_old_one_and_goes_on_with_that()
    {
        // The row's floor is far above the counters that a new generation begins with.
        for (var i = 0; i < 10; i++) Add(0);
        _store.Enqueue([new StoreChange.RemoveRecord(Partition, Key)], static _ => { });
        var first = Add(1);
        var ahead = new Dot(first.Siblings[0].Dot.Replica, 1_000_000);
        Give(Record.Empty.Put(VersionVector.Empty, new Sibling(ahead, 1, new Value()), DotRange.Of(ahead)));
        Add(2);
        Add(4);
        var last = Add(8);
        Assert.Equal(2, last.Siblings.Select(static s => s.Dot.Replica).Distinct().Count());
        Assert.Equal(["+1 -0", "+14 -0"], Entries(last));
        AssertEverywhere(15);
    }

    [Fact]
    public void Each_hint_row_has_an_entry_of_its_own()
    {
        Add(1, standingInFor: A);
        Add(2, standingInFor: A);
        Add(4, standingInFor: B);
        Add(8, standingInFor: A);
        Add(16, standingInFor: B);
        AssertEverywhere(31);
    }

    [Fact]
    public void An_owner_that_stood_in_for_another_in_between_counts_right()
    {
        Add(1);
        Add(2, standingInFor: A);
        Add(4);
        Add(8, standingInFor: A);
        Add(16);
        Add(32);
        AssertEverywhere(63);
    }

    [Fact]
    public void A_hint_that_was_delivered_and_came_back_is_not_advanced()
    {
        var delivered = Add(1, standingInFor: A);
        Add(2, standingInFor: B);
        var hint = _store.ReadHint(A, Key)!;
        _store.Enqueue([new StoreChange.RemoveHint(A, Key, hint.Stamp)], static _ => { });
        Give(delivered, standingInFor: A);
        Add(4, standingInFor: A);
        Give(delivered);
        Add(8);
        Add(16);
        AssertEverywhere(31);
    }

    [Fact]
    public void Many_entries_are_no_reason_to_refuse_an_increment_but_to_be_told()
    {
        _replica = Start(NodeSettings.Standard with { SiblingsMax = 2, SiblingsWarn = 2 });
        for (var i = 0; i < 5; i++)
        {
            Add(1);
            _store.Enqueue([new StoreChange.RemoveRecord(Partition, Key)], static _ => { });
            Give(_said.Aggregate(static (x, y) => x.Merge(y)));
        }

        var effects = new Effects();
        Assert.Equal(6, Add(1, effects: effects).Siblings.Length);
        AssertEverywhere(6);
        Assert.Contains(effects.List, static e => e is Effect.Observe { Observation: Observation.ManySiblings { Count: 6 } });
    }

    [Fact]
    public void What_others_put_beside_is_left_alone()
    {
        Add(1);
        var effects = new Effects();
        _replica.OnMessage(
            Self,
            new CoordinateWrite(
                new RequestId(2), Partition, Key, VersionVector.Empty, new Value { ContentType = "text/plain" }, false, default),
            new Instant(1), effects);
        Carry(effects);
        var record = Add(2);
        Assert.Equal(2, record.Siblings.Length);
        Assert.Equal("+3 -0", Assert.Single(Entries(record)));
        AssertEverywhere(3);
    }

    [Fact]
    public void An_entry_without_room_gets_a_neighbour()
    {
        Add(long.MaxValue);
        Add(long.MaxValue);
        Add(1);
        Assert.Equal("+18446744073709551615 -0", Assert.Single(Entries(_said[^1])));
        Add(1);
        Assert.Equal(2, Entries(Add(1)).Length);
        AssertEverywhere((Int128)ulong.MaxValue + 2);
    }

    [Fact]
    public void Whether_the_store_had_been_given_a_write_that_failed_is_told()
    {
        var effects = new Effects();
        _replica.OnMessage(Self, Write(1, default), new Instant(1), effects);
        var write = Assert.Single(effects.List.OfType<Effect.Write>());
        effects.Clear();
        _replica.OnWritten(write.Id, new WriteResult("The disk is full."), effects);
        var reply = Assert.IsType<CoordinateWriteReply>(effects.List.OfType<Effect.Send>().Single().Message);
        Assert.Equal((WriteRefusal.StoreFailed, true), (reply.Refusal, reply.WasHandedOver));
    }

    // However the records that were sent out meet, on whatever replicas: the sum is the same.
    private void AssertEverywhere(Int128 expected)
    {
        Assert.Equal(expected, Counter.ValueOf(_said.Aggregate(static (x, y) => x.Merge(y)).Siblings));
        Assert.Equal(expected, Counter.ValueOf(_said.AsEnumerable().Reverse().Aggregate(static (x, y) => x.Merge(y)).Siblings));
        Assert.Equal(expected, Counter.ValueOf(_said.OrderBy(static r => r.GetHashCode()).Aggregate(static (x, y) => x.Merge(y)).Siblings));
    }

    private static string[] Entries(Record record) =>
    [
        .. record.Siblings.Select(static s => CounterEntry.TryRead(s.Value, out var entry) ? entry.ToString() : "")
            .Where(static text => text.Length > 0).Order(StringComparer.Ordinal),
    ];

    private static CoordinateWrite Write(long delta, NodeId standingInFor) => new(
        new RequestId(1), Partition, Key, VersionVector.Empty, null, false, standingInFor, Increment: delta);

    private Replica Start(NodeSettings? settings = null) => new(Self, Partition, _store, settings ?? NodeSettings.Standard, ++_runs);

    private Record Add(long delta, NodeId standingInFor = default, Effects? effects = null)
    {
        effects ??= new Effects();
        _replica.OnMessage(Self, Write(delta, standingInFor), new Instant(1), effects);
        var reply = Assert.IsType<CoordinateWriteReply>(Carry(effects));
        Assert.Equal(WriteRefusal.None, reply.Refusal);
        _said.Add(reply.Record);
        return reply.Record;
    }

    private void Give(Record record, NodeId standingInFor = default)
    {
        var effects = new Effects();
        _replica.OnMessage(
            A, new ReplicaPut(new RequestId(3), Partition, Key, record, standingInFor, PutReason.ReadRepair), new Instant(1), effects);
        if (effects.List.OfType<Effect.Write>().Any()) Carry(effects);
    }

    private Message Carry(Effects effects)
    {
        var write = Assert.Single(effects.List.OfType<Effect.Write>());
        var result = new WriteResult("The write was never answered.");
        _store.Enqueue(write.Changes, r => result = r);
        var answers = new Effects();
        _replica.OnWritten(write.Id, result, answers);
        return answers.List.OfType<Effect.Send>().Single().Message;
    }
}
