using System.Collections.Immutable;

namespace Dynamo.Simulation.Tests;

/// <summary>
/// What a replica may say before a write is durable, with a buffer and without, and what no crash and no failing disk may make of that.
/// Section 4.9.
/// </summary>
public class BufferTests
{
    private static readonly NodeId Self = new("n1"), Other = new("n2");
    private static readonly PartitionId Partition = new(0);
    private static readonly Key Cart = Key.Of("carts", "alice");
    private static readonly Instant Now = new(1_000_000_000);
    private SimulatedDisk _disk = new(null) { BufferWrites = 4 };
    private readonly Effects _effects = new();
    private Replica _replica;
    private readonly HashSet<WriteId> _handed = [];
    private ulong _requests;

    public BufferTests() => _replica = Begin();

    [Fact]
    public void A_write_is_said_to_be_applied_at_once_and_durable_later()
    {
        Settle(Put());
        Assert.Equal(["durable"], Said());
        var write = Put();
        Assert.Equal(["applied"], Said());
        Assert.Equal(2, Siblings(Get()));
        Said();
        Settle(write);
        Assert.Equal(["durable"], Said());
    }

    [Fact]
    public void Without_a_buffer_the_record_may_leave_at_once_and_nobody_is_shown_it_before_it_is_durable()
    {
        UseNoBuffer();
        Settle(Put());
        Assert.Equal(["durable"], Said());
        var write = Put();
        Assert.Equal(["issued"], Said());
        Assert.Empty(Assert.IsType<Effect.Write>(Get()).Changes);
        Assert.Empty(Said());
        Settle(write);
        Assert.Equal(["durable", "Found"], Said());
        Send(new ReplicaPut(new RequestId(++_requests), Partition, Cart, RecordOf(1), default, PutReason.Write));
        Assert.Empty(Said());
    }

    // Otherwise a crash would leave a store that is sealed below a dot that is out in the world, and could issue it again.
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void Nothing_is_said_of_a_dot_before_a_lease_that_covers_it_is_durable(bool hasBuffer, bool isSealed)
    {
        if (!hasBuffer) UseNoBuffer();
        if (isSealed) Seal(at: 10);
        var write = Put() ?? Vouch();
        Assert.Empty(Said());
        Get();
        Assert.Empty(Said());
        Settle(write);
        Assert.Equal(["durable", "Found"], Said());
        if (isSealed) Assert.Equal(new Dot(new ReplicaId(Self, 5), 11), LastDot(_disk.Read(Partition, Cart).Stored!.Record));
    }

    [Fact]
    public void What_the_others_send_is_applied_for_a_put_and_durable_for_whoever_builds_on_it()
    {
        foreach (var reason in Enum.GetValues<PutReason>())
        {
            var write = Send(new ReplicaPut(new RequestId(++_requests), Partition, Cart, RecordOf((ulong)reason + 1), default, reason));
            Assert.Equal(reason == PutReason.Write ? ["applied"] : [], Said());
            Settle(write);
            Assert.Equal(["durable"], Said());
        }
    }

    [Fact]
    public void A_full_buffer_answers_as_a_store_without_one()
    {
        Settle(Put());
        Said();
        for (var i = 0; i < 4; i++) Put();
        Assert.Equal(4, Said().Count);
        Assert.Equal(StoreBuffer.Full, _disk.Buffer);
        var last = Put();
        Assert.Equal(["issued"], Said());
        // What it holds it shows all the same.
        Assert.Equal(6, Siblings(Get()));
        Said();
        Settle(last);
        Assert.Equal(Enumerable.Repeat("durable", 5), Said());
    }

