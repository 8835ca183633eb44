using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>A node's store on a disk that keeps what was synced, forgets what was not, and can be made to fail in every way.</summary>
/// <remarks>
/// <code>
///   Enqueue --> waiting --> in flight (one sync carries all that waited) --> image: durable
///               |__________________________|
///                reads see it; a crash keeps a prefix of it at most
/// </code>
/// Changes of one write are applied all or none, in order. A sync that fails takes all its writes with it, and all that
/// were handed over before the failure was known: a read may have built them on changes that are gone.
/// </remarks>
internal sealed partial class SimulatedDisk : INodeStore
{
    private readonly Mutant? _mutant;
    private readonly List<DiskWrite> _waiting = [];
    private readonly List<(StoreChange Change, object? Before)> _cached = [];
    private readonly HintOverlay _hints = new();
    private StoreImage _image = new();
    private int _inFlight, _failures;
    private ulong _lastStamp;

    public SimulatedDisk(Mutant? mutant) => _mutant = mutant;

    /// <summary>What a crash would leave, but for what a lying disk has only in its cache.</summary>
    public StoreImage Durable => _image;

    /// <summary>Whether a sync is under way.</summary>
    public bool IsSyncing => _inFlight > 0;

    /// <summary>Rows that the sync under way carries.</summary>
    public int RowsInFlight => _waiting.Take(_inFlight).Sum(static write => write.Changes.Count);

    /// <summary>Whether writes wait for the next sync.</summary>
    public bool HasWaiting => _waiting.Count > 0;

    /// <inheritdoc/>
    public int Backlog => _waiting.Count - _inFlight;

    /// <summary>The writes that its buffer takes; 0 for a store without one.</summary>
    public int BufferWrites { get; init; }

    /// <inheritdoc/>
    public StoreBuffer Buffer => BufferWrites == 0 ? StoreBuffer.None
        : _waiting.Count(static write => write.Changes.Count > 0) < BufferWrites ? StoreBuffer.Open
        : StoreBuffer.Full;

    /// <inheritdoc/>
    public long FailedTransactions => _mutant?.OnFailures(_failures) ?? _failures;

    /// <summary>Whether syncs leave everything in a cache.</summary>
    public bool Lies { get; set; }

    /// <summary>Asked before each read whether it fails; null while none does.</summary>
    public Func<bool>? ReadFails { get; set; }

    /// <summary>The partition's generation as of the first lease ever taken; mutants bring it back.</summary>
    public SortedDictionary<PartitionId, GenerationLease> FirstLeases { get; } = [];

    /// <summary>Takes a write; its changes are seen by reads from now on.</summary>
    public void Enqueue(WriteId id, IReadOnlyList<StoreChange> asked)
    {
        var changes = _mutant?.OnWrite(this, asked) ?? asked;
        foreach (var change in changes)
        {
            _hints.Add(_image, change);
            if (change is StoreChange.PutLease lease) FirstLeases.TryAdd(lease.Partition, lease.Lease);
        }

        _waiting.Add(new DiskWrite(id, asked, changes, _failures));
    }

    /// <summary>Begins a sync of all that waits.</summary>
    public void BeginSync() => _inFlight = _waiting.Count;

    /// <summary>Ends it: what it carried is durable, or failed and forgotten.</summary>
    /// <returns>Every write it carried, in order, and how it ended.</returns>
    public List<(DiskWrite Write, WriteResult Result)> EndSync(bool fails)
    {
        // A sync of nothing but questions has nothing to fail at.
        if (fails) fails = _waiting.Take(_inFlight).Any(static write => write.Changes.Count > 0);
        // What was handed over since was built on what has failed now, so it fails as well.
        if (fails) _inFlight = _waiting.Count;
        var done = _waiting.GetRange(0, _inFlight);
        _waiting.RemoveRange(0, _inFlight);
        _inFlight = 0;
        if (fails) _failures++;
        var ended = new List<(DiskWrite, WriteResult)>(done.Count);
        foreach (var write in done)
        {
            foreach (var change in fails ? [] : write.Changes) Apply(change);
            var doubtful = write.Asked.Count == 0 && write.Failures != _failures;
            ended.Add((write, fails || doubtful ? new WriteResult("The disk failed.") : WriteResult.Durable));
        }

        LayHints();
        return ended;
    }

    /// <summary>Empties the cache of a lying disk onto the platter.</summary>
    public void Flush() => _cached.Clear();

    // The image has changed under the writes that still wait.
    private void LayHints()
    {
        _hints.Clear();
        foreach (var write in _waiting)
            foreach (var change in write.Changes) _hints.Add(_image, change);
    }

    private void Apply(StoreChange change)
    {
        if (Lies) _cached.Add((change, _image.Before(change)));
        _image.Apply(change);
    }
}

/// <summary>A write on its way to the disk.</summary>
/// <param name="Id">The machine's number for it.</param>
/// <param name="Asked">What the machine asked for.</param>
/// <param name="Changes">What is written: the same, unless a mutant meddles.</param>
/// <param name="Failures">How many syncs had failed when it was handed over.</param>
internal readonly record struct DiskWrite(
    WriteId Id, IReadOnlyList<StoreChange> Asked, IReadOnlyList<StoreChange> Changes, int Failures);
