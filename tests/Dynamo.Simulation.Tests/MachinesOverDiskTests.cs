namespace Dynamo.Simulation.Tests;

/// <summary>What the simulator found in Core, each in the smallest world that shows it: seeds drift when the code changes, these do not.</summary>
public class MachinesOverDiskTests
{
    private static readonly NodeId Self = new("n1"), Owner = new("n2");
    private static readonly PartitionId Partition = new(0);
    private static readonly Key Cart = Key.Of("carts", "alice");
    private static readonly Instant Now = new(1_000_000_000);
    private readonly SimulatedDisk _disk = new(null);
    private readonly Effects _effects = new();
    private ulong _writes = 1_000;

    [Fact]
    public void A_get_shows_a_hint_only_once_it_is_durable()
    {
        var replica = new Replica(Self, Partition, _disk, NodeSettings.Standard, 7);
        Enqueue(new StoreChange.PutHint(HintOf(1)));
        replica.OnMessage(Owner, new ReplicaGet(new RequestId(1), Partition, Cart), Now, _effects);
        var barrier = Assert.IsType<Effect.Write>(Assert.Single(_effects.List, static e => e is not Effect.Observe));
        Assert.Empty(barrier.Changes);
        _effects.Clear();
        replica.OnWritten(barrier.Id, WriteResult.Durable, _effects);
        Assert.Contains(_effects.List, static e => e is Effect.Send { Message: ReplicaGetReply { Status: StoreReadStatus.Found } });
    }

