using System.Buffers.Binary;

namespace Dynamo.Core;

/// <summary>A hash of a few bytes for tables of what was met lately: quick, and good enough where a clash costs one more miss.</summary>
internal static class QuickHash
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    /// <summary>The hash; its upper bits are the better ones.</summary>
    /// <param name="bytes">What to hash.</param>
    /// <param name="before">The hash of what goes before, 0 for nothing.</param>
    public static ulong Of(ReadOnlySpan<byte> bytes, ulong before = 0)
    {
        var hash = before ^ (ulong)bytes.Length;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            hash = Fold((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * Multiplier);
        foreach (var b in bytes) hash = (hash << 8 | hash >> 56) ^ b;
        return hash * Multiplier;
    }

    // What a multiplication leaves in the upper half comes to bear on the lower one.
    private static ulong Fold(ulong product) => product ^ (product >> 32);
}
