using Dynamo.Core;

namespace Dynamo.Simulation;

/// <content>What machines read: what is durable, with all that waits on top of it.</content>
internal sealed partial class SimulatedDisk
{
    public StoreRead Read(PartitionId partition, Key key)
    {
        if (ReadFails?.Invoke() == true) return new StoreRead(StoreReadStatus.Failed, Error: "The disk could not be read.");
        var read = ReadTruly(partition, key);
        return _mutant is null ? read : _mutant.OnRead(this, partition, key, read);
    }

    public IReadOnlyList<(Key Key, StoredRecord Stored)> Scan(PartitionId partition, Key? after, int limit)
    {
        ThrowIfUnreadable();
        var page = new List<(Key, StoredRecord)>();
        foreach (var key in VisibleKeys(partition, after))
        {
            if (page.Count >= limit) break;
            if (ReadTruly(partition, key).Stored is { } stored) page.Add((key, stored));
        }

        return page;
    }

    public IReadOnlyList<(Key Key, bool IsDeleted)> ScanKeys(PartitionId partition, string? bucket, Key? after, int limit)
    {
        ThrowIfUnreadable();
        var page = new List<(Key, bool)>();
        foreach (var key in VisibleKeys(partition, after))
        {
            if (page.Count >= limit) break;
            if (bucket is not null && key.Bucket != bucket) continue;
            var read = ReadTruly(partition, key);
            if (read.Stored is { } stored) page.Add((key, stored.Record.IsDeleted));
            else if (read.Status == StoreReadStatus.Corrupt) page.Add((key, false));
        }

        return page;
    }

    public IReadOnlyList<PartitionId> Partitions()
    {
        var all = new SortedSet<PartitionId>(_image.Partitions);
        foreach (var write in _waiting)
            foreach (var change in write.Changes)
                if (change is StoreChange.PutRecord put) all.Add(put.Partition);
        return [.. all];
    }

    public GenerationLease? Lease(PartitionId partition)
    {
        ThrowIfUnreadable();
        var lease = _image.Lease(partition);
        foreach (var write in _waiting)
            foreach (var change in write.Changes)
                if (change is StoreChange.PutLease put && put.Partition == partition) lease = put.Lease;
        return _mutant is null ? lease : _mutant.OnLease(this, partition, lease);
    }

    public Hint? ReadHint(NodeId owner, Key key)
    {
        ThrowIfUnreadable();
        return VisibleHint(owner, key);
    }

    private Hint? VisibleHint(NodeId owner, Key key) => _hints.Find(_image, owner, key);

    public IReadOnlyList<Hint> HintsFor(Key key)
    {
        if (!_image.HasHints && _hints.IsEmpty) return [];
        ThrowIfUnreadable();
        var found = new List<Hint>();
        foreach (var owner in AllHintOwners())
            if (VisibleHint(owner, key) is { } hint) found.Add(hint);
        return found;
    }

    public IReadOnlyList<Hint> ScanHints(NodeId owner, Key? after, int limit)
    {
        ThrowIfUnreadable();
        var page = new List<Hint>();
        foreach (var key in Together(_image.HintKeysOf(owner, after), _hints.NewKeys(_image, owner), after))
        {
            if (page.Count >= limit) break;
            if (VisibleHint(owner, key) is { } hint) page.Add(hint);
        }

        return page;
    }

    public long HintCount(NodeId owner) => _hints.Count(_image, owner);

    public IReadOnlyList<NodeId> HintOwners() => _image.HasHints || !_hints.IsEmpty
        ? [.. AllHintOwners().Where(owner => HintCount(owner) > 0)]
        : [];

    public ulong NextHintStamp() => ++_lastStamp;

    public ReadOnlyMemory<byte>? Cell(string name)
    {
        var cell = _image.Cell(name);
        foreach (var write in _waiting)
            foreach (var change in write.Changes)
                if (change is StoreChange.PutCell put && put.Name == name) cell = put.Bytes;
        return cell;
    }

    private void ThrowIfUnreadable()
    {
        if (ReadFails?.Invoke() == true) throw new StoreFailedException("The disk could not be read.");
    }

    private StoreRead ReadTruly(PartitionId partition, Key key)
    {
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            var changes = _waiting[i].Changes;
            for (var j = changes.Count - 1; j >= 0; j--)
            {
                if (changes[j] is StoreChange.PutRecord put && put.Key.Equals(key))
                    return new StoreRead(StoreReadStatus.Found, put.Stored, Queued: true);
                if (changes[j] is StoreChange.RemoveRecord remove && remove.Key.Equals(key))
                    return new StoreRead(StoreReadStatus.Missing, Queued: true);
            }
        }

        var stored = _image.Record(partition, key);
        return stored is null ? new StoreRead(StoreReadStatus.Missing)
            : ReferenceEquals(stored, StoreImage.Damaged) ? new StoreRead(StoreReadStatus.Corrupt)
            : new StoreRead(StoreReadStatus.Found, stored);
    }

    private SortedSet<NodeId> AllHintOwners() => [.. _image.HintOwners, .. _hints.Owners];

    private IEnumerable<Key> VisibleKeys(PartitionId partition, Key? after)
    {
        List<Key>? added = null;
        foreach (var write in _waiting)
            foreach (var change in write.Changes)
                if (change is StoreChange.PutRecord put && put.Partition == partition) (added ??= []).Add(put.Key);
        return Together(_image.KeysOf(partition, after), added, after);
    }

    private static IEnumerable<Key> Together(IEnumerable<Key> settled, List<Key>? added, Key? after)
    {
        if (added is null) return settled;
        var all = new SortedSet<Key>(settled);
        foreach (var key in added)
            if (after is null || key.CompareTo(after) > 0) all.Add(key);
        return all;
    }
}
