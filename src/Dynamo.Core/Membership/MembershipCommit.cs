using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>A batch of membership changes that an administrator committed: one entry of the history.</summary>
/// <remarks>
/// Commits are ordered by Lamport time, then by author, the same everywhere. Two commits with the same of both are
/// never made by a sound node, but may be by one that was restored from a backup: then their bytes decide, and neither
/// is lost. Source: DeCandia et al., Dynamo (SOSP 2007), section 4.8.1.
/// </remarks>
public sealed class MembershipCommit : IComparable<MembershipCommit>, IEquatable<MembershipCommit>
{
    /// <summary>The most changes in one commit.</summary>
    public const int MaxChanges = 1024;

    /// <summary>The highest Lamport time; no honest clock gets there.</summary>
    public const ulong MaxLamport = long.MaxValue;

    internal const int MinBytes = 13 + MembershipChange.MinBytes;

    private const byte Version = 1;
    private readonly byte[] _bytes;

    private MembershipCommit(
        ulong lamport, NodeId author, ulong plannedOn, ImmutableArray<MembershipChange> changes)
    {
        Lamport = lamport;
        Author = author;
        PlannedOn = plannedOn;
        Changes = changes;
        var writer = new WireWriter();
        Encode(writer);
        _bytes = writer.ToArray();
        Hash = StableHash.Of(_bytes);
    }

    /// <summary>A Lamport time above every commit the author had seen, 1..2^63-1.</summary>
    public ulong Lamport { get; }

    /// <summary>The node at which it was committed.</summary>
    public NodeId Author { get; }

    /// <summary>
    /// The digest of the history that the administrator's plan was made on. After administrators committed on both
    /// sides of a partition, a commit may come to stand on another one: it counts all the same.
    /// </summary>
    public ulong PlannedOn { get; }

    /// <summary>The changes in the order they take effect, 1..1024.</summary>
    public ImmutableArray<MembershipChange> Changes { get; }

    /// <summary>A hash of all of it, the same in every process.</summary>
    internal ulong Hash { get; }

    /// <summary>Checks and makes a commit; <paramref name="error"/> is one sentence when it returns false.</summary>
    public static bool TryCreate(
        ulong lamport, NodeId author, ulong plannedOn, ImmutableArray<MembershipChange> changes,
        out MembershipCommit commit, out string error)
    {
        commit = null!;
        error = "";
        if (lamport is 0 or > MaxLamport) error = $"The Lamport time is {lamport}; it must be 1 to {MaxLamport}.";
        else if (!NodeId.TryParse(author.Name, out _)) error = "The author of the commit has no proper name.";
        else if (changes.IsDefaultOrEmpty) error = "A commit needs at least one change.";
        else if (changes.Length > MaxChanges)
            error = $"The commit has {changes.Length} changes; at most {MaxChanges} are allowed.";
        for (var i = 0; error.Length == 0 && i < changes.Length; i++) error = changes[i].Check();
        if (error.Length == 0) commit = new MembershipCommit(lamport, author, plannedOn, changes);
        return error.Length == 0;
    }

    /// <inheritdoc/>
    public int CompareTo(MembershipCommit? other)
    {
        if (other is null) return 1;
        if (ReferenceEquals(this, other)) return 0;
        var order = Lamport.CompareTo(other.Lamport);
        if (order == 0) order = Author.CompareTo(other.Author);
        return order != 0 ? order : _bytes.AsSpan().SequenceCompareTo(other._bytes);
    }

    /// <inheritdoc/>
    public bool Equals(MembershipCommit? other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MembershipCommit);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Hash;

    /// <summary>The commit for an administrator, such as "7 at node2: node4 joins with weight 1".</summary>
    public override string ToString() => $"{Lamport} at {Author}: {string.Join("; ", Changes)}";

    /// <summary>Appends the binary form: version 1, Lamport time, author, planned on, changes.</summary>
    public void Write(WireWriter to) => to.Raw(_bytes);

    /// <summary>Reads what <see cref="Write"/> wrote; null when the bytes are not a commit.</summary>
    public static MembershipCommit? Read(ref WireReader from)
    {
        if (from.Byte() != Version) from.Fail("The commit has another format version.");
        var lamport = from.Number();
        var author = from.Node();
        var plannedOn = from.Fixed64();
        var count = from.Count(MaxChanges);
        if (!from.HasRoomFor(count, MembershipChange.MinBytes)) return null;
        var changes = ImmutableArray.CreateBuilder<MembershipChange>(count);
        for (var i = 0; i < count && !from.Failed; i++)
            if (MembershipChange.Read(ref from) is { } change) changes.Add(change);
        if (from.Failed) return null;
        if (TryCreate(lamport, author, plannedOn, changes.DrainToImmutable(), out var commit, out var error))
            return commit;
        from.Fail(error);
        return null;
    }

    private void Encode(WireWriter to)
    {
        to.Byte(Version);
        to.Number(Lamport);
        to.Text(Author.Name);
        to.Fixed64(PlannedOn);
        to.Count(Changes.Length);
        foreach (var change in Changes) change.Write(to);
    }
}
