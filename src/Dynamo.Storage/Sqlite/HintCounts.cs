using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>How many hints wait for each owner, pending changes included. Thread-safe.</summary>
internal sealed class HintCounts
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<NodeId, long> _counts = [];

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
