using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dynamo.Core;

/// <summary>SipHash-2-4: a keyed 64-bit checksum of short inputs.</summary>
/// <remarks>
/// Who does not know the key cannot make a checksum that fits, and it costs a tenth of an HMAC.
/// Source: Aumasson and Bernstein, SipHash: a fast short-input PRF (INDOCRYPT 2012).
/// </remarks>
/// <param name="Key0">The key's first eight bytes, read little-endian.</param>
/// <param name="Key1">Its last eight.</param>
internal readonly record struct SipHash(ulong Key0, ulong Key1)
{
    /// <summary>The checksum of <paramref name="input"/>.</summary>
    public ulong Of(ReadOnlySpan<byte> input)
    {
        var v0 = Key0 ^ 0x736f6d6570736575;
        var v1 = Key1 ^ 0x646f72616e646f6d;
        var v2 = Key0 ^ 0x6c7967656e657261;
        var v3 = Key1 ^ 0x7465646279746573;
        var last = (ulong)input.Length << 56;
        for (; input.Length >= 8; input = input[8..])
            Mix(BinaryPrimitives.ReadUInt64LittleEndian(input), ref v0, ref v1, ref v2, ref v3);
        for (var i = 0; i < input.Length; i++) last |= (ulong)input[i] << (8 * i);
        Mix(last, ref v0, ref v1, ref v2, ref v3);
        v2 ^= 0xff;
        for (var i = 0; i < 4; i++) Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ulong word, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v2 += v3;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
