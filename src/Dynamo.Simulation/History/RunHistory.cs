using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>All that checkers decide from: what clients did and saw, what was ever durable, and how it ended.</summary>
public sealed class RunHistory
{
    private readonly SortedDictionary<Key, KeyHistory> _keys = [];
    private readonly Dictionary<Dot, KeyHistory> _dots = [];

    /// <summary>Every operation, in the order in which they began.</summary>
    public List<Operation> Operations { get; } = [];

    /// <summary>Every key that clients put to, in order.</summary>
    public IEnumerable<KeyHistory> Keys => _keys.Values.Where(static key => !key.IsCounter);

    /// <summary>Every key, in order, counters among them.</summary>
    public IEnumerable<KeyHistory> AllKeys => _keys.Values;

    /// <summary>Every hint that a node was told is durable.</summary>
    public List<HintStay> Hints { get; } = [];

    /// <summary>Hints on all disks at the end.</summary>
    public int HintsLeft { get; set; }

    /// <summary>The cluster as each node sees it at the end, in the order of their names.</summary>
    public List<ClusterView> ViewsAtTheEnd { get; } = [];

    /// <summary>The members at the end; empty in a history that has none on record.</summary>
    public ImmutableSortedSet<NodeId> MembersAtTheEnd { get; set; } = [];

    /// <summary>Every change of the membership that an administrator has committed, in order.</summary>
    public List<MembershipChange> ChangesCommitted { get; } = [];

    /// <summary>Every change in the longest history of the membership at the end, in its order.</summary>
    public ImmutableArray<MembershipChange> ChangesAtTheEnd { get; set; } = [];

    /// <summary>What clients felt of a hint storm; null in a run that has none.</summary>
    public StormMeasure? Storm { get; set; }

    /// <summary>The siblings that a client's put may not exceed.</summary>
    public int SiblingsMax { get; set; } = 100;

    /// <summary>How many clients may write to one key at a time.</summary>
    public int Writers { get; set; } = 1;

    /// <summary>The largest number of versions that any record ever had.</summary>
    public int SiblingsSeen { get; set; }

    /// <summary>
    /// Whether nodes answered for what was not durable yet: then a version that never was durable may be gone, though it was shown,
    /// or acknowledged to a client who asked for no durable copy.
    /// </summary>
    public bool IsBuffered { get; set; }

    /// <summary>Whether writes failed for a disk's sake: then a put may be tried at a second node though the first had it.</summary>
    public bool WritesFailed { get; set; }

    /// <summary>The history of a key.</summary>
    public KeyHistory Of(Key key)
    {
        if (!_keys.TryGetValue(key, out var history)) _keys.Add(key, history = new KeyHistory(key) { IsBuffered = IsBuffered });
        return history;
    }

    /// <summary>Notes a version of a key; a dot belongs to one key, too.</summary>
    /// <param name="key">The key.</param>
    /// <param name="sibling">The version.</param>
    /// <param name="now">The time.</param>
    /// <param name="asked">When a node first asked its disk to keep it, where that is known.</param>
    public VersionSeen See(Key key, Sibling sibling, long now, long? asked = null)
    {
        var history = Of(key);
        var count = history.Versions.Count;
        var seen = history.See(sibling, now, asked ?? now);
        if (history.Versions.Count == count || _dots.TryAdd(sibling.Dot, history)) return seen;
        var first = _dots[sibling.Dot].Find(sibling.Dot)!;
        history.Disputes.Add((first.Sibling, sibling));
        return seen;
    }

    /// <summary>Adds an operation.</summary>
    public void Add(Operation operation)
    {
        Operations.Add(operation);
        Of(operation.Key).Operations.Add(operation);
    }
}
