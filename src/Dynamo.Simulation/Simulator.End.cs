using Dynamo.Core;

namespace Dynamo.Simulation;

/// <content>What is left, and how it ended.</content>
internal sealed partial class Simulator
{
    /// <summary>Hints on the disks of all that take part: from a node that is no member, or never became one, nobody takes them.</summary>
    public int HintsLeft => Present.Where(static node => node.Machine?.Membership.State.HasDeparted != true).Sum(
        static node => node.Disk.Durable.HintOwners.Sum(owner => node.Disk.Durable.HintCount(owner)));

    /// <summary>Requests that nodes are coordinating.</summary>
    public int RequestsLeft => _nodes.Sum(static node => node.Machine?.RequestsInFlight ?? 0);

    /// <summary>Whether nothing is under way any more: no request, no hint, no sync, and everybody sees everybody.</summary>
    public bool HasCalmed => RequestsLeft == 0 && HintsLeft == 0
        && Present.All(static node => !node.Disk.HasWaiting && !node.Disk.IsSyncing)
        && EveryoneSeesEveryone;

    /// <summary>Whether every member is up and reaches all others.</summary>
    public bool EveryoneSeesEveryone => Members.All(static node => node.Machine?.View is { } view && SeesAll(view));

    /// <summary>
    /// Writes down how it ended, for the checkers: the owners' records of these keys, everybody's view, and what is left.
    /// </summary>
    public void RecordEnd(IEnumerable<Key> keys)
    {
        var history = Recorder.History;
        history.HintsLeft = HintsLeft;
        foreach (var node in Members)
            if (node.Machine?.View is { } view) history.ViewsAtTheEnd.Add(view);
        history.ChangesAtTheEnd = [.. Foremost?.Membership.History.Commits.SelectMany(static commit => commit.Changes) ?? []];
        history.MembersAtTheEnd = [.. Ring.Members.Select(static member => member.Node)];
        foreach (var key in keys)
        {
            var partition = Ring.PartitionOf(key);
            foreach (var owner in Ring.PreferenceList(partition, BucketProperties.Standard.NVal))
            {
                var row = NodeOf(owner).Disk.Durable.Record(partition, key);
                var record = ReferenceEquals(row, StoreImage.Damaged) ? null : row?.Record ?? Record.Empty;
                history.Of(key).AtTheEnd.Add((owner, record));
            }

            history.Of(key).StraysAtTheEnd.AddRange(StraysOf(key).Select(static node => node.Name));
        }
    }

    private static bool SeesAll(ClusterView view)
    {
        for (var i = 0; i < view.Ring.Nodes.Length; i++)
            if (!view.IsReachable(i)) return false;
        return true;
    }
}
