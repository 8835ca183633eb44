using System.Buffers.Binary;
using System.Numerics;

namespace Dynamo.Core;

/// <summary>SipHash-2-4: a keyed checksum of 64 bits, made for short inputs.</summary>
/// <remarks>
/// Who does not have the key cannot tell what the checksum of an input is. It takes a few hundredths of a microsecond where an HMAC of the
/// platform takes one or two microseconds, most of that for setting itself up.
/// Source: Aumasson and Bernstein, SipHash: a fast short-input PRF (INDOCRYPT 2012), sections 2.1 to 2.4.
/// </remarks>
internal readonly struct SipHash
{
    /// <summary>The bytes of a key.</summary>
    public const int KeyBytes = 16;

    private readonly ulong _k0, _k1;

    /// <summary>The function under a key.</summary>
    /// <param name="key"><see cref="KeyBytes"/> bytes.</param>
    public SipHash(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyBytes) throw new ArgumentException($"A key has {KeyBytes} bytes.", nameof(key));
        _k0 = BinaryPrimitives.ReadUInt64LittleEndian(key);
        _k1 = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
    }

    /// <summary>The checksum of some bytes.</summary>
    public ulong Of(ReadOnlySpan<byte> input)
    {
        var state = new State(_k0, _k1);
        var last = (ulong)input.Length << 56;
        for (; input.Length >= 8; input = input[8..]) state.Take(BinaryPrimitives.ReadUInt64LittleEndian(input));
        for (var i = 0; i < input.Length; i++) last |= (ulong)input[i] << (8 * i);
        state.Take(last);
        return state.End();
    }

    private ref struct State(ulong k0, ulong k1)
    {
        private ulong _v0 = k0 ^ 0x736f6d6570736575, _v1 = k1 ^ 0x646f72616e646f6d;
        private ulong _v2 = k0 ^ 0x6c7967656e657261, _v3 = k1 ^ 0x7465646279746573;

        public void Take(ulong word)
        {
            _v3 ^= word;
            Round();
            Round();
            _v0 ^= word;
        }

        public ulong End()
        {
            _v2 ^= 0xff;
            for (var i = 0; i < 4; i++) Round();
            return _v0 ^ _v1 ^ _v2 ^ _v3;
        }

        private void Round()
        {
            _v0 += _v1;
            _v2 += _v3;
            _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
            _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
            _v0 = BitOperations.RotateLeft(_v0, 32);
            _v2 += _v1;
            _v0 += _v3;
            _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
            _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
            _v2 = BitOperations.RotateLeft(_v2, 32);
        }
    }
}
