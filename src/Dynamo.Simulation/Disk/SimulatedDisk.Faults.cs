using Dynamo.Core;

namespace Dynamo.Simulation;

/// <content>What faults leave of it.</content>
internal sealed partial class SimulatedDisk
{
    /// <summary>What is left after the process has died.</summary>
    /// <param name="random">Decides how much of what was not synced reached the disk all the same.</param>
    /// <param name="torn">Whether the first write that did not get there left a row that is neither old nor new.</param>
    /// <returns>
    /// Writes that nobody was told of and that are durable all the same; and what had been reported durable and is gone.
    /// </returns>
    public (List<DiskWrite> Survivors, List<(Key Key, VersionVector Clock, bool ByLie)> Lost) Crash(Prng random, bool torn)
    {
        var lost = new List<(Key, VersionVector, bool)>();
        var survivors = _inFlight > 0 ? random.Below(_inFlight + 1) : 0;
        var reached = _waiting.GetRange(0, survivors);
        foreach (var write in reached)
            foreach (var change in write.Changes) Apply(change);
        if (torn && survivors < _inFlight) Tear(_waiting[survivors], lost);
        _waiting.Clear();
        _hints.Clear();
        _inFlight = 0;
        if (_cached.Count > 0)
        {
            var kept = random.Below(_cached.Count + 1);
            for (var i = _cached.Count - 1; i >= kept; i--) Undo(_cached[i].Change, _cached[i].Before, lost);
            _cached.Clear();
        }

        Lies = false;
        return (reached, lost);
    }

    /// <summary>A new disk.</summary>
    /// <returns>What was on the old one.</returns>
    public List<(Key Key, VersionVector Clock, bool ByLie)> Wipe()
    {
        List<(Key, VersionVector, bool)> lost = [.. _image.Knowledge().Select(static row => (row.Key, row.Clock, false))];
        _image = new StoreImage();
        _cached.Clear();
        return lost;
    }

    /// <summary>A backup of what is durable, without leases.</summary>
    public SimulatedDisk Copy(int partitions, BackupMark mark)
    {
        var copy = new SimulatedDisk(null);
        foreach (var partition in _image.Partitions)
            foreach (var key in _image.KeysOf(partition, null))
                if (_image.Record(partition, key) is { } stored && !ReferenceEquals(stored, StoreImage.Damaged))
                    copy._image.Apply(new StoreChange.PutRecord(partition, key, stored));
        foreach (var owner in _image.HintOwners)
            foreach (var key in _image.HintKeysOf(owner, null))
                if (_image.Hint(owner, key) is { } hint && !ReferenceEquals(hint.Stored, StoreImage.Damaged))
                    copy._image.Apply(new StoreChange.PutHint(hint));
        for (var p = 0; p < partitions; p++)
            if (_image.Cell(ReapMark.CellOf(new PartitionId(p))) is { } cell)
                copy._image.Apply(new StoreChange.PutCell(ReapMark.CellOf(new PartitionId(p)), cell));
        copy._image.Apply(new StoreChange.PutCell(BackupMark.Cell, mark.ToBytes()));
        return copy;
    }

    /// <summary>Puts something onto a new disk before a node is started over it.</summary>
    public void Begin(IReadOnlyList<StoreChange> changes)
    {
        foreach (var change in changes) _image.Apply(change);
    }

    /// <summary>Damages one row at rest: a record, a hint or a lease.</summary>
    /// <returns>What it held; null when there was nothing to damage.</returns>
    public (Key Key, VersionVector Clock, bool ByLie)? FlipBit(Prng random)
    {
        var partitions = _image.Partitions.ToList();
        if (partitions.Count == 0) return null;
        var partition = partitions[random.Below(partitions.Count)];
        if (random.Chance(0.1)) _image.ForgetLease(partition);
        if (random.Chance(0.2) && _image.HintOwners.FirstOrDefault() is { IsNone: false } owner)
        {
            // A damaged hint is found and thrown away by the engine itself, so it is simply gone.
            var hintKey = _image.HintKeysOf(owner, null).First();
            var clock = _image.Hint(owner, hintKey)!.Stored.Record.Clock;
            _image.SetHint(owner, hintKey, null);
            LayHints();
            return (hintKey, clock, false);
        }

        var keys = _image.KeysOf(partition, null).ToList();
        var key = keys[random.Below(keys.Count)];
        var held = _image.Record(partition, key)!.Record.Clock;
        _image.SetRecord(partition, key, StoreImage.Damaged);
        return (key, held, false);
    }

    private void Tear(in DiskWrite write, List<(Key, VersionVector, bool)> lost)
    {
        foreach (var change in write.Changes)
        {
            if (change is not StoreChange.PutRecord put) continue;
            if (_image.Record(put.Partition, put.Key) is { } old) lost.Add((put.Key, old.Record.Clock, false));
            _image.SetRecord(put.Partition, put.Key, StoreImage.Damaged);
            return;
        }
    }

    private void Undo(StoreChange change, object? before, List<(Key, VersionVector, bool)> lost)
    {
        if (change is StoreChange.PutRecord put && _image.Record(put.Partition, put.Key) is { } record)
            lost.Add((put.Key, record.Record.Clock, true));
        else if (change is StoreChange.PutHint { Hint: var hinted } && _image.Hint(hinted.Owner, hinted.Key) is { } hint)
            lost.Add((hinted.Key, hint.Stored.Record.Clock, true));
        _image.Restore(change, before);
    }
}
