using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>What one node knows of the cluster at one moment: the ring, who answers, and the buckets' properties.</summary>
/// <remarks>Immutable; whoever owns the knowledge makes a new view when it changes and hands it to the machines.</remarks>
public sealed class ClusterView
{
    private const int MostChoices = 1024;
    private readonly bool[] _reachable;
    private readonly Dictionary<string, BucketProperties> _set = new(StringComparer.Ordinal);

    // Whom requests of a partition concern is the same for all of them. Shared without a lock: a slot is one reference to what never changes.
    private readonly ReplicaTargets?[]? _choices;

    /// <summary>A view.</summary>
    /// <param name="self">The node that holds it; always reachable to itself.</param>
    /// <param name="ring">The ring in force.</param>
    /// <param name="isReachable">Asked once for every other member.</param>
    /// <param name="properties">Every bucket whose properties were ever set.</param>
    /// <param name="rings">Which rings the node works by; null where membership never changes.</param>
    public ClusterView(
        NodeId self, Ring ring, Func<NodeId, bool> isReachable,
        ImmutableSortedDictionary<string, PropertyEntry> properties, RingState? rings = null)
    {
        Rings = rings;
        if (rings?.Other is { } other) Other = new ClusterView(self, other, isReachable, properties);
        Self = self;
        Ring = ring;
        Properties = properties;
        foreach (var (bucket, entry) in properties)
            if (entry.Properties is { } set) _set.Add(bucket, set);
        _choices = new ReplicaTargets?[Math.Min(MostChoices, ring.PartitionCount)];
        SelfIndex = ring.IndexOf(self);
        _reachable = new bool[ring.Nodes.Length];
        for (var i = 0; i < _reachable.Length; i++) _reachable[i] = i == SelfIndex || isReachable(ring.Nodes[i]);
    }

    private ClusterView(ClusterView from, IReadOnlyCollection<NodeId> silent)
    {
        Self = from.Self;
        Ring = from.Ring;
        Properties = from.Properties;
        _set = from._set;
        SelfIndex = from.SelfIndex;
        Rings = from.Rings;
        Other = from.Other?.Without(silent);
        _reachable = [.. from._reachable];
        foreach (var node in silent)
            if (Ring.IndexOf(node) is >= 0 and var index && index != SelfIndex) _reachable[index] = false;
    }

    /// <summary>The node that holds this view.</summary>
    public NodeId Self { get; }

    /// <summary>Its index in the ring; -1 when it is no member.</summary>
    public int SelfIndex { get; }

    /// <summary>The ring in force.</summary>
    public Ring Ring { get; }

    /// <summary>Which rings the node works by; null where membership never changes.</summary>
    public RingState? Rings { get; }

    /// <summary>The same cluster by the other ring that writes must reach while membership changes; null when there is none.</summary>
    public ClusterView? Other { get; }

    /// <summary>Every bucket whose properties were ever set.</summary>
    public ImmutableSortedDictionary<string, PropertyEntry> Properties { get; }

    /// <summary>Whether requests may be sent to the member at <paramref name="index"/>.</summary>
    public bool IsReachable(int index) => _reachable[index];

    /// <summary>Whether requests may be sent to <paramref name="node"/>; false for a stranger.</summary>
    public bool IsReachable(NodeId node)
    {
        var index = Ring.IndexOf(node);
        return (index >= 0 && _reachable[index]) || Other?.IsReachable(node) == true;
    }

    /// <summary>Every member, by either ring.</summary>
    public IEnumerable<NodeId> Everybody =>
        Other is null ? Ring.Members.Select(static m => m.Node)
        : Ring.Members.Concat(Other.Ring.Members).Select(static m => m.Node).Distinct().Order();

    /// <summary>This view, as it would be if these nodes could not be reached either.</summary>
    public ClusterView Without(IReadOnlyCollection<NodeId> silent) => silent.Count == 0 ? this : new(this, silent);

    /// <summary>The properties in force for a bucket.</summary>
    public BucketProperties PropertiesOf(string bucket) => _set.GetValueOrDefault(bucket, BucketProperties.Standard);

    /// <summary>Whom a request for a key in <paramref name="partition"/> with <paramref name="n"/> replicas concerns.</summary>
    public ReplicaTargets TargetsOf(PartitionId partition, int n)
    {
        if (_choices is null) return ReplicaTargets.Choose(this, partition, n);
        ref var slot = ref _choices[partition.Index % _choices.Length];
        if (slot is not { } choice || choice.Partition != partition || choice.N != n) slot = choice = ReplicaTargets.Choose(this, partition, n);
        return choice.Copy();
    }
}
