using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>All that happened to one key, and what became of it.</summary>
/// <param name="key">The key.</param>
public sealed class KeyHistory(Key key)
{
    private readonly Dictionary<Dot, VersionSeen> _byDot = [];
    private readonly List<VersionSeen> _versions = [];

    /// <summary>The key.</summary>
    public Key Key { get; } = key;

    /// <summary>Whether its bucket resolves by time.</summary>
    public bool LastWriteWins { get; set; }

    /// <inheritdoc cref="RunHistory.IsBuffered"/>
    public bool IsBuffered { get; init; }

    /// <summary>Whether it is a counter, of which <see cref="CountersCountOnce"/> judges instead of those who follow contexts.</summary>
    public bool IsCounter { get; set; }

    /// <summary>Every operation on it, in the order in which they began.</summary>
    public List<Operation> Operations { get; } = [];

    /// <summary>Every version that was durable or shown, in the order in which they were seen.</summary>
    public IReadOnlyList<VersionSeen> Versions => _versions;

    /// <summary>Two different versions that bear one dot, as found.</summary>
    public List<(Sibling First, Sibling Second)> Disputes { get; } = [];

    /// <summary>What each owner holds at the end; <see cref="Record.Empty"/> for nothing, null for a damaged row.</summary>
    public List<(NodeId Owner, Record? Record)> AtTheEnd { get; } = [];

    /// <summary>Members that hold a row at the end and are no owners.</summary>
    public List<NodeId> StraysAtTheEnd { get; } = [];

    /// <summary>Everything that the owners know at the end.</summary>
    public Record Merged
    {
        get
        {
            var merged = Record.Empty;
            foreach (var (_, record) in AtTheEnd)
                if (record is not null) merged = merged.Merge(record);
            return merged;
        }
    }

    /// <summary>Notes a version; a dot that is known already must stand for the same version.</summary>
    public VersionSeen See(Sibling sibling, long now, long asked)
    {
        if (_byDot.TryGetValue(sibling.Dot, out var known))
        {
            if (!known.Sibling.Equals(sibling) && !Disputes.Exists(d => d.Second.Equals(sibling)))
                Disputes.Add((known.Sibling, sibling));
            return known;
        }

        var seen = new VersionSeen { Sibling = sibling, FirstSeen = now, FirstAsked = asked, Put = Operation.IdOf(sibling.Value) };
        _byDot.Add(sibling.Dot, seen);
        _versions.Add(seen);
        return seen;
    }

    /// <summary>The version of a dot; null when it was never durable nor shown.</summary>
    public VersionSeen? Find(Dot dot) => _byDot.GetValueOrDefault(dot);
}
