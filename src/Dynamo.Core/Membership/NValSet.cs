using System.Numerics;

namespace Dynamo.Core;

/// <summary>A set of n_vals, 1 to <see cref="BucketProperties.MaxNVal"/> each: those that keys may have been written with.</summary>
/// <param name="Bits">Bit n - 1 stands for the n_val n. The default is the empty set.</param>
public readonly record struct NValSet(uint Bits)
{
    private const uint All = (1u << BucketProperties.MaxNVal) - 1;

    /// <summary>Every n_val in use when buckets have these properties: the standard one, and those that they name.</summary>
    public static NValSet Of(IReadOnlyDictionary<string, PropertyEntry> properties)
    {
        var set = Of(BucketProperties.Standard.NVal);
        foreach (var entry in properties.Values)
            if (entry.Properties is { } named) set |= Of(named.NVal);
        return set;
    }

    /// <summary>The set of one n_val.</summary>
    public static NValSet Of(int nVal) => new((1u << (nVal - 1)) & All);

    /// <summary>The n_vals, lowest first.</summary>
    public IEnumerable<int> Values
    {
        get
        {
            for (var bits = Bits; bits != 0; bits &= bits - 1) yield return BitOperations.TrailingZeroCount(bits) + 1;
        }
    }

    /// <summary>The highest n_val; 0 for none.</summary>
    public int Max => 32 - BitOperations.LeadingZeroCount(Bits);

    /// <summary>Whether every n_val of another set is in this one.</summary>
    public bool Covers(NValSet other) => (other.Bits & ~Bits) == 0;

    /// <summary>The union.</summary>
    public static NValSet operator |(NValSet left, NValSet right) => new(left.Bits | right.Bits);

    /// <summary>Appends the binary form.</summary>
    public void Write(WireWriter to) => to.Number(Bits);

    /// <summary>Reads what <see cref="Write"/> wrote; a number beyond the highest n_val fails the reader.</summary>
    public static NValSet Read(ref WireReader from)
    {
        var bits = from.Number();
        if ((bits & ~(ulong)All) != 0) from.Fail($"An n_val is beyond {BucketProperties.MaxNVal}.");
        return new NValSet((uint)bits & All);
    }
}
