using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>How a request ended: always one of these values, never a bare time-out.</summary>
public abstract record Outcome
{
    private protected Outcome()
    {
    }

    /// <summary>Whether the request did what it was asked, "there is nothing" included.</summary>
    public virtual bool IsSuccess => false;

    /// <summary>One sentence for a person.</summary>
    public abstract string Sentence { get; }
}

/// <summary>A get found at least one live value.</summary>
/// <param name="Siblings">The live versions in the order of their dots: one, or several that the application resolves.</param>
/// <param name="Context">The token to give back with a put.</param>
public sealed record Found(ImmutableArray<Sibling> Siblings, ReadOnlyMemory<byte> Context) : Outcome
{
    public override bool IsSuccess => true;

    public override string Sentence => Siblings.Length == 1 ? "One value." : $"{Siblings.Length} siblings.";
}

/// <summary>There is no live value.</summary>
/// <param name="Context">The token of the tombstone when the key was deleted; empty when nothing is known of it.</param>
/// <param name="DeletedAt">When it was deleted, microseconds since the epoch; null when nothing is known of it.</param>
public sealed record NotFound(ReadOnlyMemory<byte> Context, long? DeletedAt) : Outcome
{
    /// <summary>Nothing is known of the key.</summary>
    public static readonly NotFound Nothing = new(ReadOnlyMemory<byte>.Empty, null);

    public override bool IsSuccess => true;

    public override string Sentence => DeletedAt is null ? "Not found." : "Not found: it was deleted.";
}

/// <summary>What one owner holds, told to a client that coordinates its get itself.</summary>
/// <param name="Quorum">The get's counts by the bucket's properties as this owner knows them, and by the client's overrides.</param>
/// <param name="Versions">
/// The <see cref="VersionsHash"/> of the owner's record: owners that say the same one would give the same answer. 0 when it knows nothing.
/// </param>
/// <param name="Shown">
/// What a get would be answered with if all owners held the same: <see cref="Found"/> or <see cref="NotFound"/>, with a context. Null when the
/// values are larger than asked for.
/// </param>
public sealed record OwnerRead(ReadQuorum Quorum, ulong Versions, Outcome? Shown) : Outcome
{
    public override bool IsSuccess => true;

    public override string Sentence => Versions == 0 ? "The owner knows nothing of the key." : "The owner knows the key.";
}

/// <summary>A put or delete was acknowledged by as many replicas as it asked for.</summary>
/// <param name="Context">Covers the context given and this write, and nothing else; all of <paramref name="Siblings"/> when they are shown.</param>
/// <param name="Siblings">The live versions after the write when the body was asked for, else empty.</param>
public sealed record Stored(ReadOnlyMemory<byte> Context, ImmutableArray<Sibling> Siblings) : Outcome
{
    public override bool IsSuccess => true;

    public override string Sentence => "Stored.";
}

/// <summary>One page of a listing; more may follow until <see cref="Last"/>.</summary>
/// <param name="Bucket">The bucket whose keys these are; null for a page of buckets.</param>
/// <param name="Names">Key or bucket names, each once in the whole listing, as bytes.</param>
/// <param name="Last">Whether the listing is complete with this page.</param>
public sealed record Listing(string? Bucket, ImmutableArray<ReadOnlyMemory<byte>> Names, bool Last) : Outcome
{
    public override bool IsSuccess => true;

    public override string Sentence => $"{Names.Length} names.";
}

/// <summary>Which count a quorum failure speaks of.</summary>
public enum QuorumKind
{
    /// <summary>Replicas answering a get.</summary>
    R,

    /// <summary>Replicas acknowledging a put.</summary>
    W,

    /// <summary>Owners answering a get.</summary>
    PR,

    /// <summary>Owners acknowledging a put.</summary>
    PW,

    /// <summary>Replicas holding a put durably.</summary>
    DW,
}

/// <summary>Not enough replicas could be asked, or too many refused.</summary>
/// <param name="Kind">Which count was short.</param>
/// <param name="Needed">How many were asked for.</param>
/// <param name="Got">How many there were.</param>
/// <param name="MayTakeEffect">Whether a write reached some replica and so may still appear.</param>
public sealed record Unavailable(QuorumKind Kind, int Needed, int Got, bool MayTakeEffect = false) : Outcome
{
    public override string Sentence =>
        $"Unavailable: {Kind.ToString().ToLowerInvariant()} asks for {Needed} replicas and {Got} could be had."
        + (MayTakeEffect ? " The write may still take effect." : "");
}

/// <summary>Time ran out before enough replicas answered.</summary>
/// <inheritdoc cref="Unavailable" path="/param"/>
public sealed record TimedOut(QuorumKind Kind, int Needed, int Got, bool MayTakeEffect = false) : Outcome
{
    public override string Sentence =>
        $"Timed out: {Kind.ToString().ToLowerInvariant()} asks for {Needed} replicas and {Got} answered in time."
        + (MayTakeEffect ? " The write may still take effect." : "");
}

/// <summary>The value, or the pile of siblings, is larger than the limit.</summary>
public sealed record TooLarge(string Reason) : Outcome
{
    public override string Sentence => Reason;
}

/// <summary>The context is damaged, or was not made by this cluster for this key.</summary>
public sealed record BadContext(string Reason) : Outcome
{
    public override string Sentence => Reason;
}

/// <summary>The request asks for something that cannot be.</summary>
public sealed record BadRequest(string Reason) : Outcome
{
    public override string Sentence => Reason;
}

/// <summary>The node has more requests under way than its limit; try again later or elsewhere.</summary>
public sealed record Overloaded(string Reason) : Outcome
{
    public override string Sentence => Reason;
}

/// <summary>The node cannot serve yet, or its store does not work; another node may.</summary>
public sealed record NotReady(string Reason) : Outcome
{
    public override string Sentence => Reason;
}
