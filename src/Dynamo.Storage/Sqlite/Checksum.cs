using System.Buffers.Binary;
using System.Numerics;

namespace Dynamo.Storage;

/// <summary>CRC-32C over the parts of a row, its key among them, so that a row under another's key fails too.</summary>
/// <remarks>
/// The processor computes it (SSE 4.2, ARMv8): a 1 MiB value takes about a tenth of a millisecond, a small one nothing
/// to speak of. Parts of variable length are preceded by it, so that bytes cannot move between neighbours unseen.
/// </remarks>
internal struct Checksum()
{
    private uint _crc = uint.MaxValue;

    /// <summary>The checksum of all parts so far.</summary>
    public readonly long Value => ~_crc;

    public void Add(ulong number) => _crc = BitOperations.Crc32C(_crc, number);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        var crc = BitOperations.Crc32C(_crc, (uint)bytes.Length);
        for (; bytes.Length >= 8; bytes = bytes[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        _crc = crc;
    }
}
