namespace Dynamo.Core;

/// <content>What is told of a request to whoever counts or follows it; nothing is decided by it.</content>
public sealed partial class Coordinator
{
    /// <summary>A line for each request under way.</summary>
    public IEnumerable<string> Describe() => _pending.OrderBy(static p => p.Key.Value).Select(static p =>
        $"{p.Key} {p.Value.Get?.Describe() ?? p.Value.Put?.Describe() ?? p.Value.Operation}");

    private RequestTally TallyOf(Pending pending)
    {
        var handedTo = pending.Forwarder?.Asked.Count ?? 0;
        foreach (var node in pending.Tried)
            if (node != _self) handedTo++;
        return new RequestTally(
            pending.N, pending.Get?.Quorum.R ?? 0, pending.W, (pending.Get?.Asked ?? 0) + (pending.Put?.Asked ?? 0), handedTo);
    }

    private void ObserveAnswer(NodeId from, Message message, Effects effects)
    {
        var (id, said) = message switch
        {
            ReplicaGetReply reply => (reply.Id, WordOf(reply.Status)),
            ReplicaDigestReply reply => (reply.Id, WordOf(reply.Status)),
            CoordinateWriteReply reply => (reply.Id, WordOf(reply.Refusal, reply.Copy)),
            ReplicaPutReply reply => (reply.Id, WordOf(reply.Refusal, reply.Durable ? CopyState.Durable : CopyState.Applied)),
            ForwardAccepted accepted => (accepted.Id, "accepted"),
            IncrementTicket ticket => (ticket.Id, "accepted"),
            ForwardReply reply => (reply.Id, OutcomeNames.Of(reply.Outcome)),
            ListPageReply reply => (reply.Id, "page"),
            _ => default,
        };
        if (said is not null && Find(id) is { IsTraced: true, Answered: false })
            effects.Observe(new Observation.ReplicaAnswered(id, from, said));
    }

    private static string WordOf(StoreReadStatus status) => status switch
    {
        StoreReadStatus.Found => "found",
        StoreReadStatus.Missing => "missing",
        StoreReadStatus.Corrupt => "damaged",
        _ => "store_failed",
    };

    private static string WordOf(WriteRefusal refusal, CopyState copy) => refusal switch
    {
        WriteRefusal.None => copy switch { CopyState.Issued => "issued", CopyState.Applied => "applied", _ => "stored" },
        WriteRefusal.StoreFailed => "store_failed",
        WriteRefusal.TooManySiblings => "too_many_siblings",
        WriteRefusal.TooLarge => "too_large",
        WriteRefusal.HintsFull => "hints_full",
        WriteRefusal.Fenced => "fenced",
        WriteRefusal.Outdated => "outdated",
        _ => "departed",
    };
}
