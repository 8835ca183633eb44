using Dynamo.Core;

namespace Dynamo.Simulation;

internal sealed class EarlyAcknowledgement : Mutant
{
    public override bool ReportsEarly => true;
}

internal sealed class ShowUnsynced : Mutant
{
    public override StoreRead OnRead(SimulatedDisk disk, PartitionId partition, Key key, StoreRead read) =>
        read with { Queued = false };
}

internal sealed class AppliedIsDurable : Mutant
{
    // The coordinator's own word does not leave its node, but those of the others do.
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        [(from, to, message is ReplicaPutReply { Durable: false, Refusal: WriteRefusal.None } reply ? reply with { Durable = true } : message)];
}

internal sealed class ConcealFailures : Mutant
{
    public override int OnFailures(int failures) => 0;
}

internal sealed class ReuseDots : Mutant
{
    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes) =>
        [.. changes.Select(static change => change is StoreChange.PutLease put
            ? put with { Lease = put.Lease with { LeasedUpTo = 1, IsSealed = true } }
            : change)];

    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        [(from, to, message is LeaseReply reply ? reply with { Highest = 0, HasLooked = true } : message)];
}

internal sealed class KeepGeneration : Mutant
{
    public override GenerationLease? OnLease(SimulatedDisk disk, PartitionId partition, GenerationLease? lease) =>
        lease ?? (disk.FirstLeases.TryGetValue(partition, out var first) ? first with { LeasedUpTo = 0, IsSealed = true } : null);

    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        [(from, to, message is LeaseReply reply ? reply with { Highest = 0, HasLooked = true } : message)];
}

internal sealed class ClaimTooMuch : Mutant
{
    public override StoreRead OnRead(SimulatedDisk disk, PartitionId partition, Key key, StoreRead read) =>
        read.Stored is { } stored ? read with { Stored = stored with { Floor = 0 } } : read;

    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes) =>
        [.. changes.Select(static change => change switch
        {
            StoreChange.PutRecord put => put with { Stored = Widen(put.Stored) },
            StoreChange.PutHint put => put with { Hint = put.Hint with { Stored = Widen(put.Hint.Stored) } },
            _ => change,
        })];

    // As a plain version vector would have it: whoever knows a counter knows all before it.
    private static StoredRecord Widen(StoredRecord stored)
    {
        var ranges = stored.Record.Clock.Ranges.ToArray();
        for (var i = 0; i < ranges.Length; i++) ranges[i] = ranges[i] with { First = 1 };
        return Record.TryCreate(VersionVector.Of(ranges), stored.Record.Siblings, out var record)
            ? stored with { Record = record, Floor = 0 }
            : stored;
    }
}

internal sealed class ForgetTombstone : Mutant
{
    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes) =>
        [.. changes.Select(static change => change is StoreChange.PutRecord { Stored.Record.IsDeleted: true } put
            ? new StoreChange.RemoveRecord(put.Partition, put.Key)
            : change)];
}

internal sealed class ReplaceNotMerge : Mutant
{
    // Seen from the disk: of a merge of two, only what the row did not have before is kept.
    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes) =>
        [.. changes.Select(change => change is StoreChange.PutRecord put ? Replace(disk, put) : change)];

    private static StoreChange.PutRecord Replace(SimulatedDisk disk, StoreChange.PutRecord put)
    {
        var merged = put.Stored.Record;
        if (disk.Read(put.Partition, put.Key).Stored is not { } held || merged.Siblings.Length < 2) return put;
        var fresh = merged.Siblings.RemoveAll(sibling => held.Record.Siblings.Any(old => old.Dot == sibling.Dot));
        return !fresh.IsEmpty && Record.TryCreate(merged.Clock, fresh, out var replaced)
            ? put with { Stored = put.Stored with { Record = replaced } }
            : put;
    }
}

internal sealed class LoseWrite(Prng random) : Mutant
{
    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes) =>
        random.Chance(0.02) ? [] : changes;
}

internal sealed class ServeDamaged : Mutant
{
    private static readonly Dot Nobody = new(new ReplicaId(new NodeId("n0"), 1), 1);

    public override StoreRead OnRead(SimulatedDisk disk, PartitionId partition, Key key, StoreRead read)
    {
        if (read.Status != StoreReadStatus.Corrupt) return read;
        var nonsense = new Sibling(Nobody, 1, new Value { Body = "~#!"u8.ToArray() });
        var record = Record.Empty.Put(VersionVector.Empty, nonsense, DotRange.Of(Nobody));
        return new StoreRead(StoreReadStatus.Found, new StoredRecord(record, 1, 0));
    }
}
