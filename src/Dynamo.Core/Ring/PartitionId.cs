using System.Numerics;

namespace Dynamo.Core;

/// <summary>One of Q equal ranges of the ring: [Index * 2^128/Q, (Index + 1) * 2^128/Q).</summary>
/// <remarks>Source: DeCandia et al., Dynamo (SOSP 2007), section 6.2, strategy 3.</remarks>
/// <param name="Index">0..Q-1, clockwise.</param>
public readonly record struct PartitionId(int Index) : IComparable<PartitionId>
{
    /// <summary>The smallest and the largest Q a cluster can be created with.</summary>
    public const int MinCount = 8, MaxCount = 65_536;

    /// <summary>The partition that holds <paramref name="token"/> when the ring has <paramref name="q"/> of them.</summary>
    /// <param name="token">A position.</param>
    /// <param name="q">Q, a power of two.</param>
    public static PartitionId Of(Token token, int q) =>
        new((int)(uint)(token.Value >> (128 - BitOperations.Log2((uint)q))));

    /// <summary>Whether <paramref name="q"/> may be a cluster's Q: a power of two, 8..65536.</summary>
    public static bool IsValidCount(int q) => q is >= MinCount and <= MaxCount && BitOperations.IsPow2(q);

    /// <inheritdoc/>
    public int CompareTo(PartitionId other) => Index.CompareTo(other.Index);

    /// <inheritdoc/>
    public override string ToString() => $"p{Index}";
}
