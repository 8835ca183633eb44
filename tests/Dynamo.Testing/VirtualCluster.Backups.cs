using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Testing;

// Copies of stores, by hand and as the runtimes take them.
public sealed partial class VirtualCluster
{
    /// <summary>Everything a node's store holds of the records and leases, as a copy of its folder would.</summary>
    public IReadOnlyList<StoreChange> Backup(NodeId node)
    {
        var changes = new List<StoreChange>();
        var store = _nodes[node].Store;
        foreach (var partition in store.Partitions())
        {
            if (store.Lease(partition) is { } lease) changes.Add(new StoreChange.PutLease(partition, lease));
            foreach (var (key, stored) in store.Scan(partition, null, int.MaxValue))
                changes.Add(new StoreChange.PutRecord(partition, key, stored));
        }

        return changes;
    }

    /// <summary>Puts a <see cref="Backup"/> into the store of a node that is down.</summary>
    public void PutBack(NodeId node, IReadOnlyList<StoreChange> backup) => _nodes[node].Store.Enqueue(backup, static _ => { });

    /// <summary>A backup of a running node, as the runtimes take one: rows, hints and cells, and a mark; no leases.</summary>
    public MemoryEngine TakeBackup(NodeId node)
    {
        var (copy, store) = (new MemoryEngine(), _nodes[node].Store);
        List<StoreChange> changes = [.. Backup(node).Where(static change => change is not StoreChange.PutLease)];
        foreach (var owner in store.HintOwners())
            changes.AddRange(store.ScanHints(owner, null, int.MaxValue).Select(static hint => new StoreChange.PutHint(hint)));
        for (var p = 0; p < Ring.PartitionCount; p++)
            if (ReapMark.Of(store, new PartitionId(p)) is var mark && mark != default) changes.Add(mark.Keep(new PartitionId(p)));
        changes.Add(new StoreChange.PutCell(BackupMark.Cell, BackupMark.Of(Machine(node).View!, Founding, Now).ToBytes()));
        copy.Enqueue(changes, static _ => { });
        return copy;
    }
}
