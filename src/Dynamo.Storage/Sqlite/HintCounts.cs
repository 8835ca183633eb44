using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>How many hints wait for each owner, pending changes included. Thread-safe.</summary>
internal sealed class HintCounts
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<NodeId, long> _counts = [];

    /// <summary>What a database holds.</summary>
    public static HintCounts Read(Connection connection)
    {
        var counts = new HintCounts();
        using var rows = new Statement(connection.Handle, "SELECT owner, COUNT(*) FROM hint GROUP BY owner");
        while (rows.Step()) counts.Add(new NodeId(rows.Text(0)), rows.Number(1));
        return counts;
    }

    public void Add(NodeId owner, long change)
    {
        if (change == 0) return;
        lock (_lock)
        {
            var count = _counts.GetValueOrDefault(owner) + change;
            if (count > 0) _counts[owner] = count;
            else _counts.Remove(owner);
        }
    }

    public long Of(NodeId owner)
    {
        lock (_lock) return _counts.GetValueOrDefault(owner);
    }

    public IReadOnlyList<NodeId> Owners()
    {
        lock (_lock) return [.. _counts.Keys];
    }
}
