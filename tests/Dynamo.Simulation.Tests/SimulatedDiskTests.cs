namespace Dynamo.Simulation.Tests;

/// <summary>The simulated disk keeps the contract of the real one, and breaks it only as it is told.</summary>
public class SimulatedDiskTests
{
    private static readonly PartitionId Partition = new(3);
    private static readonly Key Alice = Key.Of("carts", "alice");
    private readonly SimulatedDisk _disk = new(null);
    private ulong _writes;

    [Fact]
    public void A_write_is_seen_at_once_and_durable_after_the_sync()
    {
        Write(1);
        Assert.True(_disk.Read(Partition, Alice) is { Queued: true, Stored.Floor: 1 });
        Sync();
        Assert.True(_disk.Read(Partition, Alice) is { Queued: false, Stored.Floor: 1 });
    }

    [Fact]
    public void A_crash_forgets_what_no_sync_had_begun_to_carry()
    {
        Write(1);
        Sync();
        Write(2);
        _disk.Crash(new Prng(1), torn: false);
        Assert.Equal(1UL, _disk.Read(Partition, Alice).Stored!.Floor);
    }

    [Fact]
    public void A_failed_sync_takes_with_it_what_was_handed_over_meanwhile()
    {
        Write(1);
        Sync();
        Write(2);
        _disk.BeginSync();
        Write(3);
        var ended = _disk.EndSync(fails: true);
        Assert.Equal(2, ended.Count);
        Assert.All(ended, static end => Assert.False(end.Result.Ok));
        Assert.Equal(1UL, _disk.Read(Partition, Alice).Stored!.Floor);
        Assert.False(_disk.HasWaiting);
    }

    [Fact]
    public void A_question_asked_before_a_failure_gets_no_for_an_answer()
    {
        Write(1);
        _disk.BeginSync();
        _disk.Enqueue(new WriteId(++_writes), []);
        Assert.False(_disk.EndSync(fails: true)[^1].Result.Ok);
    }

    [Fact]
    public void A_torn_write_leaves_a_row_whose_checksum_fails()
    {
        Write(1);
        Sync();
        Write(2);
        _disk.BeginSync();
        // Of one write under way none survives for some seed, and then it is torn.
        var random = Enumerable.Range(1, 100).Select(static seed => (ulong)seed).First(static seed => new Prng(seed).Below(2) == 0);
        var (survivors, lost) = _disk.Crash(new Prng(random), torn: true);
        Assert.Empty(survivors);
        Assert.Single(lost);
        Assert.Equal(StoreReadStatus.Corrupt, _disk.Read(Partition, Alice).Status);
    }

    [Fact]
    public void A_lying_disk_loses_what_it_said_is_durable()
    {
        Write(1);
        Sync();
        _disk.Lies = true;
        Write(2);
        Sync();
        var random = Enumerable.Range(1, 100).Select(static seed => (ulong)seed).First(static seed => new Prng(seed).Below(2) == 0);
        Assert.Single(_disk.Crash(new Prng(random), torn: false).Lost);
        Assert.Equal(1UL, _disk.Read(Partition, Alice).Stored!.Floor);
    }

    [Fact]
    public void A_hint_goes_only_under_the_stamp_that_was_seen()
    {
        var owner = new NodeId("n2");
        _disk.Enqueue(new WriteId(++_writes), [new StoreChange.PutHint(new Hint(owner, Partition, Alice, Stored(1), 1))]);
        Sync();
        _disk.Enqueue(new WriteId(++_writes), [new StoreChange.PutHint(new Hint(owner, Partition, Alice, Stored(2), 2))]);
        _disk.Enqueue(new WriteId(++_writes), [new StoreChange.RemoveHint(owner, Alice, 1)]);
        Assert.Equal(1, _disk.HintCount(owner));
        Sync();
        Assert.Equal(2UL, Assert.Single(_disk.HintsFor(Alice)).Stamp);
        _disk.Enqueue(new WriteId(++_writes), [new StoreChange.RemoveHint(owner, Alice, 2)]);
        Assert.Equal(0, _disk.HintCount(owner));
        Assert.Empty(_disk.HintOwners());
    }

    private static StoredRecord Stored(ulong floor)
    {
        var dot = new Dot(new ReplicaId(new NodeId("n1"), 1), floor);
        return new StoredRecord(
            Record.Empty.Put(VersionVector.Empty, new Sibling(dot, 1, Operation.ValueOf(1)), DotRange.Of(dot)), 1, floor);
    }

    private void Write(ulong floor) =>
        _disk.Enqueue(new WriteId(++_writes), [new StoreChange.PutRecord(Partition, Alice, Stored(floor))]);

    private void Sync()
    {
        _disk.BeginSync();
        _disk.EndSync(fails: false);
    }
}