    [Fact]
    public void A_hint_is_delivered_only_once_it_is_durable()
    {
        var sender = new HandoffSender(Owner, _disk, NodeSettings.Standard, 7);
        Enqueue(new StoreChange.PutHint(HintOf(1)));
        sender.OnReachability(reachable: true, Now, _effects);
        var barrier = Assert.IsType<Effect.Write>(Assert.Single(_effects.List));
        Assert.Empty(barrier.Changes);
        _effects.Clear();
        sender.OnWritten(barrier.Id, new WriteResult("The disk failed."), Now, _effects);
        Assert.Empty(_effects.List);

        sender.OnTime(sender.Deadline, _effects);
        barrier = Assert.IsType<Effect.Write>(Assert.Single(_effects.List));
        _effects.Clear();
        sender.OnWritten(barrier.Id, WriteResult.Durable, sender.Deadline, _effects);
        Assert.IsType<ReplicaPut>(Assert.IsType<Effect.Send>(Assert.Single(_effects.List)).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    public void A_row_that_takes_a_damaged_ones_place_brings_the_lease_of_its_generation(int leaseBlock)
    {
        Enqueue(
            new StoreChange.PutLease(Partition, new GenerationLease(5, 10, IsSealed: true)),
            new StoreChange.PutRecord(Partition, Cart, StoreImage.Damaged));
        _disk.BeginSync();
        _disk.EndSync(fails: false);
        var settings = NodeSettings.Standard with { LeaseBlock = leaseBlock };
        var replica = new Replica(Self, Partition, _disk, settings, 7);
        replica.OnMessage(
            Owner, new ReplicaPut(new RequestId(1), Partition, Cart, HintOf(1).Stored.Record, default, PutReason.Handoff), Now, _effects);
        var write = Assert.Single(_effects.List.OfType<Effect.Write>());
        var lease = Assert.Single(write.Changes.OfType<StoreChange.PutLease>()).Lease;
        var row = Assert.Single(write.Changes.OfType<StoreChange.PutRecord>()).Stored;
        Assert.NotEqual(5UL, lease.Generation);
        Assert.Equal(lease.Generation, row.Generation);
    }

    [Fact]
    public void A_floor_above_the_lease_that_survived_makes_no_backward_claim()
    {
        // The write that took the lease further and issued dot 11 failed; the row made after it names 11 as its floor.
        Enqueue(
            new StoreChange.PutLease(Partition, new GenerationLease(5, 10, IsSealed: true)),
            new StoreChange.PutRecord(Partition, Cart, HintOf(1).Stored with { Generation = 5, Floor = 11 }));
        _disk.BeginSync();
        _disk.EndSync(fails: false);
        var replica = new Replica(Self, Partition, _disk, NodeSettings.Standard, 7);
        var put = new CoordinateWrite(
            new RequestId(1), Partition, Cart, VersionVector.Empty, Operation.ValueOf(1), LastWriteWins: false, default);
        replica.OnMessage(Self, put, Now, _effects);
        var row = Assert.Single(_effects.List.OfType<Effect.Write>()).Changes.OfType<StoreChange.PutRecord>().Single().Stored;
        Assert.True(VersionVector.TryFromSorted(row.Record.Clock.Ranges.ToArray(), out _), $"{row.Record.Clock}");
    }

    [Fact]
    public void Two_writes_of_one_key_that_fall_due_together_do_not_build_on_one_row()
    {
        var founding = Cluster.Founding(nodes: 6, partitions: 16);
        var key = Enumerable.Range(0, 1000).Select(static i => Key.Of("carts", $"k{i}"))
            .First(k => !Cluster.RingOf(founding).PreferenceList(Cluster.RingOf(founding).PartitionOf(k), 3).Contains(Self));
        var node = new DynamoNode(Self, founding, ContextCodec.For(founding), _disk, NodeSettings.Standard, 7);
        Step(() => node.Start(Now, _effects), node, Now);
        foreach (var member in founding.Members)
            if (member.Node != Self) Step(() => node.OnMessage(member.Node, new Ping(1), Now, _effects), node, Now);
        // It remembers nothing, so it serves only when somebody has told it how the membership stands.
        var said = new MembershipState(MembershipHistory.Of(founding), [], WantsReply: false);
        Step(() => node.OnMessage(founding.Members.First(static m => m.Node != Self).Node, said, Now, _effects), node, Now);
        // Nobody answers, so both are coordinated here in the end, and both at the same moment.
        for (var id = 1; id <= 2; id++)
        {
            var put = new PutRequest(key, default, Operation.ValueOf(id), new PutOptions { W = QuorumSize.One });
            Step(() => node.Request(put, Now, _effects), node, Now);
        }

        var now = Now;
        for (var i = 0; i < 200; i++)
        {
            var at = now += TimeSpan.FromMilliseconds(20);
            Step(() => node.OnTime(at, _effects), node, at);
        }

        var held = _disk.HintsFor(key).SelectMany(static hint => hint.Stored.Record.Siblings).Select(static s => Operation.IdOf(s.Value));
        Assert.Equal([1, 2], held.Distinct().Order());
    }

    // Carries out what a driver would, and goes on at once when the node asks for it.
    private void Step(Action input, DynamoNode node, Instant now)
    {
        for (input(); ; node.OnTime(now, _effects))
        {
            var writes = _effects.List.OfType<Effect.Write>().ToList();
            Assert.True(writes.Count(static write => write.Changes.Any(static c => c is StoreChange.PutHint)) <= 1, "two rows in one step");
            _effects.Clear();
            foreach (var write in writes) _disk.Enqueue(write.Id, write.Changes);
            _disk.BeginSync();
            foreach (var (write, result) in _disk.EndSync(fails: false)) Step(() => node.OnWritten(write.Id, result, now, _effects), node, now);
            if (node.Deadline > now) return;
        }
    }

    private static Hint HintOf(ulong counter)
    {
        var dot = new Dot(new ReplicaId(new NodeId("n3"), 9), counter);
        var record = Record.Empty.Put(VersionVector.Empty, new Sibling(dot, 1, Operation.ValueOf(1)), DotRange.Of(dot));
        return new Hint(Owner, Partition, Cart, new StoredRecord(record, 9, 0), Stamp: 1);
    }

    private void Enqueue(params StoreChange[] changes) => _disk.Enqueue(new WriteId(++_writes), changes);
}
