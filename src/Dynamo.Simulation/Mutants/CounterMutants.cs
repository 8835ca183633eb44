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

internal sealed class ForgetFloor : Mutant
{
    public override StoreRead OnRead(SimulatedDisk disk, PartitionId partition, Key key, StoreRead read) =>
        read.Stored is { } stored ? read with { Stored = Grounded(stored) } : read;

    public override IReadOnlyList<StoreChange> OnWrite(SimulatedDisk disk, IReadOnlyList<StoreChange> changes) =>
        [.. changes.Select(static change => change switch
        {
            StoreChange.PutRecord put => put with { Stored = Grounded(put.Stored) },
            StoreChange.PutHint put => put with { Hint = put.Hint with { Stored = Grounded(put.Hint.Stored) } },
            _ => change,
        })];

    private static StoredRecord Grounded(StoredRecord stored) => stored with { Floor = 0 };
}
