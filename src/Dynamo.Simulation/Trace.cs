using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Everything that happened in a run, folded into one hash, and told as a story to whoever asks for it.</summary>
/// <remarks>The hash is over numbers that are the same in every process; a story is written only when there is a listener.</remarks>
public sealed class Trace
{
    private readonly TextWriter? _story;
    private ulong _hash = 0x9E3779B97F4A7C15;

    /// <summary>A trace of nothing yet.</summary>
    /// <param name="story">Receives a line for each event that a reader wants to know of; null for none.</param>
    public Trace(TextWriter? story) => _story = story;

    /// <summary>16 hexadecimal digits that stand for the whole run.</summary>
    public string Hash => _hash.ToString("x16");

    /// <summary>Whether anybody reads the story; ask before composing a line.</summary>
    public bool Tells => _story is not null;

    /// <summary>Folds an event in.</summary>
    internal void Fold(long at, EventKind kind, int node, ulong detail)
    {
        _hash = Mix(_hash ^ (ulong)at);
        _hash = Mix(_hash ^ (((ulong)kind << 32) + (uint)node) ^ (detail * 0xBF58476D1CE4E5B9));
    }

    /// <summary>Writes a line of the story.</summary>
    /// <param name="at">Virtual microseconds since the start.</param>
    /// <param name="who">A node or a client; empty for the world.</param>
    /// <param name="what">A clause.</param>
    internal void Tell(long at, string who, string what) => _story?.WriteLine($"{at / 1e6,12:F6}  {who,-6}  {what}");

    /// <summary>A number that stands for a message's content.</summary>
    internal static ulong Digest(Message message) => message switch
    {
        ReplicaGet m => Number(1, m.Id.Value, 0),
        ReplicaGetReply m => Number(2, m.Id.Value, Of(m.Record) + (ulong)m.Status),
        ReplicaDigest m => Number(16, m.Id.Value, 0),
        ReplicaDigestReply m => Number(17, m.Id.Value, m.Digest + (ulong)m.Status),
        ReplicaPut m => Number(3, m.Id.Value, Of(m.Record) + (ulong)m.Reason),
        ReplicaPutReply m => Number(4, m.Id.Value, (ulong)m.Refusal * 2 + (m.Durable ? 1UL : 0)),
        ForwardPut m => Number(5, m.Id.Value, 0),
        ForwardAccepted m => Number(6, m.Id.Value, 0),
        ForwardReply m => Number(7, m.Id.Value, Of(m.Outcome)),
        Ping m => Number(8, m.Number, 0),
        Pong m => Number(9, m.Number, 0),
        GossipDigest m => Number(10, m.Digest, 0),
        GossipState m => Number(11, (ulong)m.Properties.Count, m.WantsReply ? 1UL : 0),
        ForwardIncrement m => Number(14, m.Id.Value, m.Ticket),
        IncrementTicket m => Number(15, m.Id.Value, m.Ticket),
        _ => Number(12, StableHash.Of(message.GetType().Name), 0),
    };

    /// <summary>A number that stands for an outcome.</summary>
    internal static ulong Of(Outcome? outcome) => outcome switch
    {
        null => 1,
        Found found => 2 + (ulong)found.Siblings.Length + StableHash.Of(found.Context.Span),
        NotFound missing => 3 + StableHash.Of(missing.Context.Span),
        Stored stored => 4 + StableHash.Of(stored.Context.Span),
        _ => StableHash.Of(outcome.Sentence),
    };

    private static ulong Of(Record record) =>
        ((ulong)(uint)record.Clock.GetHashCode() << 8) + (ulong)record.Siblings.Length;

    private static ulong Number(ulong kind, ulong id, ulong detail) => Mix((kind * 0x94D049BB133111EB) ^ id ^ (detail << 1));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