    // The lost dot may be at another replica, acknowledged: a row that is back at an earlier state must not claim it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_failed_sync_ends_the_generation_so_that_no_claim_covers_what_the_store_has_lost(bool hasBuffer)
    {
        if (!hasBuffer) UseNoBuffer();
        Settle(Put());
        var lost = Put();
        var dot = LastDot(_disk.Read(Partition, Cart).Stored!.Record);
        Assert.Equal(["durable", hasBuffer ? "applied" : "issued"], Said());
        Settle(lost, fails: true);
        Assert.Equal(["refused"], Said());
        Settle(Put());
        var after = _disk.Read(Partition, Cart).Stored!.Record;
        Assert.False(after.Clock.Covers(dot));
        Assert.NotEqual(dot.Replica, LastDot(after).Replica);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_store_that_has_failed_is_not_sealed_before_its_replica_has_heard_of_it(bool hasBuffer)
    {
        if (!hasBuffer) UseNoBuffer();
        Settle(Put());
        var lost = Put();
        Assert.NotNull(_replica.Seal());
        _disk.BeginSync();
        _disk.EndSync(fails: true);
        Assert.NotNull(lost);
        Assert.Null(_replica.Seal());
    }

    private void UseNoBuffer()
    {
        _disk = new SimulatedDisk(null);
        _replica = Begin();
    }

    private void Seal(ulong at)
    {
        _disk.Begin([new StoreChange.PutLease(Partition, new GenerationLease(5, at, IsSealed: true))]);
        _replica = Begin();
        _replica.OnView(new ClusterView(
            Self, Cluster.RingOf(Cluster.Founding(3, 16)), static _ => true, ImmutableSortedDictionary<string, PropertyEntry>.Empty));
    }

    // The other owners have seen no dot above the lease, so the generation goes on.
    private Effect.Write? Vouch()
    {
        var asked = _effects.List.OfType<Effect.Send>().ToList();
        _effects.Clear();
        foreach (var send in asked)
            _replica.OnMessage(
                send.To, new LeaseReply(((LeaseAsk)send.Message).Id, Partition, Highest: 10, HasLooked: true), Now, _effects);
        return Enqueue();
    }

    private Replica Begin() => new(Self, Partition, _disk, NodeSettings.Standard, 7);

    private Effect.Write? Put() => Send(new CoordinateWrite(
        new RequestId(++_requests), Partition, Cart, VersionVector.Empty, Operation.ValueOf((int)_requests), false, default));

    private Effect.Write? Get() => Send(new ReplicaGet(new RequestId(++_requests), Partition, Cart));

    private Effect.Write? Send(Message message)
    {
        _replica.OnMessage(message is CoordinateWrite ? Self : Other, message, Now, _effects);
        return Enqueue();
    }

    private Effect.Write? Enqueue()
    {
        var write = _effects.List.OfType<Effect.Write>().LastOrDefault(write => _handed.Add(write.Id));
        if (write is not null) _disk.Enqueue(write.Id, write.Changes);
        return write;
    }

    private void Settle(Effect.Write? write, bool fails = false)
    {
        Assert.NotNull(write);
        _disk.BeginSync();
        foreach (var (ended, result) in _disk.EndSync(fails)) _replica.OnWritten(ended.Id, result, _effects);
    }

    // What has been said since it was last asked.
    private List<string> Said()
    {
        List<string> said = [.. _effects.List.OfType<Effect.Send>().Select(static send => send.Message switch
        {
            CoordinateWriteReply reply => reply.Refusal != WriteRefusal.None ? "refused" : reply.Copy.ToString().ToLowerInvariant(),
            ReplicaPutReply reply => Word(reply.Durable, reply.Refusal),
            ReplicaGetReply reply => reply.Status.ToString(),
            _ => send.Message.GetType().Name,
        })];
        _effects.Clear();
        return said;
    }

    private static string Word(bool durable, WriteRefusal refusal) =>
        refusal != WriteRefusal.None ? "refused" : durable ? "durable" : "applied";

    private int Siblings(Effect.Write? barrier)
    {
        Assert.True(barrier is null or { Changes.Count: > 0 }, "The read waits for durability.");
        return _effects.List.OfType<Effect.Send>().Select(static send => send.Message).OfType<ReplicaGetReply>().Last().Record.Siblings.Length;
    }

    private static Dot LastDot(Record record) => record.Siblings.MaxBy(static sibling => sibling.Timestamp)!.Dot;

    private static Record RecordOf(ulong counter)
    {
        var dot = new Dot(new ReplicaId(Other, 9), counter);
        return Record.Empty.Put(VersionVector.Empty, new Sibling(dot, 1, new Value()), DotRange.Of(dot));
    }
}
