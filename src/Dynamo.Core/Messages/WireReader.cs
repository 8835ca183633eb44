using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Dynamo.Core;

/// <summary>Reads what <see cref="WireWriter"/> wrote, out of bytes nobody vouches for.</summary>
/// <remarks>
/// It never throws and never reads past the end: the first thing that does not fit sets <see cref="Failed"/> with a
/// sentence, and from then on every read gives zero or empty. Check <see cref="Failed"/> once, at the end, but bound
/// loops and allocations with the counts' limits.
/// </remarks>
public ref struct WireReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    public WireReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Why reading failed, one sentence; null while all is well.</summary>
    public string? Error { get; private set; }

    /// <summary>Whether something did not fit.</summary>
    public readonly bool Failed => Error is not null;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _bytes.Length - _at;

    /// <summary>What is not read yet.</summary>
    internal readonly ReadOnlySpan<byte> Rest => _bytes[_at..];

    /// <summary>Where the next read begins.</summary>
    public readonly int Position => _at;

    public byte Byte() => Need(1) ? _bytes[_at++] : (byte)0;

    public bool Bool()
    {
        var value = Byte();
        if (value > 1) Fail("A truth value is neither 0 nor 1.");
        return value == 1;
    }

    public ulong Number()
    {
        var result = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (!Need(1)) return 0;
            var b = _bytes[_at++];
            if (shift == 63 && b > 1) break;
            result |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return result;
        }

        Fail("A number has more than 64 bits.");
        return 0;
    }

    /// <summary>A number in 0..<paramref name="max"/>.</summary>
    public int Count(int max)
    {
        var value = Number();
        if (value <= (ulong)max) return (int)value;
        Fail($"A count is {value}; at most {max} is allowed here.");
        return 0;
    }

    public long Signed()
    {
        var value = Number();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ulong Fixed64()
    {
        if (!Need(8)) return 0;
        var value = BinaryPrimitives.ReadUInt64BigEndian(_bytes[_at..]);
        _at += 8;
        return value;
    }

    /// <summary>Bytes with their length in front, at most <paramref name="max"/>.</summary>
    public ReadOnlySpan<byte> Bytes(int max) => Raw(Count(max));

    /// <summary>The next <paramref name="length"/> bytes.</summary>
    public ReadOnlySpan<byte> Raw(int length)
    {
        if (!Need(length)) return default;
        var value = _bytes.Slice(_at, length);
        _at += length;
        return value;
    }

    /// <summary>UTF-8 text with its length in front, at most <paramref name="maxBytes"/> bytes.</summary>
    public string Text(int maxBytes)
    {
        var bytes = Bytes(maxBytes);
        if (bytes.Length == 0) return "";
        if (Utf8.IsValid(bytes)) return Encoding.UTF8.GetString(bytes);
        Fail("A text is not valid UTF-8.");
        return "";
    }

    /// <summary>A text that is likely to come again, such as a bucket: it costs no new string when it does.</summary>
    internal KnownName? Name(int maxBytes)
    {
        var bytes = Bytes(maxBytes);
        if (Failed) return null;
        var name = KnownName.Of(bytes);
        if (name is null) Fail("A text is not valid UTF-8.");
        return name;
    }

    /// <summary>A node's name; <c>default</c> for an empty one.</summary>
    public NodeId Node()
    {
        var name = Name(NodeId.MaxLength);
        if (name is null || name.Text.Length == 0) return default;
        if (name.IsNode) return new NodeId(name.Text);
        Fail("A node's name is not one.");
        return default;
    }

    /// <summary>Whether so many things of at least so many bytes each can still follow; fails if not.</summary>
    /// <remarks>Asked before an array is made, so that what is allocated is in proportion to what was sent.</remarks>
    internal bool HasRoomFor(int count, int bytesEach) => Need((long)count * bytesEach);

    /// <summary>Fails unless everything was read.</summary>
    public void End()
    {
        if (Remaining > 0) Fail(Remaining == 1 ? "1 byte is left over." : $"{Remaining} bytes are left over.");
    }

    /// <summary>Marks the input as bad; only the first sentence is kept.</summary>
    public void Fail(string sentence)
    {
        Error ??= sentence;
        _at = _bytes.Length;
    }

    private bool Need(long count)
    {
        if (!Failed && count <= Remaining) return true;
        Fail("The input ends too early.");
        return false;
    }
}
