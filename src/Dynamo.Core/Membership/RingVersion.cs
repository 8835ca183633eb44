using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>The ring as it was after one commit that had an effect.</summary>
/// <remarks>
/// The number counts, but does not identify: two sides of a partition that both commit both get the same next number,
/// and a commit merged in before others renumbers them. The digest identifies, and equality goes by it.
/// Members are known at once, owners are placed when somebody first asks for them, from the nearest ring before that is
/// placed already: of a long history a node needs the last ring or two (<see cref="RingOwners"/>).
/// </remarks>
public sealed class RingVersion : IEquatable<RingVersion>
{
    private readonly RingVersion? _before;
    private readonly RingRecipe _recipe;

    // One reference, so that two threads that place at once do no harm: both come to the same.
    private PlacedRing? _placed;

    internal RingVersion(ulong digest, RingVersion? before, RingRecipe recipe)
    {
        Number = before is null ? 0 : before.Number + 1;
        Digest = digest;
        _before = before;
        _recipe = recipe;
    }

    /// <summary>How many commits had an effect so far; 0 for the founding.</summary>
    public int Number { get; }

    /// <summary>The digest of the history up to and with that commit.</summary>
    public ulong Digest { get; }

    /// <summary>The members, sorted by name; costs no placement. Listed anew each time.</summary>
    public ImmutableArray<RingMember> Members => [.. _recipe.Members.Values];

    /// <summary>Whether a node is a member; costs no placement.</summary>
    public bool HasMember(NodeId node) => _recipe.Members.ContainsKey(node);

    /// <summary>The members and who owns what.</summary>
    public Ring Ring => Place().Ring;

    /// <summary>What gave way when the partitions were placed, gravest first.</summary>
    public ImmutableArray<PlacementViolation> Violations => Place().Violations;

    /// <summary>Whether asking for the ring costs nothing any more.</summary>
    internal bool IsPlaced => _placed is not null;

    /// <summary>Takes over a ring that was placed by the same rules elsewhere or earlier; nothing when it has one.</summary>
    internal void Adopt(PlacedRing placed) => _placed ??= placed;

    /// <inheritdoc/>
    public bool Equals(RingVersion? other) => other is not null && Digest == other.Digest && Number == other.Number;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RingVersion);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Digest;

    /// <summary>The version for an administrator, such as "ring 3".</summary>
    public override string ToString() => $"ring {Number}";

    private PlacedRing Place()
    {
        if (_placed is { } placed) return placed;
        // Not by recursion: thousands of versions may be missing.
        var missing = new Stack<RingVersion>();
        for (var at = this; at is { _placed: null }; at = at._before) missing.Push(at);
        while (missing.TryPop(out var version))
            version._placed ??= version._recipe.Place(version._before?._placed!.Ring);
        return _placed!;
    }
}

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
