using System.Runtime.InteropServices;
using System.Text;

namespace Dynamo.Core;

/// <summary>A set of dots of one key, as ranges: a version vector that may have gaps.</summary>
/// <remarks>
/// <code>
///   {(a~01,17..31), (a~01,40..44), (b~07,3)}
///     |      |  |     a gap: dots 32..39 of a are not covered, because a replica that had no
///     |      |  |     record for the key claims only the dot it issues, never its earlier ones
///     |      first..last, both included
///     store generation
/// </code>
/// A plain version vector claims every dot up to its counter. Counters here are shared by all keys of a partition,
/// and a store can lose a record, so such a claim could erase a write nobody has superseded. In normal life
/// a replica has one range. Immutable; ranges are sorted, disjoint and never adjacent, so equal sets are equal arrays.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.4. Differs: gaps, as said above.
/// </remarks>
public sealed class VersionVector : IEquatable<VersionVector>
{
    /// <summary>The history that covers nothing.</summary>
    public static readonly VersionVector Empty = new([]);

    private readonly DotRange[] _ranges;

    private VersionVector(DotRange[] ranges) => _ranges = ranges;

    /// <summary>The ranges: sorted by replica then counter, disjoint, not adjacent.</summary>
    public ReadOnlySpan<DotRange> Ranges => _ranges;

    /// <summary>Whether no dot is covered.</summary>
    public bool IsEmpty => _ranges.Length == 0;

    /// <summary>The set of these dots; the input may be in any order and may overlap.</summary>
    public static VersionVector Of(params ReadOnlySpan<DotRange> ranges)
    {
        if (ranges.Length == 0) return Empty;
        var sorted = ranges.ToArray();
        if (sorted.Length > 1) Array.Sort(sorted, static (x, y) => Compare(x, y));
        return new VersionVector(Coalesce(sorted));
    }

    /// <summary>Takes ranges that are said to be in normal form; false when they are not.</summary>
    public static bool TryFromSorted(DotRange[] ranges, out VersionVector vector)
    {
        vector = ranges.Length == 0 ? Empty : new VersionVector(ranges);
        for (var i = 0; i < ranges.Length; i++)
        {
            if (ranges[i].First == 0 || ranges[i].Last < ranges[i].First) return false;
            if (i == 0) continue;
            var order = ranges[i - 1].Replica.CompareTo(ranges[i].Replica);
            if (order > 0 || (order == 0 && !IsApart(ranges[i - 1], ranges[i]))) return false;
        }

        return true;
    }

    /// <summary>Whether <paramref name="dot"/> is one of the dots.</summary>
    public bool Covers(Dot dot)
    {
        foreach (ref readonly var range in _ranges.AsSpan())
            if (dot.Counter >= range.First && dot.Counter <= range.Last && range.Replica == dot.Replica) return true;
        return false;
    }

    /// <summary>Whether every dot of <paramref name="other"/> is one of the dots here.</summary>
    public bool Descends(VersionVector other)
    {
        if (ReferenceEquals(this, other)) return true;
        var i = 0;
        foreach (ref readonly var theirs in other._ranges.AsSpan())
        {
            while (i < _ranges.Length && Precedes(_ranges[i], theirs)) i++;
            if (i == _ranges.Length || _ranges[i].Replica != theirs.Replica
                || _ranges[i].First > theirs.First || _ranges[i].Last < theirs.Last) return false;
        }

        return true;
    }

    /// <summary>How this history relates to <paramref name="other"/>.</summary>
    public CausalOrder CompareWith(VersionVector other) => (Descends(other), other.Descends(this)) switch
    {
        (true, true) => CausalOrder.Equal,
        (true, false) => CausalOrder.After,
        (false, true) => CausalOrder.Before,
        _ => CausalOrder.Concurrent,
    };

    /// <summary>The dots of both.</summary>
    public VersionVector Merge(VersionVector other)
    {
        if (Descends(other)) return this;
        if (other.Descends(this)) return other;
        var all = new DotRange[_ranges.Length + other._ranges.Length];
        int i = 0, j = 0;
        for (var k = 0; k < all.Length; k++)
        {
            var mine = j == other._ranges.Length
                || (i < _ranges.Length && Compare(_ranges[i], other._ranges[j]) <= 0);
            all[k] = mine ? _ranges[i++] : other._ranges[j++];
        }

        return new VersionVector(Coalesce(all));
    }

    /// <summary>These dots and the ones of <paramref name="range"/>.</summary>
    public VersionVector With(DotRange range)
    {
        // Nearly always it goes on where a range of its replica ends.
        for (var i = 0; i < _ranges.Length; i++)
        {
            ref readonly var mine = ref _ranges[i];
            if (mine.Replica != range.Replica || range.First < mine.First || IsApart(mine, range)) continue;
            if (range.Last <= mine.Last) return this;
            if (i + 1 < _ranges.Length && _ranges[i + 1].Replica == range.Replica && !IsApart(range, _ranges[i + 1])) break;
            var ranges = _ranges.AsSpan().ToArray();
            ranges[i] = mine with { Last = range.Last };
            return new VersionVector(ranges);
        }

        return Merge(new VersionVector([range]));
    }

    /// <summary>The highest counter of <paramref name="replica"/> here; 0 when it has none.</summary>
    public ulong LastOf(ReplicaId replica)
    {
        for (var i = _ranges.Length - 1; i >= 0; i--)
            if (_ranges[i].Replica == replica) return _ranges[i].Last;
        return 0;
    }

    /// <inheritdoc/>
    public bool Equals(VersionVector? other) =>
        ReferenceEquals(this, other) || (other is not null && Ranges.SequenceEqual(other.Ranges));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VersionVector);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = 17UL;
        foreach (var range in _ranges)
            hash = (hash * 31) ^ (ulong)range.Replica.Node.GetHashCode() ^ range.Replica.Generation ^ (range.Last * 7);
        return (int)(hash ^ (hash >> 32));
    }

    /// <inheritdoc/>
    public override string ToString() =>
        new StringBuilder("{").AppendJoin(", ", _ranges).Append('}').ToString();

    private static int Compare(in DotRange x, in DotRange y)
    {
        var byReplica = x.Replica.CompareTo(y.Replica);
        return byReplica != 0 ? byReplica : x.First.CompareTo(y.First);
    }

    private static bool Precedes(in DotRange x, in DotRange y)
    {
        var byReplica = x.Replica.CompareTo(y.Replica);
        return byReplica < 0 || (byReplica == 0 && x.Last < y.First);
    }

    // Written so that a Last of ulong.MaxValue, which only a forger sends, cannot wrap.
    private static bool IsApart(in DotRange x, in DotRange y) => y.First > x.Last && y.First - x.Last > 1;

    private static DotRange[] Coalesce(DotRange[] sorted)
    {
        var last = 0;
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[last].Replica == sorted[i].Replica && !IsApart(sorted[last], sorted[i]))
                sorted[last] = sorted[last] with { Last = Math.Max(sorted[last].Last, sorted[i].Last) };
            else
                sorted[++last] = sorted[i];
        }

        return last + 1 == sorted.Length ? sorted : MemoryMarshal.CreateSpan(ref sorted[0], last + 1).ToArray();
    }
}
