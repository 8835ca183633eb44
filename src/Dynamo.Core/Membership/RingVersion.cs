using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>The ring as it was after one commit that had an effect.</summary>
/// <remarks>
/// The number counts, but does not identify: two sides of a partition that both commit both get the same next number,
/// and a commit merged in before others renumbers them. The digest identifies.
/// </remarks>
/// <param name="Number">How many commits had an effect so far; 0 for the founding.</param>
/// <param name="Digest">The digest of the history up to and with that commit.</param>
/// <param name="Ring">The members and who owns what.</param>
/// <param name="Violations">What gave way when the partitions were placed, gravest first.</param>
public sealed record RingVersion(
    int Number, ulong Digest, Ring Ring, ImmutableArray<PlacementViolation> Violations);

/// <summary>
/// A change that makes no sense where it came to stand in the history; everybody ignores it alike.
/// </summary>
/// <param name="Change">The change.</param>
/// <param name="Why">One sentence.</param>
public sealed record IgnoredChange(MembershipChange Change, string Why);

/// <summary>What one commit did.</summary>
/// <param name="Commit">The commit.</param>
/// <param name="After">The ring after it; the one before it when the commit had no effect at all.</param>
/// <param name="Ignored">Its changes that had no effect, and why.</param>
/// <param name="IsAsPlanned">
/// Whether it stands on the history its plan was made on. Where it does not, another moved more or less than it showed.
/// </param>
public sealed record MembershipStep(
    MembershipCommit Commit, RingVersion After, ImmutableArray<IgnoredChange> Ignored, bool IsAsPlanned)
{
    /// <summary>Whether anything in it had an effect.</summary>
    public bool IsEffective => Ignored.Length < Commit.Changes.Length;
}
