using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>The hash trees of one partition replica, one for each n_val its keys have, and the scans that go with them.</summary>
/// <remarks>
/// <code>
///   none --asked for--> building: a page of the partition every few milliseconds --> ready: kept with each write
///    ^                                                                               |
///    +------------- a write failed, a row was damaged, n_val changed, too old -------+
/// </code>
/// While it builds, a write at or below the scan's cursor changes the sums and one above it is left to the scan, so the
/// result is exact. Trees are not stored: they are built when first asked for, and again once a while, because
/// only reading a row shows that it has rotted. Keys of different n_val have different owners, so each n_val
/// has a tree of its own that all of its owners agree about.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.7.
/// </remarks>
public sealed class ReplicaTrees
{
    /// <summary>The most entries of one answer to <see cref="LeafGet"/>.</summary>
    public const int MaxPage = 1_000;

    private const int ScanRows = 200;
    private const int MaxListings = 8;
    private static readonly TimeSpan ScanPause = TimeSpan.FromMilliseconds(5);
    private readonly PartitionId _partition;
    private readonly INodeStore _store;
    private readonly NodeSettings _settings;
    private readonly Action<Key, Record, Instant> _seen;
    private readonly Dictionary<int, MerkleTree> _trees = [];
    private readonly Queue<Listing> _listings = new();
    private ClusterView? _view;

    // The tree of the bucket that was last looked for: keys of one bucket come after each other.
    private string? _lastBucket;
    private MerkleTree? _lastTree;
    private State _state;
    private Key? _cursor;
    private Instant _nextScan;
    private Instant _builtAt;

    /// <summary>The trees of a partition, not built yet.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="store">The node's store.</param>
    /// <param name="settings">How often they are built anew.</param>
    /// <param name="seen">Told each row that a scan meets.</param>
    public ReplicaTrees(
        PartitionId partition, INodeStore store, NodeSettings settings, Action<Key, Record, Instant> seen)
    {
        _seen = seen;
        _partition = partition;
        _store = store;
        _settings = settings;
    }

    private enum State
    {
        None,
        Building,
        Ready,
    }

    /// <summary>Whether a scan has met every row since the process started.</summary>
    public bool HasScanned { get; private set; }

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline => _state == State.Building || _listings.Count > 0 ? _nextScan : Instant.Never;

    /// <summary>A new view: buckets whose n_val changed belong into another tree.</summary>
    public void OnView(ClusterView view)
    {
        var before = _view;
        _view = view;
        _lastBucket = null;
        if (before is null || ReferenceEquals(before.Properties, view.Properties)) return;
        if (before.Properties.Keys.Union(view.Properties.Keys, StringComparer.Ordinal)
            .Any(bucket => before.PropertiesOf(bucket).NVal != view.PropertiesOf(bucket).NVal)) Drop();
    }

    /// <summary>The replica hands a change of its own row to the store; <see cref="Record.Empty"/> stands for no row.</summary>
    public void OnChange(Key key, Record before, Record after)
    {
        if (_state == State.None || (_state == State.Building && (_cursor is null || key.CompareTo(_cursor) > 0))) return;
        TreeOf(key).Change(key, before, after);
    }

    /// <summary>Forgets the trees, because what they were made from is in doubt; the next who asks has them built anew.</summary>
    public void Drop()
    {
        _state = State.None;
        _cursor = null;
        _lastBucket = null;
        _trees.Clear();
    }

    /// <summary>Takes a question of an exchange.</summary>
    public void OnMessage(NodeId from, Message message, Instant now, Effects effects)
    {
        switch (message)
        {
            case TreeGet get:
                effects.Send(from, Answer(get, now));
                break;
            case LeafGet get when _listings.Count >= MaxListings || _view is null:
                effects.Send(from, new LeafGetReply(get.Id, TreeStatus.Busy, [], Last: true));
                break;
            case LeafGet get:
                if (Deadline == Instant.Never) _nextScan = now;
                _listings.Enqueue(new Listing(from, get));
                break;
            case TreeDoubt:
                Drop();
                break;
        }
    }

