using System.Diagnostics;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>What lies on a disk.</summary>
internal sealed class StoreImage
{
    /// <summary>A row whose checksum fails; what it held is gone.</summary>
    public static readonly StoredRecord Damaged = new(Core.Record.Empty, 0, 0);

    private readonly SortedDictionary<PartitionId, Rows<StoredRecord>> _records = [];
    private readonly SortedDictionary<NodeId, Rows<Hint>> _hints = [];
    private readonly SortedDictionary<PartitionId, GenerationLease> _leases = [];
    private readonly SortedDictionary<string, ReadOnlyMemory<byte>> _cells = new(StringComparer.Ordinal);

    /// <summary>The owners that have hints, in order.</summary>
    public IEnumerable<NodeId> HintOwners => _hints.Keys;

    public IEnumerable<PartitionId> Partitions => _records.Keys;

    public StoredRecord? Record(PartitionId partition, Key key) =>
        _records.TryGetValue(partition, out var rows) ? rows.Find(key) : null;

    public Hint? Hint(NodeId owner, Key key) => _hints.TryGetValue(owner, out var rows) ? rows.Find(key) : null;

    public int HintCount(NodeId owner) => _hints.TryGetValue(owner, out var rows) ? rows.Count : 0;

    public bool HasHints => _hints.Count > 0;

    public GenerationLease? Lease(PartitionId partition) => _leases.GetValueOrDefault(partition);

    public ReadOnlyMemory<byte>? Cell(string name) =>
        _cells.TryGetValue(name, out var bytes) ? bytes : new ReadOnlyMemory<byte>?();

    public IEnumerable<Key> KeysOf(PartitionId partition, Key? after) =>
        _records.TryGetValue(partition, out var rows) ? rows.KeysAfter(after) : [];

    public IEnumerable<Key> HintKeysOf(NodeId owner, Key? after) =>
        _hints.TryGetValue(owner, out var rows) ? rows.KeysAfter(after) : [];

    /// <summary>Every sound record and hint: the key, what its clock knows, and the owner when it is a hint.</summary>
    public IEnumerable<(Key Key, VersionVector Clock, NodeId HintFor)> Knowledge()
    {
        foreach (var rows in _records.Values)
            foreach (var key in rows.KeysAfter(null)) yield return (key, rows.Find(key)!.Record.Clock, default);
        foreach (var (owner, rows) in _hints)
            foreach (var key in rows.KeysAfter(null)) yield return (key, rows.Find(key)!.Stored.Record.Clock, owner);
    }

    /// <summary>What the row that a change touches holds now, for <see cref="Restore"/>.</summary>
    public object? Before(StoreChange change) => change switch
    {
        StoreChange.PutRecord put => Record(put.Partition, put.Key),
        StoreChange.RemoveRecord remove => Record(remove.Partition, remove.Key),
        StoreChange.PutHint put => Hint(put.Hint.Owner, put.Hint.Key),
        StoreChange.RemoveHint remove => Hint(remove.Owner, remove.Key),
        StoreChange.PutLease put => Lease(put.Partition),
        StoreChange.PutCell put => Cell(put.Name),
        _ => throw new UnreachableException($"Unknown change {change.GetType().Name}."),
    };

    /// <summary>Puts back what <see cref="Before"/> saw.</summary>
    public void Restore(StoreChange change, object? before)
    {
        switch (change)
        {
            case StoreChange.PutRecord put:
                SetRecord(put.Partition, put.Key, (StoredRecord?)before);
                break;
            case StoreChange.RemoveRecord remove:
                SetRecord(remove.Partition, remove.Key, (StoredRecord?)before);
                break;
            case StoreChange.PutHint put:
                SetHint(put.Hint.Owner, put.Hint.Key, (Hint?)before);
                break;
            case StoreChange.RemoveHint remove:
                SetHint(remove.Owner, remove.Key, (Hint?)before);
                break;
            case StoreChange.PutLease put when before is GenerationLease lease:
                _leases[put.Partition] = lease;
                break;
            case StoreChange.PutLease put:
                _leases.Remove(put.Partition);
                break;
            case StoreChange.PutCell put when before is ReadOnlyMemory<byte> bytes:
                _cells[put.Name] = bytes;
                break;
            case StoreChange.PutCell put:
                _cells.Remove(put.Name);
                break;
        }
    }

    public void Apply(StoreChange change)
    {
        switch (change)
        {
            case StoreChange.PutRecord put:
                SetRecord(put.Partition, put.Key, put.Stored);
                break;
            case StoreChange.RemoveRecord remove:
                SetRecord(remove.Partition, remove.Key, null);
                break;
            case StoreChange.PutHint put:
                SetHint(put.Hint.Owner, put.Hint.Key, put.Hint);
                break;
            case StoreChange.RemoveHint remove:
                if (Hint(remove.Owner, remove.Key)?.Stamp == remove.Stamp) SetHint(remove.Owner, remove.Key, null);
                break;
            case StoreChange.PutLease put:
                _leases[put.Partition] = put.Lease;
                break;
            case StoreChange.PutCell put:
                _cells[put.Name] = put.Bytes;
                break;
            default:
                throw new UnreachableException($"Unknown change {change.GetType().Name}.");
        }
    }

    public void SetRecord(PartitionId partition, Key key, StoredRecord? stored)
    {
        if (!_records.TryGetValue(partition, out var rows))
        {
            if (stored is null) return;
            _records.Add(partition, rows = new Rows<StoredRecord>());
        }

        if (stored is not null) rows.Put(key, stored);
        else rows.Remove(key);
        if (rows.Count == 0) _records.Remove(partition);
    }

    public void SetHint(NodeId owner, Key key, Hint? hint)
    {
        if (!_hints.TryGetValue(owner, out var rows))
        {
            if (hint is null) return;
            _hints.Add(owner, rows = new Rows<Hint>());
        }

        if (hint is not null) rows.Put(key, hint);
        else rows.Remove(key);
        if (rows.Count == 0) _hints.Remove(owner);
    }

    public void ForgetLease(PartitionId partition) => _leases.Remove(partition);
}
