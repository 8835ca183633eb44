using System.Buffers.Binary;
using System.Text;

namespace Dynamo.Core;

/// <summary>Appends primitive values to a growing array; the one writer behind wire, disk and context formats.</summary>
/// <remarks>
/// Numbers are unsigned LEB128 (7 bits a byte, low first) unless the method says otherwise; bytes and text carry their length in
/// front. Single-threaded; reuse one per sender with <see cref="Clear"/>.
/// </remarks>
public sealed class WireWriter
{
    private byte[] _buffer;
    private int _length;

    /// <summary>A writer with room for <paramref name="capacity"/> bytes before it grows.</summary>
    public WireWriter(int capacity = 256) => _buffer = new byte[capacity];

    /// <summary>What was written; valid until the next call that writes.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Bytes written.</summary>
    public int Length => _length;

    /// <summary>Forgets everything written.</summary>
    public void Clear() => _length = 0;

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => Written.ToArray();

    public void Byte(byte value)
    {
        Reserve(1);
        _buffer[_length++] = value;
    }

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Number(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _buffer[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[_length++] = (byte)value;
    }

    /// <summary>A count or another number that is never negative.</summary>
    public void Count(int value) => Number((ulong)value);

    /// <summary>A signed number, zigzag-coded so that small ones of either sign are short.</summary>
    public void Signed(long value) => Number((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Eight bytes, big-endian: for values without small numbers, such as hashes.</summary>
    public void Fixed64(ulong value)
    {
        Reserve(8);
        BinaryPrimitives.WriteUInt64BigEndian(_buffer.AsSpan(_length), value);
        _length += 8;
    }

    /// <summary>Length, then the bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Count(value.Length);
        Raw(value);
    }

    /// <summary>The bytes alone.</summary>
    public void Raw(ReadOnlySpan<byte> value)
    {
        Reserve(value.Length);
        value.CopyTo(_buffer.AsSpan(_length));
        _length += value.Length;
    }

    /// <summary>Length in bytes, then UTF-8.</summary>
    public void Text(string value)
    {
        // Nearly every text is ASCII of fewer than 128 bytes: write it once and fill its length in.
        Reserve(value.Length * 3 + 10);
        if (value.Length <= 42)
        {
            var bytes = Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_length + 1));
            _buffer[_length] = (byte)bytes;
            _length += 1 + bytes;
            return;
        }

        Count(Encoding.UTF8.GetByteCount(value));
        _length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_length));
    }

    private void Reserve(int more)
    {
        if (_length + more <= _buffer.Length) return;
        Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + more));
    }
}
