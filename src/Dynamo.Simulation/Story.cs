using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Puts what happened into words, for <c>--trace</c>; silent about what happens all the time.</summary>
internal static class Story
{
    public static string? Of(Message message) => message switch
    {
        ReplicaGet m => $"what do you hold of {m.Key}? {m.Id}",
        ReplicaGetReply { Status: StoreReadStatus.Found } m => $"{m.Id}: {Of(m.Record)}",
        ReplicaGetReply m => $"{m.Id}: {m.Status.ToString().ToLowerInvariant()}",
        ReplicaDigest m => $"which versions do you hold of {m.Key}? {m.Id}",
        ReplicaDigestReply { Status: StoreReadStatus.Found } m => $"{m.Id}: those of {m.Digest:x16}",
        ReplicaDigestReply m => $"{m.Id}: {m.Status.ToString().ToLowerInvariant()}",
        ReplicaPut { Reason: PutReason.Handoff } m => $"a hint for you, {m.Key}: {Of(m.Record)}",
        ReplicaPut { Reason: PutReason.ReadRepair } m => $"a repair, {m.Key}: {Of(m.Record)}",
        ReplicaPut { Reason: PutReason.AntiEntropy } m => $"an exchange's repair, {m.Key}: {Of(m.Record)}",
        LeafGet m => $"which keys of {m.Partition} fall into {m.Leaves.Length} leaves? {m.Id}",
        LeafGetReply m => $"{m.Id}: {m.Entries.Length} keys",
        ReapAsk { Items.IsEmpty: false } m => $"to reap {string.Join(", ", m.Items.Select(static i => i.Key))}: {m.Stage}? {m.Id}",
        ReapReply { No.IsEmpty: false } m => $"{m.Id}: no",
        ReplicaPut m when m.IntendedFor.IsNone => $"store {m.Key}: {Of(m.Record)} {m.Id}",
        ReplicaPut m => $"keep {m.Key} for {m.IntendedFor}: {Of(m.Record)} {m.Id}",
        ReplicaPutReply { Refusal: not WriteRefusal.None } m => $"{m.Id}: refused, {m.Refusal}",
        ReplicaPutReply m => $"{m.Id}: {(m.Durable ? "durable" : "applied")}{(m.IntendedFor.IsNone ? "" : $" for {m.IntendedFor}")}",
        ForwardPut m => $"please coordinate a write of {m.Request.Key} {m.Id}",
        ForwardIncrement { Ticket: 0 } m => $"may I hand you an increment of {m.Request.Key}? {m.Id}",
        ForwardIncrement m => $"please add {m.Request.Delta} to {m.Request.Key} {m.Id}",
        IncrementTicket m => $"{m.Id}: you may hand it over",
        ForwardAccepted m => $"{m.Id}: I coordinate it",
        ForwardReply m => $"{m.Id}: {m.Outcome.Sentence}",
        _ => null,
    };

    public static string? Of(Observation observation) => observation switch
    {
        Observation.ReachabilityChanged { Reachable: true } seen => $"reaches {seen.Node}",
        Observation.ReachabilityChanged seen => $"cannot reach {seen.Node}",
        Observation.HintStored stored => $"keeps a hint for {stored.Owner}",
        Observation.HintRefused refused => $"refuses a hint for {refused.Owner}: it has too many",
        Observation.HintDelivered delivered => $"delivered a hint to {delivered.Owner}",
        Observation.ReadRepaired repaired => $"repairs {repaired.Key} at {repaired.Replica}",
        Observation.Reaped reaped => $"has reaped {reaped.Keys} keys",
        Observation.ExchangeEnded { Differing: > 0 } ended =>
            $"has compared {ended.Partition} with {ended.Peer}: {ended.Differing} differed, {ended.Repaired} agree now",
        Observation.CorruptRecord corrupt => $"finds {corrupt.Key} damaged",
        Observation.GenerationBegan began => $"begins generation {began.Generation & 0xFFFF:x4} of {began.Partition}: {began.Reason}",
        Observation.StoreFailed failed => $"store: {failed.Reason}",
        _ => null,
    };

    public static string? Of(StoreChange change) => change switch
    {
        StoreChange.PutRecord put => $"writes {put.Key}: {Of(put.Stored.Record)}",
        StoreChange.RemoveRecord remove => $"removes {remove.Key}",
        StoreChange.PutHint { Hint: var hint } => $"writes a hint for {hint.Owner}, {hint.Key}: {Of(hint.Stored.Record)}",
        StoreChange.RemoveHint remove => $"removes the hint for {remove.Owner}, {remove.Key}",
        StoreChange.PutLease put => $"leases {put.Partition} up to {put.Lease.LeasedUpTo}",
        _ => null,
    };

    public static string Of(Record record) => $"[{string.Join("; ", record.Siblings.Select(Of))}] {record.Clock}";

    public static string Of(Sibling sibling) =>
        sibling.IsTombstone ? $"deleted {sibling.Dot}"
        : CounterEntry.TryRead(sibling.Value, out var entry) ? $"count {entry} {sibling.Dot}"
        : $"value {Operation.IdOf(sibling.Value)} {sibling.Dot}";

    public static string Of(Outcome? outcome) => outcome switch
    {
        null => "no answer: the node is gone",
        Found found => $"found {string.Join(", ", found.Siblings.Select(Of))}",
        _ => outcome.Sentence,
    };
}
