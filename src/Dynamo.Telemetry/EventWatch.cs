using System.Globalization;
using Dynamo.Core;

namespace Dynamo.Telemetry;

/// <summary>Decides which observations become lines of the log, and keeps it quiet.</summary>
/// <remarks>
/// What comes singly is said at once. What may come by the thousand is said once, and while it goes on once a minute with how
/// often it was: refused hints by owner, refused requests, damaged records, keys with many siblings by bucket. Not thread-safe.
/// </remarks>
internal sealed class EventWatch(string node, Action<NodeEvent> say, TimeProvider time)
{
    private const int MaxSubjects = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
    private readonly SortedDictionary<(string Event, string Subject), Storm> _storms = [];
    private string? _storeError;
    private ClusterView? _view;
    private long _lookedAt = time.GetTimestamp();

    /// <summary>Whether an observation may become a line; the many that do not are passed over before anything is locked.</summary>
    public static bool Concerns(Observation observation) => observation switch
    {
        Observation.RequestEnded { Outcome: Overloaded } => true,
        Observation.RequestEnded => false,
        _ => true,
    };

    /// <summary>Something was observed.</summary>
    public void On(Observation observation)
    {
        switch (observation)
        {
            case Observation.ReachabilityChanged { Reachable: true } seen:
                say(new NodeEvent(EventLevel.Info, EventNames.NodeReachable, "dynamo.ring", $"{seen.Node} is reachable.",
                    ("node", node), ("peer", seen.Node)));
                break;
            case Observation.ReachabilityChanged lost:
                say(new NodeEvent(EventLevel.Warning, EventNames.NodeUnreachable, "dynamo.ring", $"{lost.Node} is unreachable.",
                    ("node", node), ("peer", lost.Node)));
                break;
            case Observation.RepairEnded repair:
                say(new NodeEvent(
                    repair.Failed == 0 ? EventLevel.Info : EventLevel.Warning, EventNames.RepairEnded, "dynamo.anti-entropy",
                    repair.Failed == 0 ? $"The repair has ended; {repair.KeysRepaired} keys were repaired."
                        : $"The repair has ended; {repair.KeysRepaired} keys were repaired, and {repair.Failed} exchanges failed: ask for it again.",
                    ("node", node), ("pairs", repair.Pairs), ("keys_repaired", repair.KeysRepaired), ("failed", repair.Failed)));
                break;
            case Observation.TransfersLeft { Pairs: 0 }:
                say(new NodeEvent(EventLevel.Info, EventNames.TransfersDone, "dynamo.ring",
                    "This node has copied, or handed over, all that the change of the ring asks of it.", ("node", node)));
                break;
            case Observation.RecordMended mended:
                say(new NodeEvent(EventLevel.Info, EventNames.RecordMended, "dynamo.store",
                    "A sound record has taken the place of a damaged one.", ("node", node), ("partition", mended.Partition.Index)));
                break;
            case Observation.CorruptRecord damaged:
                Count(EventNames.RecordDamaged, damaged.Partition.Index.ToString(CultureInfo.InvariantCulture));
                break;
            case Observation.HintRefused refused:
                Count(EventNames.HintsRefused, refused.Owner.Name);
                break;
            case Observation.ManySiblings many:
                Count(EventNames.ManySiblings, many.Key.Bucket);
                break;
            case Observation.RequestEnded { Outcome: Overloaded }:
                Count(EventNames.RequestsRejected, "");
                break;
        }
    }

    /// <summary>The cluster as the node sees it from now on.</summary>
    public void On(ClusterView view)
    {
        var before = _view?.Rings;
        _view = view;
        if (before is null || view.Rings is not { } now) return;
        if (now.Next is { } next && before.Next?.Digest != next.Digest && before.Settled.Digest != next.Digest)
            say(new NodeEvent(EventLevel.Info, EventNames.ChangeCommitted, "dynamo.ring",
                $"A change of the membership is under way, to ring {next.Number} of {next.Members.Length} nodes.",
                ("node", node), ("ring", next.Number), ("members", next.Members.Length)));
        if (now.Settled.Digest != before.Settled.Digest)
            say(new NodeEvent(EventLevel.Info, EventNames.ChangeSettled, "dynamo.ring",
                $"Ring {now.Settled.Number} of {now.Settled.Members.Length} nodes is settled: every node works by it.",
                ("node", node), ("ring", now.Settled.Number), ("members", now.Settled.Members.Length)));
    }

    /// <summary>Looks, at most once a second, whether the store has failed or recovered and which storms have gone on.</summary>
    /// <param name="storeError">null while the store works, else one sentence.</param>
    public void Look(string? storeError)
    {
        if (storeError != _storeError)
        {
            _storeError = storeError;
            say(storeError is null
                ? new NodeEvent(EventLevel.Info, EventNames.StoreRecovered, "dynamo.store", "The store works again.", ("node", node))
                : new NodeEvent(EventLevel.Error, EventNames.StoreFailed, "dynamo.store", storeError, ("node", node)));
        }

        if (_storms.Count == 0 || time.GetElapsedTime(_lookedAt) < TimeSpan.FromSeconds(1)) return;
        _lookedAt = time.GetTimestamp();
        foreach (var (key, storm) in _storms.ToArray())
        {
            if (time.GetElapsedTime(storm.SaidAt) < Pause) continue;
            if (storm.Times == 0) _storms.Remove(key);
            else Say(key.Event, key.Subject, storm);
        }
    }

    private void Count(string name, string subject)
    {
        if (!_storms.TryGetValue((name, subject), out var storm))
        {
            if (_storms.Count >= MaxSubjects) return;
            _storms.Add((name, subject), storm = new Storm { Times = 1 });
            Say(name, subject, storm);
            return;
        }

        storm.Times++;
    }

    private void Say(string name, string subject, Storm storm)
    {
        var times = storm.Times;
        storm.Times = 0;
        storm.SaidAt = time.GetTimestamp();
        say(name switch
        {
            EventNames.HintsRefused => new NodeEvent(EventLevel.Warning, name, "dynamo.handoff",
                $"Hints for {subject} are refused: this node holds as many as it may.", ("node", node), ("owner", subject), ("times", times)),
            EventNames.RecordDamaged => new NodeEvent(EventLevel.Error, name, "dynamo.store",
                $"Records of partition {subject} failed their checksum: they are not served, and repaired from the other owners.",
                ("node", node), ("partition", subject), ("times", times)),
            EventNames.ManySiblings => new NodeEvent(EventLevel.Warning, name, "dynamo.requests",
                $"Keys of bucket {subject} have more siblings than is good: an application writes without reading first.",
                ("node", node), ("bucket", subject), ("times", times)),
            _ => new NodeEvent(EventLevel.Warning, name, "dynamo.requests",
                "Requests are refused: the node has as many under way as it may.", ("node", node), ("times", times)),
        });
    }

    private sealed class Storm
    {
        public long SaidAt { get; set; }
        public long Times { get; set; }
    }
}