    /// <summary>Tells the time: a page of the scan under way is read.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (now < Deadline) return;
        _nextScan = now + ScanPause;
        try
        {
            if (_listings.TryPeek(out var listing)) Scan(listing, effects);
            else Build(now);
        }
        catch (StoreFailedException fault)
        {
            effects.Observe(new Observation.StoreFailed(fault.Message));
            Drop();
            while (_listings.TryDequeue(out var failed))
                effects.Send(failed.From, new LeafGetReply(failed.Asked.Id, TreeStatus.Failed, [], Last: true));
        }
    }

    private TreeGetReply Answer(TreeGet get, Instant now)
    {
        if (_view is null) return new TreeGetReply(get.Id, TreeStatus.Building, []);
        // The root is where every exchange begins, so an old tree never changes under one.
        if (_state == State.Ready && get.Level == 0 && now - _builtAt >= _settings.TreeExpiry) Drop();
        if (_state == State.None)
        {
            if (_listings.Count == 0) _nextScan = now;
            _state = State.Building;
        }

        if (_state == State.Building) return new TreeGetReply(get.Id, TreeStatus.Building, []);
        var hashes = ImmutableArray.CreateBuilder<ulong>(get.Nodes.Length * MerkleTree.FanOut);
        var tree = _trees.GetValueOrDefault(get.NVal);
        var nodes = get.Level < MerkleTree.Levels ? MerkleTree.NodesAt(get.Level) : 0;
        foreach (var node in get.Nodes)
        {
            if (node >= nodes) return new TreeGetReply(get.Id, TreeStatus.Failed, []);
            hashes.AddRange(tree is null ? MerkleTree.NoChildren : tree.Children(get.Level, node));
        }

        return new TreeGetReply(get.Id, TreeStatus.Ready, hashes.DrainToImmutable());
    }

    private void Build(Instant now)
    {
        // Damaged rows are left out, and so come back from whoever has them sound.
        var page = _store.Scan(_partition, _cursor, ScanRows);
        foreach (var (key, stored) in page)
        {
            TreeOf(key).Change(key, Record.Empty, stored.Record);
            _seen(key, stored.Record, now);
        }

        if (page.Count > 0)
        {
            _cursor = page[^1].Key;
            return;
        }

        _state = State.Ready;
        HasScanned = true;
        _builtAt = now;
    }

    private void Scan(Listing listing, Effects effects)
    {
        var asked = listing.Asked;
        var page = _store.Scan(_partition, listing.Cursor, ScanRows);
        foreach (var (key, stored) in page)
        {
            listing.Cursor = key;
            if (NValOf(key) != asked.NVal || !listing.Wants(MerkleTree.LeafOf(key, _view!.Ring.PartitionCount))) continue;
            listing.Entries.Add(new LeafEntry(key, VersionsHash.Of(stored.Record)));
            if (listing.Entries.Count >= Math.Clamp(asked.Limit, 1, MaxPage)) break;
        }

        var last = page.Count == 0;
        if (!last && listing.Entries.Count < Math.Clamp(asked.Limit, 1, MaxPage)) return;
        _listings.Dequeue();
        effects.Send(listing.From, new LeafGetReply(asked.Id, TreeStatus.Ready, [.. listing.Entries], last));
    }

    private MerkleTree TreeOf(Key key)
    {
        if (ReferenceEquals(key.Bucket, _lastBucket)) return _lastTree!;
        var n = NValOf(key);
        if (!_trees.TryGetValue(n, out var tree)) _trees.Add(n, tree = new MerkleTree(_view!.Ring.PartitionCount));
        (_lastBucket, _lastTree) = (key.Bucket, tree);
        return tree;
    }

    private int NValOf(Key key) => _view!.PropertiesOf(key.Bucket).NVal;

    private sealed class Listing
    {
        private readonly bool[] _wanted = new bool[MerkleTree.Leaves];

        public Listing(NodeId from, LeafGet asked)
        {
            From = from;
            Asked = asked;
            Cursor = asked.After;
            foreach (var leaf in asked.Leaves)
                if (leaf < _wanted.Length) _wanted[leaf] = true;
        }

        public NodeId From { get; }

        public LeafGet Asked { get; }

        public Key? Cursor { get; set; }

        public List<LeafEntry> Entries { get; } = [];

        public bool Wants(int leaf) => _wanted[leaf];
    }
}
