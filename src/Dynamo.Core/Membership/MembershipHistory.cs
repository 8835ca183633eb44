using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>
/// All that was ever committed to a cluster's membership: its founding and a set of commits that only grows.
/// </summary>
/// <remarks>
/// Merging is the union, so it is associative, commutative and idempotent, and every order of exchanges ends in the
/// same history; what the ring is then follows from it alone (<see cref="Fold"/>). Nobody decides, so administrators
/// may commit on both sides of a partition. The value never changes; only the fold is remembered once it was asked
/// for, and a history made by merging starts from the fold of the part it shares.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.8.1.
/// Differs: the paper reconciles histories per node pair without saying in which order changes count.
/// </remarks>
public sealed class MembershipHistory : IEquatable<MembershipHistory>
{
    private const byte Version = 1;

    // Entry i is the digest of the founding and the first i commits.
    private readonly ulong[] _digests;

    // Of the first commits, maybe of none. One reference, so that two threads that fold at once do no harm.
    private MembershipFold? _fold;

    private MembershipHistory(
        Founding founding, ImmutableArray<MembershipCommit> commits, ReadOnlySpan<ulong> digests, MembershipFold? fold)
    {
        Founding = founding;
        Commits = commits;
        _fold = fold;
        _digests = new ulong[commits.Length + 1];
        digests.CopyTo(_digests);
        Span<byte> hash = stackalloc byte[8];
        for (var i = digests.Length; i <= commits.Length; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(hash, commits[i - 1].Hash);
            _digests[i] = StableHash.Of(hash, _digests[i - 1]);
        }
    }

    /// <summary>The history of a cluster that was just created.</summary>
    public static MembershipHistory Of(Founding founding) =>
        new(founding, [], [StableHash.Of(founding.ClusterId)], null);

    /// <summary>What was fixed for good when the cluster was created.</summary>
    public Founding Founding { get; }

    /// <summary>Every commit, in the order they count.</summary>
    public ImmutableArray<MembershipCommit> Commits { get; }

    /// <summary>A hash of the whole: equal on two nodes exactly when they agree, but for one chance in 2^64.</summary>
    public ulong Digest => _digests[^1];

    /// <summary>The highest Lamport time of a commit, 0 while there is none: the next one must be above.</summary>
    public ulong Lamport => Commits.IsEmpty ? 0 : Commits[^1].Lamport;

    /// <summary>This history with a commit more; itself when it has it already.</summary>
    public MembershipHistory Add(MembershipCommit commit) => Union([commit]);

    /// <summary>The union of two histories; this very value when the other one adds nothing.</summary>
    /// <param name="other">A history of the same founding; the caller refuses strangers before.</param>
    public MembershipHistory Merge(MembershipHistory other)
    {
        Invariant.Holds(Founding.Equals(other.Founding), "Only histories of one founding are merged.");
        var merged = Union(other.Commits.AsSpan());
        if (ReferenceEquals(merged, this)) return this;
        if (merged.Commits.Length == other.Commits.Length) merged = other;
        merged.LearnFold(other);
        merged.LearnFold(this);
        return merged;
    }

    /// <summary>The members and every version of the ring that follow from the history.</summary>
    /// <remarks>
    /// The first call places each commit that no history before this one has: about one <see cref="Placement.Assign"/>
    /// each, for a commit at the end just one. Later calls cost nothing.
    /// </remarks>
    public MembershipFold Fold()
    {
        var fold = _fold;
        if (fold is null || fold.Steps.Length < Commits.Length) _fold = fold = MembershipFold.Of(this, fold);
        return fold;
    }

    /// <summary>The digest of the founding and the first commits alone.</summary>
    internal ulong DigestOf(int commits) => _digests[commits];

    /// <inheritdoc/>
    public bool Equals(MembershipHistory? other) =>
        other is not null && Founding.Equals(other.Founding) && Commits.AsSpan().SequenceEqual(other.Commits.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MembershipHistory);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Digest;

    /// <summary>Appends the binary form: version 1, founding, commits in their order.</summary>
    public void Write(WireWriter to)
    {
        to.Byte(Version);
        Founding.Write(to);
        to.Count(Commits.Length);
        foreach (var commit in Commits) commit.Write(to);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null when the bytes are not a history.</summary>
    public static MembershipHistory? Read(ref WireReader from)
    {
        if (from.Byte() != Version) from.Fail("The membership history has another format version.");
        var founding = Founding.Read(ref from);
        var count = from.Count(WireCodec.MaxListed);
        if (founding is null || !from.HasRoomFor(count, MembershipCommit.MinBytes)) return null;
        var commits = ImmutableArray.CreateBuilder<MembershipCommit>(count);
        for (var i = 0; i < count && !from.Failed; i++)
        {
            if (MembershipCommit.Read(ref from) is not { } commit) break;
            if (i > 0 && commits[i - 1].CompareTo(commit) >= 0) from.Fail("The commits are not in their order.");
            commits.Add(commit);
        }

        return from.Failed
            ? null
            : new MembershipHistory(founding, commits.DrainToImmutable(), [StableHash.Of(founding.ClusterId)], null);
    }

    private MembershipHistory Union(ReadOnlySpan<MembershipCommit> other)
    {
        var union = ImmutableArray.CreateBuilder<MembershipCommit>(Commits.Length + other.Length);
        int mine = 0, theirs = 0, untouched = Commits.Length;
        while (mine < Commits.Length || theirs < other.Length)
        {
            var order = mine == Commits.Length ? 1
                : theirs == other.Length ? -1
                : Commits[mine].CompareTo(other[theirs]);
            if (order > 0) untouched = Math.Min(untouched, mine);
            union.Add(order <= 0 ? Commits[mine] : other[theirs]);
            if (order <= 0) mine++;
            if (order >= 0) theirs++;
        }

        return union.Count == Commits.Length
            ? this
            : new MembershipHistory(
                Founding, union.DrainToImmutable(), _digests.AsSpan(0, untouched + 1), _fold?.First(untouched));
    }

    private void LearnFold(MembershipHistory from)
    {
        if (from._fold is not { } fold || _fold?.Steps.Length >= fold.Steps.Length) return;
        var shared = 0;
        while (shared < Math.Min(fold.Steps.Length, Commits.Length) && Commits[shared].Equals(from.Commits[shared]))
            shared++;
        if (_fold is null || _fold.Steps.Length < shared) _fold = fold.First(shared);
    }
}
