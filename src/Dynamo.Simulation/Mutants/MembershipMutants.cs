using Dynamo.Core;

namespace Dynamo.Simulation;

internal sealed class ForgetMembership : Mutant
{
    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes) =>
        [.. changes.Where(static change => change is not StoreChange.PutCell { Name: Membership.Cell })];
}

internal sealed class SwitchInWordOnly : Mutant
{
    // Whoever is heard of passes for one that holds all of the latest ring and reads by it.
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message)
    {
        if (message is not MembershipState state || state.History.Commits.IsEmpty) return [(from, to, message)];
        var latest = state.History.Fold().Current.Digest;
        return [(from, to, state with
        {
            Standings = [.. state.Standings.Select(standing => standing with
            {
                Acked = latest, Confirmed = latest, Switched = latest,
            })],
        })];
    }
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

internal sealed class DropRowsEarly : Mutant
{
    // What a node notes of itself tells which ring it has just begun to write by.
    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes)
    {
        if (changes is not [StoreChange.PutCell { Name: Membership.Cell } cell]) return changes;
        var reader = new WireReader(cell.Bytes.Span);
        var history = MembershipHistory.Read(ref reader);
        var own = Standing.Read(ref reader);
        var coming = history?.Fold().Versions.FirstOrDefault(version => version.Digest == own.Acked && version.Number > 0);
        if (coming is null) return changes;
        return
        [
            .. changes,
            .. disk.Partitions()
                .Where(partition => !coming.Ring.PreferenceList(partition, BucketProperties.Standard.NVal).Contains(own.Node))
                .SelectMany(partition => disk.Scan(partition, null, int.MaxValue).Select(
                    row => new StoreChange.RemoveRecord(partition, row.Key))),
        ];
    }
}

internal sealed class ReapplyChange : Mutant
{
    private MembershipCommit? _again;

    // It bears a later time than all others, so it takes effect after them.
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message)
    {
        if (message is not MembershipState { History: { Commits.Length: > 1 } history } state) return [(from, to, message)];
        if (_again is null)
            MembershipCommit.TryCreate(history.Lamport + 1, from, history.Digest, history.Commits[0].Changes, out _again, out _);
        return [(from, to, state with { History = history.Add(_again!) })];
    }
}
