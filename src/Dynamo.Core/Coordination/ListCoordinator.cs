using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>One listing of keys or buckets: asks one reachable owner for each partition, page by page.</summary>
/// <remarks>
/// It sees what those owners hold, so a write that one of them has missed may be absent, and it reads every
/// partition of the ring: a tool for people, not for applications.
/// </remarks>
public sealed class ListCoordinator
{
    private readonly RequestId _id;
    private readonly string? _bucket;
    private readonly ClusterView _view;
    private readonly Instant _deadline;
    private readonly SortedDictionary<NodeId, bool> _busy = [];
    private readonly SortedSet<string> _buckets = new(StringComparer.Ordinal);
    private readonly List<Listing> _pages = [];

    /// <summary>A listing that has not asked anybody yet.</summary>
    /// <param name="id">This coordinator's number for it.</param>
    /// <param name="bucket">Whose keys are listed; null lists buckets.</param>
    /// <param name="view">The cluster; the listing keeps to it.</param>
    /// <param name="deadline">When it must be complete.</param>
    public ListCoordinator(RequestId id, string? bucket, ClusterView view, Instant deadline)
    {
        _id = id;
        _bucket = bucket;
        _view = view;
        _deadline = deadline;
    }

    /// <summary>How the listing ended: its last page, or why it is incomplete; null while under way.</summary>
    public Outcome? Outcome { get; private set; }

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline => Outcome is null ? _deadline : Instant.Never;

    /// <summary>Asks an owner of each partition for its first page.</summary>
    public void Start(Effects effects)
    {
        var plan = new SortedDictionary<NodeId, ImmutableArray<PartitionId>.Builder>();
        var n = _bucket is null ? BucketProperties.Standard.NVal : _view.PropertiesOf(_bucket).NVal;
        for (var p = 0; p < _view.Ring.PartitionCount; p++)
        {
            var partition = new PartitionId(p);
            var owner = _view.Ring.PreferenceList(partition, n).FirstOrDefault(_view.IsReachable);
            if (owner.IsNone)
            {
                Outcome = new Unavailable(QuorumKind.R, 1, 0);
                return;
            }

            if (!plan.TryGetValue(owner, out var partitions))
                plan.Add(owner, partitions = ImmutableArray.CreateBuilder<PartitionId>());
            partitions.Add(partition);
        }

        foreach (var (owner, partitions) in plan)
        {
            _busy[owner] = true;
            effects.Send(owner, new ListPage(_id, partitions.DrainToImmutable(), _bucket, After: null));
        }
    }

    /// <summary>Takes a page and asks the same node for the next.</summary>
    public void OnReply(NodeId from, ListPageReply reply, Effects effects)
    {
        if (Outcome is not null || !_busy.GetValueOrDefault(from)) return;
        if (reply.Failed)
        {
            Outcome = new NotReady($"The store of {from} could not be read, so the listing would be incomplete.");
            return;
        }

        var names = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(reply.Keys.Length);
        foreach (var key in reply.Keys)
        {
            if (_bucket is not null) names.Add(key.Name.ToArray());
            else if (_buckets.Add(key.Bucket)) names.Add(key.BucketUtf8.ToArray());
        }

        if (names.Count > 0) _pages.Add(new Listing(_bucket, names.DrainToImmutable(), Last: false));
        if (reply.Rest.IsEmpty) _busy[from] = false;
        else effects.Send(from, new ListPage(_id, reply.Rest, _bucket, reply.After));
        if (!_busy.ContainsValue(true)) Outcome = new Listing(_bucket, [], Last: true);
    }

    /// <summary>Tells the time.</summary>
    public void OnTime(Instant now)
    {
        if (Outcome is null && now >= _deadline)
            Outcome = new TimedOut(QuorumKind.R, _busy.Count, _busy.Count(static b => !b.Value));
    }

    /// <summary>The pages that came in since the last call.</summary>
    public IReadOnlyList<Listing> TakePages()
    {
        if (_pages.Count == 0) return [];
        Listing[] taken = [.. _pages];
        _pages.Clear();
        return taken;
    }
}
