namespace Dynamo.Core;

/// <summary>One owner's part of a get that a client coordinates: reads this node's own replica and says what it holds.</summary>
/// <remarks>
/// The client counts what owners say as <see cref="GetCoordinator"/> counts it, so an owner may speak only where that one would have
/// asked it: as one of the first N of the preference list, by the ring that everybody reads by. While a ring is coming the old
/// one would do (no node writes by a ring that this one does not read by), but those gets are the nodes' own business. The context is made
/// here, because its checksum is the cluster's.
/// </remarks>
public sealed class OwnerReader
{
    private readonly OwnerReadRequest _request;
    private readonly ReadQuorum _quorum;
    private readonly bool _lastWriteWins;
    private readonly NodeId _self;

    private OwnerReader(OwnerReadRequest request, ReadQuorum quorum, bool lastWriteWins, NodeId self, PartitionId partition, Instant deadline)
    {
        _request = request;
        _quorum = quorum;
        _lastWriteWins = lastWriteWins;
        _self = self;
        Partition = partition;
        Deadline = deadline;
    }

    /// <summary>The key's partition.</summary>
    public PartitionId Partition { get; }

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline { get; }

    /// <summary>What the client is told; null while the replica has not answered.</summary>
    public Outcome? Outcome { get; private set; }

    /// <summary>Looks whether this node may speak for the key; null, and <paramref name="refusal"/> says why, when it may not.</summary>
    /// <param name="request">What the client asks.</param>
    /// <param name="view">The cluster as this node sees it; this node is a member.</param>
    /// <param name="deadline">When to give up.</param>
    /// <param name="refusal">
    /// <see cref="NotReady"/> when the rings differ, <see cref="Unavailable"/> when it is no owner, <see cref="BadRequest"/> for counts
    /// that cannot be.
    /// </param>
    public static OwnerReader? Begin(OwnerReadRequest request, ClusterView view, Instant deadline, out Outcome? refusal)
    {
        refusal = null;
        var settled = (ulong)(view.Rings?.Settled.Number ?? 0);
        if (view.Rings is { Next: not null } or { TakesPart: false })
            refusal = new NotReady($"The ring of {view.Self} is changing, so it answers gets as a coordinator only.");
        else if (settled != request.RingVersion)
            refusal = new NotReady($"{view.Self} works by ring {settled}, and the client goes by ring {request.RingVersion}.");
        if (refusal is not null) return null;

        var bucket = view.PropertiesOf(request.Key.Bucket);
        var quorum = ReadQuorum.Resolve(bucket, request.Options, view.Ring.Nodes.Length, out var error);
        var partition = view.Ring.PartitionOf(request.Key);
        Span<int> owners = stackalloc int[quorum.N];
        owners = owners[..view.Ring.PreferenceList(partition, owners)];
        if (error.Length > 0) refusal = new BadRequest(error);
        else if (!owners.Contains(view.SelfIndex)) refusal = new Unavailable(QuorumKind.R, quorum.R, 0);
        return refusal is null ? new OwnerReader(request, quorum, bucket.IsLastWriteWins, view.Self, partition, deadline) : null;
    }

    /// <summary>The replica has answered.</summary>
    public void OnReply(ReplicaGetReply reply, ContextCodec contexts)
    {
        // A damaged row says nothing, and the read has begun its repair.
        if (reply.Status is StoreReadStatus.Corrupt or StoreReadStatus.Failed)
        {
            Outcome ??= new Unavailable(QuorumKind.R, _quorum.R, 0);
            return;
        }

        var shown = reply.Record.BodyBytes <= _request.ShowUpTo
            ? new ReadResult(null, reply.Record, _lastWriteWins, _self).ToOutcome(_request.Key, contexts)
            : null;
        Outcome ??= new OwnerRead(_quorum, VersionsHash.Of(reply.Record), shown);
    }

    /// <summary>Tells the time.</summary>
    public void OnTime(Instant now)
    {
        if (now >= Deadline) Outcome ??= new TimedOut(QuorumKind.R, _quorum.R, 0);
    }
}
