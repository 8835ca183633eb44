using Dynamo.Core;

namespace Dynamo.Simulation;

internal sealed class CountTwice(Prng random) : Mutant
{
    public override bool Repeats(ClientRequest request) => request is IncrementRequest && random.Chance(0.1);
}

internal sealed class HandToTwo : Mutant
{
    private readonly Dictionary<(NodeId Asker, RequestId Id), ForwardIncrement> _asked = [];

    // A node that was given one ticket too many hands the increment over once more.
    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message)
    {
        switch (message)
        {
            case ForwardIncrement { Ticket: 0 } asks:
                _asked[(from, asks.Id)] = asks;
                return [(from, to, message), (from, to, message)];
            case IncrementTicket given when _asked.TryGetValue((to, given.Id), out var asked):
                return [(to, from, asked with { Ticket = given.Ticket })];
            default:
                return [(from, to, message)];
        }
    }
}

internal sealed class StartFromSum : Mutant
{
    private readonly Dictionary<Dot, Value> _altered = [];

    // A version is met first where its coordinator writes it, with all the row holds beside it.
    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes) =>
        [.. changes.Select(change => change switch
        {
            StoreChange.PutRecord put => put with { Stored = put.Stored with { Record = Alter(put.Stored.Record) } },
            StoreChange.PutHint { Hint: var hint } => new StoreChange.PutHint(
                hint with { Stored = hint.Stored with { Record = Alter(hint.Stored.Record) } }),
            _ => change,
        })];

    public override IEnumerable<(NodeId From, NodeId To, Message Message)> OnSend(NodeId from, NodeId to, Message message) =>
        [(from, to, message is ReplicaPut put ? put with { Record = Alter(put.Record) } : message)];

    private Record Alter(Record record)
    {
        var entries = CounterEntry.Zero;
        foreach (var sibling in record.Siblings)
            if (CounterEntry.TryRead(sibling.Value, out var entry))
                entries = new CounterEntry(entries.Up + entry.Up, entries.Down + entry.Down);
        foreach (var sibling in record.Siblings)
            if (CounterEntry.TryRead(sibling.Value, out _)) _altered.TryAdd(sibling.Dot, entries.ToValue());
        return Record.TryCreate(
            record.Clock,
            [.. record.Siblings.Select(s => _altered.TryGetValue(s.Dot, out var value) ? s with { Value = value } : s)],
            out var altered) ? altered : record;
    }
}
