using Dynamo.Core;

namespace Dynamo.Simulation;

internal sealed class DropEarly : Mutant
{
    // The write that remembers a commit takes all rows with it that are its node's no more once the ring has changed.
    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes)
    {
        if (changes.OfType<StoreChange.PutCell>().FirstOrDefault(static cell => cell.Name == Membership.Cell) is not { } kept) return changes;
        var reader = new WireReader(kept.Bytes.Span);
        if (MembershipHistory.Read(ref reader) is not { Commits.IsEmpty: false } history) return changes;
        var (self, ring) = (Standing.Read(ref reader).Node, history.Fold().Current.Ring);
        var dropped = new List<StoreChange>(changes);
        foreach (var partition in disk.Durable.Partitions)
            if (!ring.PreferenceList(partition, BucketProperties.Standard.NVal).Contains(self))
                dropped.AddRange(disk.Durable.KeysOf(partition, null).Select(key => new StoreChange.RemoveRecord(partition, key)));
        return dropped;
    }
}

internal sealed class TransferNothing : Mutant
{
    // An old owner says of rows that are asked for that there are none of them in its tree, so what a gainer fetches ends at once.
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        [(from, to, message is LeafGetReply { Status: TreeStatus.Ready } reply ? reply with { Entries = [], Last = true } : message)];
}

internal sealed class LoseCommit : Mutant
{
    private NodeId _forgetful;

    // Whoever commits first never tells anybody of the latest commit he knows.
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message)
    {
        if (message is not MembershipState { History: { Commits.IsEmpty: false } history } state) return [(from, to, message)];
        if (_forgetful.IsNone) _forgetful = from;
        if (from != _forgetful) return [(from, to, message)];
        var less = MembershipHistory.Of(history.Founding);
        foreach (var commit in history.Commits[..^1]) less = less.Add(commit);
        return [(from, to, state with { History = less })];
    }
}

internal sealed class WriteUnderOneRing : Mutant
{
    private readonly Dictionary<NodeId, MembershipState> _said = [];

    // A put to a node that is an owner by the coming ring alone gets its answer without ever arriving.
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message)
    {
        if (message is MembershipState state) _said[from] = state;
        return message is ReplicaPut { Reason: PutReason.Write } put && IsOfComingRing(from, to, put.Partition)
            ? [(to, from, new ReplicaPutReply(put.Id, Durable: true, WriteRefusal.None, put.IntendedFor))]
            : [(from, to, message)];
    }

    private bool IsOfComingRing(NodeId from, NodeId to, PartitionId partition)
    {
        if (!_said.TryGetValue(from, out var said)) return false;
        var versions = said.History.Fold().Versions;
        var settled = said.Standings.FirstOrDefault(standing => standing.Node == from)?.Settled ?? 0;
        var at = settled == 0 ? 0 : versions.Select(static version => version.Digest).ToList().IndexOf(settled);
        return at >= 0 && at + 1 < versions.Length && Owns(versions[at + 1].Ring) && !Owns(versions[at].Ring);

        bool Owns(Ring ring) => ring.PreferenceList(partition, BucketProperties.Standard.NVal).Contains(to);
    }
}
