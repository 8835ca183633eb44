using System.Buffers.Binary;

namespace Dynamo.Client;

/// <summary>Takes frames out of the bytes of a connection, however these were cut on their way. Not thread-safe.</summary>
/// <remarks>
/// <code>
///   | length, 4 bytes, little-endian | payload | length | payload ...
/// </code>
/// </remarks>
/// <param name="mostBytes">The longest payload.</param>
internal sealed class FrameReader(int mostBytes)
{
    /// <summary>Bytes of the length before each frame.</summary>
    public const int HeadBytes = 4;

    private const int LeastRoom = 16 * 1024;
    private byte[] _buffer = new byte[64 * 1024];
    private int _from;
    private int _to;

    /// <summary>Room for what comes next; call it before each reading.</summary>
    public Memory<byte> Room()
    {
        if (_from == _to) _from = _to = 0;
        if (_buffer.Length - _to >= LeastRoom) return _buffer.AsMemory(_to);
        // What is left of a frame moves to the front, and to a larger place when that frame asks for one.
        var left = _to - _from;
        var needed = Math.Max(_buffer.Length, (left >= HeadBytes ? HeadBytes + Length() : 0) + LeastRoom);
        var buffer = needed > _buffer.Length ? new byte[needed] : _buffer;
        _buffer.AsSpan(_from, left).CopyTo(buffer);
        (_buffer, _from, _to) = (buffer, 0, left);
        return _buffer.AsMemory(_to);
    }

    /// <summary>So many bytes were read into the room.</summary>
    public void Advance(int bytes) => _to += bytes;

    /// <summary>The next whole frame; it stays until the next call of <see cref="Room"/>.</summary>
    /// <exception cref="InvalidDataException">A frame is longer than any may be.</exception>
    public bool TryRead(out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (_to - _from < HeadBytes) return false;
        var length = Length();
        if (_to - _from - HeadBytes < length) return false;
        payload = _buffer.AsSpan(_from + HeadBytes, length);
        _from += HeadBytes + length;
        return true;
    }

    private int Length()
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(_from));
        return length >= 0 && length <= mostBytes
            ? length
            : throw new InvalidDataException($"A frame of {unchecked((uint)length)} bytes has come; at most {mostBytes} are allowed.");
    }
}
