using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>How much the records of each partition come to, as of the last commit. Thread-safe.</summary>
/// <remarks>
/// Counted in memory with each commit and written down now and then and at the end, since it is only an estimate: a crash
/// forgets the last of it. What the tally says of all records, which is exact, then sets it right in proportion.
/// </remarks>
internal sealed class PartitionSizes
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<PartitionId, PartitionSize> _sizes = [];
    private readonly SortedSet<PartitionId> _unsaved = [];

    /// <summary>What was written down, set right; counted anew where nothing was.</summary>
    /// <exception cref="SqliteFailure">The file cannot be read.</exception>
    public static PartitionSizes Read(Connection connection)
    {
        var records = connection.Number("SELECT records FROM tally");
        var counted = connection.Number("SELECT SUM(records) FROM size");
        var sizes = new PartitionSizes();
        // A store of before there were sizes; a look at every row, once. Bodies stay where they are: lengths stand in front.
        var sql = counted == 0 && records > 0
            ? "SELECT p, COUNT(*), SUM(LENGTH(b) + LENGTH(n) + LENGTH(body)) FROM record GROUP BY p"
            : "SELECT p, records, bytes FROM size WHERE records > 0";
        var factor = counted == 0 ? 1 : (double)records / counted;
        using var rows = new Statement(connection.Handle, sql);
        while (rows.Step())
        {
            var partition = new PartitionId((int)rows.Number(0));
            sizes._sizes[partition] = new PartitionSize((long)(rows.Number(1) * factor), (long)(rows.Number(2) * factor));
            if (counted == 0) sizes._unsaved.Add(partition);
        }

        return sizes;
    }

    /// <summary>Counts what a commit has changed.</summary>
    public void Add(IReadOnlyCollection<KeyValuePair<PartitionId, PartitionSize>> changes)
    {
        lock (_lock)
        {
            foreach (var (partition, change) in changes)
            {
                var sum = _sizes.GetValueOrDefault(partition) + change;
                if (sum.Keys > 0) _sizes[partition] = sum with { Bytes = Math.Max(0, sum.Bytes) };
                else _sizes.Remove(partition);
                _unsaved.Add(partition);
            }
        }
    }

    /// <summary>Partitions whose size is not written down; from then on they count as written.</summary>
    public List<KeyValuePair<PartitionId, PartitionSize>> TakeUnsaved()
    {
        lock (_lock)
        {
            List<KeyValuePair<PartitionId, PartitionSize>> taken =
                [.. _unsaved.Select(partition => KeyValuePair.Create(partition, _sizes.GetValueOrDefault(partition)))];
            _unsaved.Clear();
            return taken;
        }
    }

    /// <summary>Every partition that has records.</summary>
    public ImmutableSortedDictionary<PartitionId, PartitionSize> All()
    {
        lock (_lock) return _sizes.ToImmutableSortedDictionary();
    }
}
