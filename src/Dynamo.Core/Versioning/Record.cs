using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Dynamo.Core;

/// <summary>All that a replica holds of one key: the history it knows, and the siblings nobody has superseded.</summary>
/// <remarks>
/// A dotted version vector set: each sibling's dot is in the clock, and a dot that the clock covers without a
/// sibling bearing it is a version that was superseded or deleted. So two interleaving writers make two siblings,
/// never a growing pile, and merging is associative, commutative and idempotent.
/// Immutable. Siblings are sorted by dot, so equal records are equal arrays. One that came as bytes keeps them, so that it is
/// stored and sent on without being written anew, and one out of a store is read only when somebody looks into it.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.4. Differs: dots beside the vector (Almeida et al. 2014).
/// </remarks>
public sealed class Record : IEquatable<Record>
{
    // Null until the bytes are read. Threads that read them at the same time come to the same; the clock is set last, for whoever
    // finds it finds the siblings too.
    private VersionVector? _clock;
    private ImmutableArray<Sibling> _siblings;
    private byte[]? _bytes;

    private Record(VersionVector? clock, ImmutableArray<Sibling> siblings, byte[]? bytes = null)
    {
        _clock = clock;
        _siblings = siblings;
        _bytes = bytes;
    }

    /// <summary>A record that knows nothing; it is never stored.</summary>
    public static readonly Record Empty = new(VersionVector.Empty, []);

    /// <summary>Every dot this record has seen, superseded ones included.</summary>
    public VersionVector Clock => Volatile.Read(ref _clock) ?? ReadBytes();

    /// <summary>The versions nobody has superseded, tombstones included, sorted by dot.</summary>
    public ImmutableArray<Sibling> Siblings
    {
        get
        {
            if (Volatile.Read(ref _clock) is null) ReadBytes();
            return _siblings;
        }
    }

    /// <summary>Whether it knows nothing.</summary>
    public bool IsEmpty => Volatile.Read(ref _clock) is { } clock ? clock.IsEmpty : RecordCodec.IsOfNothing(_bytes);

    /// <summary>Its bytes, see <see cref="RecordCodec"/>, which nobody may change; null as long as nobody has written them.</summary>
    internal byte[]? Bytes
    {
        get => Volatile.Read(ref _bytes);
        set => Volatile.Write(ref _bytes, value);
    }

    /// <summary>Whether readers see nothing but a deleted key: siblings there are, and all are tombstones.</summary>
    public bool IsDeleted
    {
        get
        {
            foreach (var sibling in Siblings)
                if (!sibling.IsTombstone) return false;
            return Siblings.Length > 0;
        }
    }

    /// <summary>The bytes of all values together.</summary>
    public long BodyBytes
    {
        get
        {
            var bytes = 0L;
            foreach (var sibling in Siblings) bytes += sibling.Value?.Body.Length ?? 0;
            return bytes;
        }
    }

    /// <summary>The record with these bytes, which are known to be of one; they are read when needed.</summary>
    internal static Record OfBytes(byte[] bytes) => new(null, default, bytes);

    /// <summary>Takes parts that come from outside; false when they do not make a record.</summary>
    public static bool TryCreate(VersionVector clock, ImmutableArray<Sibling> siblings, out Record record) =>
        TryCreate(clock, siblings, null, out record);

    /// <summary>As the other, with the bytes that the parts were read from.</summary>
    internal static bool TryCreate(VersionVector clock, ImmutableArray<Sibling> siblings, byte[]? bytes, out Record record)
    {
        record = new Record(clock, siblings, bytes);
        for (var i = 0; i < siblings.Length; i++)
        {
            if (!clock.Covers(siblings[i].Dot)) return false;
            if (i > 0 && siblings[i - 1].Dot.CompareTo(siblings[i].Dot) >= 0) return false;
        }

        return true;
    }

    /// <summary>The record that knows what both know.</summary>
    /// <remarks>A sibling survives when both have it, or when only one has it and the other never saw it.</remarks>
    public Record Merge(Record other)
    {
        if (ReferenceEquals(this, other) || other.IsEmpty || HasSameBytes(other)) return this;
        if (IsEmpty) return other;
        var clock = Clock.Merge(other.Clock);
        if (ReferenceEquals(clock, Clock) && Keeps(other)) return this;
        if (ReferenceEquals(clock, other.Clock) && other.Keeps(this)) return other;

        var (mine, theirs) = (Siblings, other.Siblings);
        var merged = ImmutableArray.CreateBuilder<Sibling>(mine.Length + theirs.Length);
        int i = 0, j = 0;
        while (i < mine.Length || j < theirs.Length)
        {
            var order = i == mine.Length ? 1
                : j == theirs.Length ? -1
                : mine[i].Dot.CompareTo(theirs[j].Dot);
            if (order == 0)
            {
                merged.Add(mine[i++]);
                j++;
            }
            else if (order < 0)
            {
                if (!other.Clock.Covers(mine[i].Dot)) merged.Add(mine[i]);
                i++;
            }
            else
            {
                if (!Clock.Covers(theirs[j].Dot)) merged.Add(theirs[j]);
                j++;
            }
        }

        return new Record(clock, merged.DrainToImmutable());
    }

