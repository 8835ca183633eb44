using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>One record or hint of a backup.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Key">The key.</param>
/// <param name="Record">What the backup holds.</param>
/// <param name="HintFor">The owner that it was kept for; none for the node's own row.</param>
internal sealed record RestoreRow(PartitionId Partition, Key Key, Record Record, NodeId HintFor);

/// <summary>Reads a backup from its first to its last row, records first, then hints.</summary>
internal sealed class RestorePages
{
    private readonly INodeStore _backup;
    private readonly Queue<PartitionId> _partitions;
    private readonly Queue<NodeId> _owners;
    private Key? _after;

    public RestorePages(INodeStore backup)
    {
        _backup = backup;
        _partitions = new Queue<PartitionId>(backup.Partitions());
        _owners = new Queue<NodeId>(backup.HintOwners());
        Partitions = _partitions.Count;
    }

    public int Partitions { get; }

    public int PartitionsLeft => _partitions.Count;

    /// <summary>Some rows, of one partition or for one owner; none at the end. What cannot be read throws, and is tried again.</summary>
    public ImmutableArray<RestoreRow> Next(int limit)
    {
        while (_partitions.TryPeek(out var partition))
        {
            var page = _backup.Scan(partition, _after, limit);
            if (page.Count > 0)
            {
                _after = page[^1].Key;
                return [.. page.Select(row => new RestoreRow(partition, row.Key, row.Stored.Record, default))];
            }

            _partitions.Dequeue();
            _after = null;
        }

        while (_owners.TryPeek(out var owner))
        {
            var page = _backup.ScanHints(owner, _after, limit);
            if (page.Count > 0)
            {
                _after = page[^1].Key;
                return [.. page.Select(hint => new RestoreRow(hint.Partition, hint.Key, hint.Stored.Record, owner))];
            }

            _owners.Dequeue();
            _after = null;
        }

        return [];
    }
}
