using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Compares a partition's counter lease with what the other owners have seen, once after a start, before the first dot is drawn from it.</summary>
/// <remarks>
/// <code>
///   lease sealed at 1000     another owner has seen (n1~77, 1408)  -> the store is older than what it did
///                            all have looked and seen 1000 or less -> the generation goes on
///                            somebody is away, or has not looked   -> nobody knows
/// </code>
/// A store that was closed in order, and copied, and put back later, looks as if nothing had happened. Its lease would
/// be drawn from a second time, and dots would name two writes. Only a generation that all other owners vouch for
/// goes on; any doubt begins a new one, which costs a range in the clocks of the keys that are written then, until
/// the reaper shortens them.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.4, where a node's counter simply is.
/// </remarks>
internal sealed class LeaseComparison
{
    private readonly SortedSet<NodeId> _open = [];
    private RequestId _id;

    /// <summary>Why the generation may not go on; "" when it may, null while it is not known.</summary>
    public string? Verdict { get; private set; }

    /// <summary>Whether somebody has been asked.</summary>
    public bool HasBegun => _id != default;

    /// <summary>When waiting ends.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>Nothing is to be compared: the store holds no lease.</summary>
    public void Skip() => Verdict = "";

    /// <summary>Asks all other owners.</summary>
    /// <param name="view">The cluster; null when it is not known yet.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="lease">What the store holds.</param>
    /// <param name="id">A random number for the question.</param>
    /// <param name="until">When to stop waiting.</param>
    /// <param name="effects">Receives the questions.</param>
    public void Begin(
        ClusterView? view, PartitionId partition, GenerationLease lease, RequestId id, Instant until, Effects effects)
    {
        _id = id;
        Deadline = until;
        if (view is not null)
            foreach (var owner in Owners(view, partition))
            {
                if (owner == view.Self) continue;
                if (!view.IsReachable(owner)) Decide($"{owner}, which may know a later lease, cannot be reached");
                _open.Add(owner);
            }

        if (_open.Count == 0) Decide("nobody else could know a later lease");
        if (Verdict is not null) return;
        foreach (var owner in _open) effects.Send(owner, new LeaseAsk(id, partition, lease.Generation));
    }

    /// <summary>Takes an owner's answer; late and repeated ones are welcome.</summary>
    public void OnReply(NodeId from, LeaseReply reply, ulong leasedUpTo)
    {
        if (reply.Id != _id || Verdict is not null || !_open.Remove(from)) return;
        if (reply.Highest > leasedUpTo) Decide($"{from} has seen a dot above the store's lease: the store is older than what it did");
        else if (!reply.HasLooked) Decide($"{from} has not looked through its rows yet");
        else if (_open.Count == 0) Decide("");
    }

    /// <summary>Tells the time.</summary>
    public void OnTime(Instant now)
    {
        if (now >= Deadline) Decide("not every owner has answered in time");
    }

    private static ImmutableArray<NodeId> Owners(ClusterView view, PartitionId partition)
    {
        var most = BucketProperties.Standard.NVal;
        foreach (var bucket in view.Properties.Keys) most = Math.Max(most, view.PropertiesOf(bucket).NVal);
        return view.Ring.PreferenceList(partition, most);
    }

    private void Decide(string verdict)
    {
        Verdict ??= verdict;
        Deadline = Instant.Never;
    }
}
