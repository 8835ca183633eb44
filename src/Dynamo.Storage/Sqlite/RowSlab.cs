using System.Numerics;
using System.Runtime.InteropServices;
using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>Rows one behind the other in one array of bytes, found by their keys. It grows until it is full, and is then emptied as a whole.</summary>
/// <remarks>
/// <code>
///   buckets:  [.., place + 1, ..]      by the hash's lowest bits; 0 for none
///   bytes:    head, bucket, key, body, room | head, ...
///              head.Next: place + 1 of the next row of the same bucket
/// </code>
/// There is no object in it that a garbage collector would have to follow or to move: tens of thousands of rows that are replaced between two of its
/// collections would each cost it a copy, while nothing else in the process runs. Not for several threads at once.
/// </remarks>
/// <param name="capacity">How many bytes the rows may take.</param>
internal sealed class RowSlab(int capacity)
{
    // Rows begin at multiples of it, for the numbers in their heads.
    private const int Alignment = 8;

    // With fewer buckets than rows the chains get longer; a row of a small value takes about as much.
    private const int BytesPerBucket = 256;

    // Taken when there is something to keep, and kept from then on.
    private int[] _buckets = [];
    private byte[] _bytes = [];
    private int _end;

    /// <summary>What a row takes beside its key and its body.</summary>
    public static int HeadBytes { get; } = Marshal.SizeOf<Head>();

    /// <summary>Bytes of the rows that are in it.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>Whether a row would fit into an empty one.</summary>
    public bool HasRoomFor(Key key, PackedRow row) => SizeOf(key, row) <= capacity;

    /// <summary>Where a row is; -1 when it is not here. Valid until the next change.</summary>
    public int Find(uint hash, RecordRow where)
    {
        if (_buckets.Length == 0) return -1;
        for (var next = _buckets[Bucket(hash)]; next > 0; next = At(next - 1).Next)
            if (IsOf(next - 1, hash, where)) return next - 1;
        return -1;
    }

    /// <summary>A copy of the row at a place.</summary>
    public PackedRow Read(int place)
    {
        ref readonly var head = ref At(place);
        return new PackedRow(_bytes.AsSpan(BodyAt(place), head.BodyBytes).ToArray(), head.Generation, head.Floor, head.IsDeleted != 0);
    }

    /// <summary>Whether the row at a place is of nothing but tombstones, and the length of its body.</summary>
    public (bool IsDeleted, int BodyBytes) Look(int place) => (At(place).IsDeleted != 0, At(place).BodyBytes);

    /// <summary>Puts a row in, in place of the one with its key; false, and none with its key is here, when there is no room.</summary>
    public bool TryPut(uint hash, RecordRow where, PackedRow row)
    {
        var place = Find(hash, where);
        if (place >= 0 && row.Body.Length <= At(place).Room)
        {
            LiveBytes += row.Body.Length - At(place).BodyBytes;
            Write(place, row);
            return true;
        }

        if (place >= 0) Remove(hash, where);
        return TryAppend(hash, where, row);
    }

    /// <summary>Takes a row out, if it is here; what it took is free again when all is emptied.</summary>
    public void Remove(uint hash, RecordRow where)
    {
        if (_buckets.Length == 0) return;
        for (ref var next = ref _buckets[Bucket(hash)]; next > 0; next = ref At(next - 1).Next)
        {
            var place = next - 1;
            if (!IsOf(place, hash, where)) continue;
            next = At(place).Next;
            LiveBytes -= BodyAt(place) - place + At(place).BodyBytes;
            return;
        }
    }

    /// <summary>Takes all rows out.</summary>
    public void Clear()
    {
        Array.Clear(_buckets);
        (_end, LiveBytes) = (0, 0);
    }

    private static int SizeOf(Key key, PackedRow row) =>
        (HeadBytes + key.BucketUtf8.Length + key.Name.Length + row.Body.Length + Alignment - 1) / Alignment * Alignment;

    private bool TryAppend(uint hash, RecordRow where, PackedRow row)
    {
        var (place, size, key) = (_end, SizeOf(where.Key, row), where.Key);
        if (capacity - place < size) return false;
        if (_buckets.Length == 0)
        {
            _buckets = new int[(int)BitOperations.RoundUpToPowerOf2((uint)(capacity / BytesPerBucket) + 1)];
            _bytes = GC.AllocateUninitializedArray<byte>(capacity);
        }

        _end += size;
        ref var head = ref At(place);
        head = new Head
        {
            Hash = hash, Partition = where.Partition.Index, BucketBytes = (byte)key.BucketUtf8.Length, NameBytes = (ushort)key.Name.Length,
            Next = _buckets[Bucket(hash)],
        };
        _buckets[Bucket(hash)] = place + 1;
        key.BucketUtf8.CopyTo(_bytes.AsSpan(place + HeadBytes));
        key.Name.CopyTo(_bytes.AsSpan(place + HeadBytes + head.BucketBytes));
        var body = BodyAt(place);
        head.Room = _end - body;
        LiveBytes += body - place + row.Body.Length;
        Write(place, row);
        return true;
    }

    private void Write(int place, PackedRow row)
    {
        ref var head = ref At(place);
        (head.Generation, head.Floor, head.BodyBytes, head.IsDeleted) = (row.Generation, row.Floor, row.Body.Length, (byte)(row.IsDeleted ? 1 : 0));
        row.Body.CopyTo(_bytes.AsSpan(BodyAt(place)));
    }

    private bool IsOf(int place, uint hash, RecordRow where)
    {
        ref readonly var head = ref At(place);
        if (head.Hash != hash || head.Partition != where.Partition.Index) return false;
        var key = _bytes.AsSpan(place + HeadBytes, head.BucketBytes + head.NameBytes);
        return key[..head.BucketBytes].SequenceEqual(where.Key.BucketUtf8) && key[head.BucketBytes..].SequenceEqual(where.Key.Name);
    }

    private uint Bucket(uint hash) => hash & (uint)(_buckets.Length - 1);

    private ref Head At(int place) => ref MemoryMarshal.AsRef<Head>(_bytes.AsSpan(place));

    private int BodyAt(int place) => place + HeadBytes + At(place).BucketBytes + At(place).NameBytes;

    /// <summary>What stands before a row's key.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Head
    {
        public ulong Generation, Floor;
        public uint Hash;
        public int Partition, Next, BodyBytes, Room;
        public ushort NameBytes;
        public byte BucketBytes, IsDeleted;
    }
}
