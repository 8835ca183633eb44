using Dynamo.Core;

namespace Dynamo.Storage.Tests;

/// <summary>
/// The dumb version: what is durable, the writes under way, and everything recomputed at every question.
/// </summary>
internal sealed class ModelStore
{
    private State _durable = new();

    /// <summary>Writes handed over and not answered, oldest first.</summary>
    public List<IReadOnlyList<StoreChange>> Pending { get; } = [];

    public State Durable => _durable;

    /// <summary>What reads must see.</summary>
    public State Visible()
    {
        var state = _durable.Copy();
        foreach (var write in Pending) state.Apply(write);
        return state;
    }

    /// <summary>The oldest write under way was answered.</summary>
    public void Answered(IReadOnlyList<StoreChange> write, bool ok)
    {
        Assert.Same(Pending[0], write);
        Pending.RemoveAt(0);
        if (!ok) return;
        _durable = _durable.Copy();
        _durable.Apply(write);
    }

    public bool IsQueued(PartitionId partition, Key key) => Pending.Any(write => write.Any(change => change switch
    {
        StoreChange.PutRecord put => put.Partition == partition && put.Key.Equals(key),
        StoreChange.RemoveRecord remove => remove.Partition == partition && remove.Key.Equals(key),
        _ => false,
    }));

    internal sealed class State
    {
        public SortedDictionary<(PartitionId, Key), StoredRecord> Records { get; private init; } = [];

        public SortedDictionary<(NodeId, Key), Hint> Hints { get; private init; } = [];

        public SortedDictionary<PartitionId, GenerationLease> Leases { get; private init; } = [];

        public SortedDictionary<string, byte[]> Cells { get; private init; } = new(StringComparer.Ordinal);

        public State Copy() => new()
        {
            Records = new(Records), Hints = new(Hints), Leases = new(Leases),
            Cells = new(Cells, StringComparer.Ordinal),
        };

        public void Apply(IReadOnlyList<StoreChange> write)
        {
            foreach (var change in write)
            {
                if (change is StoreChange.PutRecord putRecord)
                    Records[(putRecord.Partition, putRecord.Key)] = putRecord.Stored;
                if (change is StoreChange.RemoveRecord removeRecord)
                    Records.Remove((removeRecord.Partition, removeRecord.Key));
                if (change is StoreChange.PutHint putHint)
                    Hints[(putHint.Hint.Owner, putHint.Hint.Key)] = putHint.Hint;
                if (change is StoreChange.RemoveHint removeHint
                    && Hints.TryGetValue((removeHint.Owner, removeHint.Key), out var hint)
                    && hint.Stamp == removeHint.Stamp)
                    Hints.Remove((removeHint.Owner, removeHint.Key));
                if (change is StoreChange.PutLease putLease) Leases[putLease.Partition] = putLease.Lease;
                if (change is StoreChange.PutCell putCell) Cells[putCell.Name] = putCell.Bytes.ToArray();
            }
        }
    }
}
