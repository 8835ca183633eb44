using System.Collections.Immutable;
using System.Diagnostics;

namespace Dynamo.Core;

// Outcomes: inside ForwardReply, and to remote clients.
public static partial class WireCodec
{
    /// <summary>Appends an outcome; a reason longer than 1,000 characters is cut.</summary>
    public static void WriteOutcome(WireWriter to, Outcome outcome)
    {
        switch (outcome)
        {
            case OwnerRead o:
                to.Byte((byte)OutcomeTag.OwnerRead);
                Quorum(to, o.Quorum);
                to.Fixed64(o.Versions);
                to.Bool(o.Shown is not null);
                if (o.Shown is not null) WriteOutcome(to, o.Shown);
                break;
            case Found o:
                to.Byte((byte)OutcomeTag.Found);
                RecordCodec.Write(to, o.Siblings);
                to.Bytes(o.Context.Span);
                break;
            case NotFound o:
                to.Byte((byte)OutcomeTag.NotFound);
                to.Bytes(o.Context.Span);
                to.Bool(o.DeletedAt is not null);
                if (o.DeletedAt is { } deletedAt) to.Signed(deletedAt);
                break;
            case Stored o:
                to.Byte((byte)OutcomeTag.Stored);
                to.Bytes(o.Context.Span);
                RecordCodec.Write(to, o.Siblings);
                break;
            case Listing o:
                to.Byte((byte)OutcomeTag.Listing);
                OptionalText(to, o.Bucket);
                Names(to, o.Names);
                to.Bool(o.Last);
                break;
            case Unavailable o:
                to.Byte((byte)OutcomeTag.Unavailable);
                Shortfall(to, o.Kind, o.Needed, o.Got, o.MayTakeEffect);
                break;
            case TimedOut o:
                to.Byte((byte)OutcomeTag.TimedOut);
                Shortfall(to, o.Kind, o.Needed, o.Got, o.MayTakeEffect);
                break;
            case TooLarge o:
                Refusal(to, OutcomeTag.TooLarge, o.Reason);
                break;
            case BadContext o:
                Refusal(to, OutcomeTag.BadContext, o.Reason);
                break;
            case BadRequest o:
                Refusal(to, OutcomeTag.BadRequest, o.Reason);
                break;
            case Overloaded o:
                Refusal(to, OutcomeTag.Overloaded, o.Reason);
                break;
            case NotReady o:
                Refusal(to, OutcomeTag.NotReady, o.Reason);
                break;
            default:
                throw new UnreachableException($"No wire form is known for {outcome.GetType().Name}.");
        }
    }

    /// <summary>Reads an outcome; null, and the reader fails with a sentence, when the bytes are not one.</summary>
    public static Outcome? ReadOutcome(ref WireReader from)
    {
        var tag = from.Byte();
        if (from.Failed) return null;
        Outcome? outcome = (OutcomeTag)tag switch
        {
            OutcomeTag.OwnerRead => new OwnerRead(Quorum(ref from), from.Fixed64(), from.Bool() ? Shown(ref from) : null),
            OutcomeTag.Found => new Found(RecordCodec.ReadSiblings(ref from), Context(ref from)),
            OutcomeTag.NotFound => new NotFound(Context(ref from), from.Bool() ? from.Signed() : null),
            OutcomeTag.Stored => new Stored(Context(ref from), RecordCodec.ReadSiblings(ref from)),
            OutcomeTag.Listing => new Listing(OptionalBucket(ref from), Names(ref from), from.Bool()),
            OutcomeTag.Unavailable => new Unavailable(
                Enum(ref from, QuorumKind.DW), Replicas(ref from), Replicas(ref from), from.Bool()),
            OutcomeTag.TimedOut => new TimedOut(
                Enum(ref from, QuorumKind.DW), Replicas(ref from), Replicas(ref from), from.Bool()),
            OutcomeTag.TooLarge => new TooLarge(from.Text(MaxReasonBytes)),
            OutcomeTag.BadContext => new BadContext(from.Text(MaxReasonBytes)),
            OutcomeTag.BadRequest => new BadRequest(from.Text(MaxReasonBytes)),
            OutcomeTag.Overloaded => new Overloaded(from.Text(MaxReasonBytes)),
            OutcomeTag.NotReady => new NotReady(from.Text(MaxReasonBytes)),
            _ => null,
        };
        if (outcome is null) from.Fail($"No outcome has the tag {tag}.");
        return from.Failed ? null : outcome;
    }

    private static void Shortfall(WireWriter to, QuorumKind kind, int needed, int got, bool mayTakeEffect)
    {
        to.Byte((byte)kind);
        to.Count(needed);
        to.Count(got);
        to.Bool(mayTakeEffect);
    }

    private static void Quorum(WireWriter to, ReadQuorum quorum)
    {
        to.Count(quorum.N);
        to.Count(quorum.R);
        to.Count(quorum.PR);
        to.Bool(quorum.NotFoundOk);
        to.Bool(quorum.BasicQuorum);
    }

    private static ReadQuorum Quorum(ref WireReader from) => new(
        from.Count(Core.BucketProperties.MaxNVal), from.Count(QuorumSize.MaxNumber), from.Count(QuorumSize.MaxNumber), from.Bool(), from.Bool());

    // Nothing but what a get may find, so that bytes from outside cannot nest outcomes without end.
    private static Outcome? Shown(ref WireReader from)
    {
        var tag = from.Byte();
        switch ((OutcomeTag)tag)
        {
            case OutcomeTag.Found:
                return new Found(RecordCodec.ReadSiblings(ref from), Context(ref from));
            case OutcomeTag.NotFound:
                return new NotFound(Context(ref from), from.Bool() ? from.Signed() : null);
            default:
                from.Fail($"An owner shows an outcome with the tag {tag}, which is nothing that a get finds.");
                return null;
        }
    }

    private static int Replicas(ref WireReader from) => from.Count(PartitionId.MaxCount);

    // A reason may carry a driver's message of any length: it is cut here rather than refused by the reader.
    private static void Refusal(WireWriter to, OutcomeTag tag, string reason)
    {
        to.Byte((byte)tag);
        to.Text(reason.Length <= MaxReasonLength ? reason : reason[..MaxReasonLength]);
    }

    private static void Names(WireWriter to, ImmutableArray<ReadOnlyMemory<byte>> names)
    {
        to.Count(names.Length);
        foreach (var name in names) to.Bytes(name.Span);
    }

    private static ImmutableArray<ReadOnlyMemory<byte>> Names(ref WireReader from)
    {
        var count = from.Count(MaxListed);
        if (count == 0 || !from.HasRoomFor(count, 1)) return [];
        var names = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(count);
        for (var i = 0; i < count && !from.Failed; i++) names.Add(from.Bytes(Core.Key.MaxNameBytes).ToArray());
        return names.DrainToImmutable();
    }
}
