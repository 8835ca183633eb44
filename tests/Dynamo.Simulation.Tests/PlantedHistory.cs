using System.Collections.Immutable;

namespace Dynamo.Simulation.Tests;

/// <summary>A history of one key, written by hand: every write has a dot of its own, every answer the context it should have.</summary>
public sealed class PlantedHistory
{
    private static readonly ReplicaId Writer = new(new NodeId("n1"), 1);
    private static readonly NodeId[] Owners = [new("n1"), new("n2"), new("n3")];
    private readonly Dictionary<int, VersionSeen> _written = [];
    private ulong _counter;
    private long _now = 100;

    public Key Key { get; } = Key.Of("carts", "alice");

    public RunHistory History { get; } = new();

    // Two apart, so that no range of one touches another's dot.
    public Dot NextDot() => new(Writer, _counter += 2);

    public Operation Put(VersionVector? given = null, bool acknowledged = true, int durableAt = 2) =>
        Write(OperationKind.Put, given, acknowledged, durableAt);

    public Operation Delete(VersionVector? given) => Write(OperationKind.Delete, given, acknowledged: true, durableAt: 2);

    /// <summary>A delete without a context that returns what it has read and replaced, and whose tombstone no disk has ever had.</summary>
    public Operation LostDelete(Operation read)
    {
        var delete = Begin(OperationKind.BlindDelete, VersionVector.Empty, durableAt: 0, atTheEnd: false, returnsBody: true);
        delete.Returned = read.Returned!.With(DotRange.Of(NextDot()));
        delete.Outcome = new Stored(default, []);
        return delete;
    }

    public VersionSeen VersionOf(Operation write) => _written[write.Id];

    /// <summary>A get that shows what one put wrote, with the context that belongs to it.</summary>
    public Operation Get(Operation put, bool atTheEnd = false)
    {
        var get = Begin(OperationKind.Get, VersionVector.Empty, 0, atTheEnd);
        Show(get, VersionOf(put).Sibling);
        get.Returned = put.Given.With(DotRange.Of(VersionOf(put).Dot));
        get.Outcome = new Found(get.Shown, default);
        return get;
    }

    /// <summary>Shows a client a version.</summary>
    public void Show(Operation operation, Sibling sibling)
    {
        operation.Shown = [.. operation.Shown, sibling];
        History.See(Key, sibling, _now).WasShown = true;
    }

    /// <summary>All owners hold exactly what these writes wrote.</summary>
    public void End(params Operation[] writes) => End([.. writes.Select(write => VersionOf(write).Sibling)], writes);

    public void End(Operation write, Sibling added) => End([VersionOf(write).Sibling, added], [write]);

    public HintStay Hint()
    {
        var stay = new HintStay { Holder = Owners[0], Owner = Owners[1], Key = Key, Stamp = 1, Clock = VersionVector.Empty };
        History.Hints.Add(stay);
        return stay;
    }

    /// <summary>How a node of five sees the cluster.</summary>
    /// <param name="self">The node.</param>
    /// <param name="unreachable">A node that it takes for dead.</param>
    /// <param name="turned">Whether its partitions belong to one node further than they should.</param>
    /// <param name="lamport">The time at which it believes the bucket to have been set.</param>
    public ClusterView View(NodeId self, NodeId unreachable = default, bool turned = false, ulong lamport = 1)
    {
        var ring = Cluster.RingOf(Cluster.Founding(nodes: 5, partitions: 16));
        var owners = Enumerable.Range(0, 16).Select(p => ring.OwnerOf(new PartitionId((p + (turned ? 1 : 0)) % 16)));
        var entry = new PropertyEntry(lamport, Owners[0], BucketProperties.Standard with { LastWriteWins = true });
        return new ClusterView(
            self, new Ring(ring.Members, [.. owners]), node => node != unreachable,
            ImmutableSortedDictionary<string, PropertyEntry>.Empty.Add(Key.Bucket, entry));
    }

    public Verdict Check(Checker checker)
    {
        var verdict = new Verdict();
        checker.Check(History, verdict);
        return verdict;
    }

    private void End(Sibling[] siblings, Operation[] writes)
    {
        var record = Record.Empty;
        foreach (var sibling in siblings)
            record = record.Put(
                writes.Aggregate(VersionVector.Empty, static (all, write) => all.Merge(write.Given)), sibling, DotRange.Of(sibling.Dot));
        foreach (var owner in Owners) History.Of(Key).AtTheEnd.Add((owner, record));
    }

    private Operation Write(OperationKind kind, VersionVector? given, bool acknowledged, int durableAt)
    {
        var write = Begin(kind, given ?? VersionVector.Empty, durableAt, atTheEnd: false);
        var value = kind == OperationKind.Put ? Operation.ValueOf(write.Id) : null;
        var version = History.See(Key, new Sibling(NextDot(), _now, value), _now);
        _written.Add(write.Id, version);
        if (!acknowledged) return write;
        write.Returned = write.Given.With(DotRange.Of(version.Dot));
        write.Outcome = new Stored(default, []);
        write.Ended = ++_now;
        return write;
    }

    private Operation Begin(OperationKind kind, VersionVector given, int durableAt, bool atTheEnd, bool returnsBody = false)
    {
        var operation = new Operation
        {
            Id = History.Operations.Count + 1, Client = "c1", Kind = kind, Key = Key, Began = ++_now, Given = given,
            Needed = 2, DurableAt = durableAt, AtTheEnd = atTheEnd, ReturnsBody = returnsBody,
        };
        History.Add(operation);
        operation.Ended = ++_now;
        return operation;
    }
}