    /// <summary>The record after a write: siblings that <paramref name="context"/> covers go, the new one comes.</summary>
    /// <param name="context">What the writer had read; empty for a blind write.</param>
    /// <param name="written">The new version, with its new dot.</param>
    /// <param name="claim">
    /// The range that ends in the new dot and begins after the last dot the coordinating store issued for this key,
    /// as far as that store can know; the new dot alone when it cannot. No other dot of the key lies in it.
    /// </param>
    public Record Put(VersionVector context, Sibling written, DotRange claim)
    {
        var kept = 0;
        foreach (var sibling in Siblings)
            if (!context.Covers(sibling.Dot)) kept++;
        var siblings = new Sibling[kept + 1];
        var at = 0;
        foreach (var sibling in Siblings)
            if (!context.Covers(sibling.Dot)) siblings[at++] = sibling;
        siblings[at] = written;
        for (; at > 0 && siblings[at - 1].Dot.CompareTo(written.Dot) > 0; at--)
            (siblings[at - 1], siblings[at]) = (written, siblings[at - 1]);
        return new Record(Clock.Merge(context).With(claim), ImmutableCollectionsMarshal.AsImmutableArray(siblings));
    }

    /// <summary>The record with a clock of nothing but its siblings' dots: only when nothing older is left anywhere.</summary>
    public Record Shorten()
    {
        var dots = new DotRange[Siblings.Length];
        for (var i = 0; i < dots.Length; i++) dots[i] = DotRange.Of(Siblings[i].Dot);
        return new Record(VersionVector.Of(dots), Siblings);
    }

    /// <summary>The record with at most so many ranges in its clock, unless the dots of its siblings need more.</summary>
    /// <remarks>
    /// What is cut is forgotten: a version that this clock had covered is taken for new when it comes back.
    /// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.4. Differs: the paper cuts the pair with the oldest time, and a clock
    /// here holds no times; ranges that none of the siblings lies in go in the order of the clock.
    /// </remarks>
    /// <param name="ranges">How many, 1 or more.</param>
    public Record Truncate(int ranges)
    {
        var excess = Clock.Ranges.Length - ranges;
        if (excess <= 0) return this;
        var kept = new List<DotRange>(Clock.Ranges.Length);
        foreach (ref readonly var range in Clock.Ranges)
        {
            if (excess > 0 && !Bears(range)) excess--;
            else kept.Add(range);
        }

        return new Record(VersionVector.Of([.. kept]), Siblings);
    }

    private bool Bears(in DotRange range)
    {
        foreach (var sibling in Siblings)
            if (sibling.Dot.Replica == range.Replica && sibling.Dot.Counter >= range.First && sibling.Dot.Counter <= range.Last) return true;
        return false;
    }

    /// <summary>Whether both know the same dots and keep the same siblings; cheaper than equality, which reads the values.</summary>
    public bool HasSameVersions(Record other)
    {
        if (ReferenceEquals(this, other) || HasSameBytes(other)) return true;
        if (Siblings.Length != other.Siblings.Length || !Clock.Equals(other.Clock)) return false;
        for (var i = 0; i < Siblings.Length; i++)
            if (Siblings[i].Dot != other.Siblings[i].Dot) return false;
        return true;
    }

    /// <summary>The versions that readers see: no tombstones, and with last-write-wins the latest alone.</summary>
    public ImmutableArray<Sibling> Visible(bool lastWriteWins)
    {
        if (lastWriteWins) return Latest() is { IsTombstone: false } latest ? [latest] : [];
        return IsDeleted ? [] : Siblings.RemoveAll(static sibling => sibling.IsTombstone);
    }

    /// <summary>The highest timestamp of the siblings, tombstones included; 0 without siblings.</summary>
    public long LatestTimestamp => Latest()?.Timestamp ?? 0;

    /// <summary>The sibling that last-write-wins shows: highest timestamp, then highest dot; null without siblings.</summary>
    public Sibling? Latest()
    {
        Sibling? latest = null;
        foreach (var sibling in Siblings)
            if (latest is null || sibling.Timestamp > latest.Timestamp
                || (sibling.Timestamp == latest.Timestamp && sibling.Dot.CompareTo(latest.Dot) > 0))
                latest = sibling;
        return latest;
    }

    /// <inheritdoc/>
    public bool Equals(Record? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Clock.Equals(other.Clock) && Siblings.AsSpan().SequenceEqual(other.Siblings.AsSpan()));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Record);

    /// <inheritdoc/>
    public override int GetHashCode() => Clock.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"{Clock}[{string.Join("; ", Siblings)}]";

    // Then they are the same; with other bytes they may be the same all the same.
    private bool HasSameBytes(Record other) => Bytes is { } mine && other.Bytes is { } theirs && mine.AsSpan().SequenceEqual(theirs);

    private VersionVector ReadBytes()
    {
        RecordCodec.ReadParts(Bytes!, out var clock, out var siblings);
        _siblings = siblings;
        Volatile.Write(ref _clock, clock);
        return clock;
    }

    // With a clock that covers the other's, this record is the merge exactly when it has no sibling that the
    // other has seen superseded: each sibling here is either also there or unknown there.
    private bool Keeps(Record other)
    {
        var j = 0;
        var theirs = other.Siblings;
        foreach (var sibling in Siblings)
        {
            while (j < theirs.Length && theirs[j].Dot.CompareTo(sibling.Dot) < 0) j++;
            var shared = j < theirs.Length && theirs[j].Dot == sibling.Dot;
            if (!shared && other.Clock.Covers(sibling.Dot)) return false;
        }

        return true;
    }
}
