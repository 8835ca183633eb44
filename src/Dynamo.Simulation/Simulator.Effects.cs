using Dynamo.Core;

namespace Dynamo.Simulation;

/// <content>Carries out what machines want done.</content>
internal sealed partial class Simulator
{
    private void CarryOut(SimulatedNode node, Effect effect)
    {
        switch (effect)
        {
            case Effect.Send send:
                Send(node, send.To, send.Message);
                break;
            case Effect.Write write:
                Write(node, write);
                break;
            case Effect.Reply reply when node.Clients.Remove(reply.Request.Value, out var done):
                var outcome = _mutant?.OnReply(reply.Outcome) ?? reply.Outcome;
                Trace.Fold(Now, EventKind.Call, node.Index, Trace.Of(outcome));
                done(outcome);
                break;
            case Effect.StartOver over:
                var run = node.Run;
                After(1, () => StartOver(node, run, over.First));
                break;
            case Effect.Observe observe when Trace.Tells && Story.Of(observe.Observation) is { } noted:
                Trace.Tell(Now, node.Name.Name, noted);
                break;
        }
    }

    private void StartOver(SimulatedNode node, int run, IReadOnlyList<StoreChange> first)
    {
        if (node.Run != run || node.Machine is null) return;
        Kill(node, wipe: true);
        node.Disk.Begin(first);
        Start(node);
    }

    private void Send(SimulatedNode node, NodeId to, Message message)
    {
        if (message is ForwardPut forward) Recorder.Forwarded(forward.Request);
        if (_mutant is null)
        {
            Post(node.Index, _indexByName[to.Name], message);
            return;
        }

        foreach (var (from, receiver, changed) in _mutant.OnSend(node.Name, to, message))
            Post(_indexByName[from.Name], _indexByName[receiver.Name], changed);
    }

    private void Post(int from, int to, Message message)
    {
        var (copies, first, second) = Network.Route(from, to);
        if (copies == 0) return;
        // Encoded when it is sent, as a sender does; each copy is read by itself when it arrives.
        var bytes = _wire.Encode(message);
        _events.Add(Now + first, new SimulatedEvent(EventKind.Deliver, to, from, 0, bytes));
        if (copies > 1) _events.Add(Now + second, new SimulatedEvent(EventKind.Deliver, to, from, 0, bytes));
    }

    private void Write(SimulatedNode node, Effect.Write write)
    {
        foreach (var change in Trace.Tells ? write.Changes : [])
            if (Story.Of(change) is { } written) Trace.Tell(Now, node.Name.Name, written);
        Recorder.Asked(node, write.Changes, Now);
        node.Disk.Enqueue(write.Id, write.Changes);
        if (_mutant?.ReportsEarly == true)
            _events.Add(Now + 1, new SimulatedEvent(EventKind.ReportedEarly, node.Index, -1, node.Run, write.Id));
        if (!node.Disk.IsSyncing) BeginSync(node);
    }

    private void BeginSync(SimulatedNode node)
    {
        node.Disk.BeginSync();
        var mean = (int)Environment.SyncTime.TotalMicroseconds;
        var time = (long)(mean / 2) + _diskRandom.Below(mean);
        if (Environment.RowTime > TimeSpan.Zero) time += (long)Environment.RowTime.TotalMicroseconds * node.Disk.RowsInFlight;
        _events.Add(
            Now + (time * Network.Slowness(node.Index)),
            new SimulatedEvent(EventKind.Synced, node.Index, -1, node.Run, null));
    }

    private void EndSync(SimulatedNode node)
    {
        var fails = node.DiskFailsUntil > Now && !Healed && _diskRandom.Chance(0.5);
        if (fails) Recorder.History.WritesFailed = true;
        var ended = node.Disk.EndSync(fails);
        Trace.Fold(Now, EventKind.Synced, node.Index, (ulong)ended.Count * 2 + (fails ? 1UL : 0));
        foreach (var (write, result) in ended)
            if (result.Ok) Recorder.Durable(node.Name, write.Changes, Now);
        if (node.Disk.HasWaiting) BeginSync(node);
        foreach (var (write, result) in ended)
        {
            if (result.Ok) Recorder.Promised(node.Name, write.Asked);
            Step(node, (machine, now, effects) => machine.OnWritten(write.Id, result, now, effects));
        }
    }

    private void PlanWake(SimulatedNode node, DynamoNode machine)
    {
        var deadline = machine.Deadline;
        if (deadline == Instant.Never) return;
        var at = Math.Max(node.Clock.WhenShows(deadline, Now), Now + 1);
        if (node.WakeAt > Now && node.WakeAt <= at) return;
        node.WakeAt = at;
        _events.Add(at, new SimulatedEvent(EventKind.Wake, node.Index, -1, node.Run, null));
    }
}
