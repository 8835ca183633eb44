namespace Dynamo.Core;

/// <summary>What a machine wants done, in the order in which it must be done.</summary>
/// <remarks>
/// A machine never acts: it is handed this list with each input and appends to it; the shell carries the effects out,
/// first to last, and reports back what it must know (a message that arrived, a write that became durable).
/// What may only be said after a write is durable is emitted only in answer to <c>OnWritten</c>, so no order of
/// carrying out can acknowledge too early.
/// </remarks>
public sealed class Effects
{
    // Told with every read and write of a replica.
    private static readonly Effect.Observe Read = new(Observation.ReplicaRead.Instance), Written = new(Observation.ReplicaWritten.Instance);

    private readonly List<Effect> _list = [];

    /// <summary>The effects so far, oldest first.</summary>
    public IReadOnlyList<Effect> List => _list;

    /// <summary>Hands a message to a node, this one included. It may be lost, late or doubled.</summary>
    public void Send(NodeId to, Message message) => _list.Add(new Effect.Send(to, message));

    /// <summary>Answers a request of a client of this node.</summary>
    public void Reply(RequestId request, Outcome outcome) => _list.Add(new Effect.Reply(request, outcome));

    /// <summary>Applies changes to this node's store, all or none, and reports <c>OnWritten(id)</c> when durable.</summary>
    public void Write(WriteId id, params IReadOnlyList<StoreChange> changes) => _list.Add(new Effect.Write(id, changes));

    /// <summary>Tells the shell something it may count or log; nothing depends on it.</summary>
    public void Observe(Observation observation) => _list.Add(observation switch
    {
        Observation.ReplicaRead => Read,
        Observation.ReplicaWritten => Written,
        _ => new Effect.Observe(observation),
    });

    /// <summary>Ends this node, empties its store, puts <paramref name="first"/> into it and starts the node over it.</summary>
    public void StartOver(IReadOnlyList<StoreChange> first) => _list.Add(new Effect.StartOver(first));

    /// <summary>Forgets everything, for the next input.</summary>
    public void Clear() => _list.Clear();
}

/// <summary>One thing a machine wants done.</summary>
public abstract record Effect
{
    private Effect()
    {
    }

    /// <summary>Hand <paramref name="Message"/> to <paramref name="To"/>.</summary>
    public sealed record Send(NodeId To, Message Message) : Effect;

    /// <summary>Answer a client.</summary>
    public sealed record Reply(RequestId Request, Outcome Outcome) : Effect;

    /// <summary>Change the store, all changes or none. An empty list asks only when all before it is durable.</summary>
    public sealed record Write(WriteId Id, IReadOnlyList<StoreChange> Changes) : Effect;

    /// <summary>
    /// End the node, as a kill would, empty its store as if the disk were new, apply <paramref name="First"/> to it, and start the
    /// node over it. It is asked for once in a run; an end that comes in between does no harm, for it is asked for again.
    /// </summary>
    public sealed record StartOver(IReadOnlyList<StoreChange> First) : Effect;

    /// <summary>Count or log.</summary>
    public sealed record Observe(Observation Observation) : Effect;
}

/// <summary>A client's request at the node that received it; drawn by that node, unique in one run of it.</summary>
public readonly record struct RequestId(ulong Value)
{
    /// <summary>Set in the numbers that handoff uses, so that an answer finds its way to it and not to the coordinator.</summary>
    public const ulong HandoffBit = 1UL << 63;

    /// <summary>Set in the numbers that exchanges use, so that an answer finds its way to them.</summary>
    public const ulong SyncBit = 1UL << 61;

    /// <summary>No request: nobody waits for the answer.</summary>
    public static readonly RequestId None;

    /// <summary>Whether the number was drawn by a <see cref="SyncWorker"/>.</summary>
    public bool IsSync => (Value & (HandoffBit | SyncBit)) == SyncBit;

    /// <summary>Whether the number was drawn by a <see cref="HandoffSender"/>.</summary>
    public bool IsHandoff => (Value & HandoffBit) != 0;

    /// <inheritdoc/>
    public override string ToString() => $"#{Value}";
}

/// <summary>A write that a machine waits for; unique within the machine.</summary>
public readonly record struct WriteId(ulong Value);

/// <summary>How a write ended.</summary>
/// <param name="Error">null when it is durable; else one sentence, and nothing of it was applied.</param>
public readonly record struct WriteResult(string? Error)
{
    /// <summary>It is durable, as the engine means it.</summary>
    public static readonly WriteResult Durable;

    /// <summary>Whether it is durable.</summary>
    public bool Ok => Error is null;
}
