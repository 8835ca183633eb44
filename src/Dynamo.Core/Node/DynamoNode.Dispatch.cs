namespace Dynamo.Core;

// Where a message goes.
public sealed partial class DynamoNode
{
    private void Dispatch(NodeId from, Message message, Instant now, Effects effects)
    {
        switch (message.RoomOf(out var partition))
        {
            case MessageRoom.Replica:
                // What a node keeps that has departed, or has not heard that it joins, counts for nothing: it must not be counted on.
                if (from != Self && !_membership.State.TakesPart) break;
                // Only this node may ask its own replica to issue a dot.
                if (message is not CoordinateWrite || from == Self) ToReplica(partition, from, message, now, effects);
                break;
            case MessageRoom.Handoff:
                _rehoming.OnReply((ReplicaPutReply)message, now, _scratch);
                Drain((id, result, _, e) => _rehoming.OnWritten(id, result, e), now, effects);
                if (!_handoff.TryGetValue(from, out var sender)) break;
                sender.OnReply((ReplicaPutReply)message, now, _scratch);
                Drain(sender.OnWritten, now, effects);
                break;
            case MessageRoom.Sync:
                _sync.OnMessage(from, message, now, _scratch);
                Drain(null, now, effects);
                break;
            case MessageRoom.Reaper:
                _reaper.OnMessage(from, message, now, _scratch);
                Drain(null, now, effects);
                break;
            case MessageRoom.Gate:
                _gate.OnMessage(from, message, now, _scratch);
                Drain(null, now, effects);
                break;
            case MessageRoom.Lister:
                _scratch.Send(from, KeyLister.Answer(_store, (ListPage)message, _settings.ListPageKeys));
                Drain(null, now, effects);
                break;
            case MessageRoom.FailureDetector:
                if (message is Ping ping) effects.Send(from, new Pong(ping.Number));
                break;
            case MessageRoom.Gossip:
                var changed = _gossip.OnMessage(from, message, _scratch);
                Drain(OnGossipWritten, now, effects);
                if (changed) RefreshView(now, effects);
                break;
            case MessageRoom.Membership:
                _ringsChanged |= _membership.OnMessage(from, message, _scratch);
                Drain(OnMembershipWritten, now, effects);
                break;
            case MessageRoom.Coordinator:
                _coordinator.OnMessage(from, message, now, _scratch);
                Drain(null, now, effects);
                break;
        }
    }

    private void ToReplica(PartitionId partition, NodeId from, Message message, Instant now, Effects effects)
    {
        if (partition.Index >= Ring.PartitionCount) return;
        StartReplica(partition, now, effects);
        WithReplica(partition.Index, now, effects, (r, at, e) => r.OnMessage(from, message, at, e));
    }

    // A replica begins with its first message, and one of which the store holds rows at once: its first put should find it ready.
    private void StartReplicas(Instant now, Effects effects)
    {
        try
        {
            foreach (var partition in _store.Partitions())
                if (partition.Index < Ring.PartitionCount) StartReplica(partition, now, effects);
        }
        catch (StoreFailedException fault)
        {
            effects.Observe(new Observation.StoreFailed(fault.Message));
        }
    }

    private void StartReplica(PartitionId partition, Instant now, Effects effects)
    {
        if (_replicas.ContainsKey(partition.Index)) return;
        var replica = new Replica(Self, partition, _store, _settings, _random.Next());
        _replicas.Add(partition.Index, replica);
        if (View is { } view) replica.OnView(view);
        WithReplica(partition.Index, now, effects, static (r, _, e) => r.Start(e));
    }

    private void WithReplica(int partition, Instant now, Effects effects, Action<Replica, Instant, Effects> input)
    {
        var replica = _replicas[partition];
        input(replica, now, _scratch);
        Drain(OnReplicaWritten, now, effects);
        NoteDeadline();

        void OnReplicaWritten(WriteId id, WriteResult result, Instant at, Effects into)
        {
            replica.OnWritten(id, result, into);
            NoteDeadline();
        }

        void NoteDeadline()
        {
            if (replica.Deadline == Instant.Never) _scanning.Remove(partition);
            else _scanning.Add(partition);
        }
    }

    private void OnGossipWritten(WriteId id, WriteResult result, Instant now, Effects effects)
    {
        foreach (var (request, error) in _gossip.OnWritten(id, result))
        {
            if (!_settingProperties.Remove(request, out var asked)) continue;
            effects.Reply(asked, error.Length == 0
                ? new Stored(ReadOnlyMemory<byte>.Empty, [])
                : new NotReady(error));
        }
    }
}
