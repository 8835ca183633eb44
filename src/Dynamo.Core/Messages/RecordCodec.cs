using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dynamo.Core;

/// <summary>The binary form of version vectors, siblings and records, the same on the wire and on disk.</summary>
/// <remarks>
/// <code>
///   vector:  count, then per range: node (text), generation (8 bytes), first, last - first
///   sibling: node, generation, counter, timestamp, 1 = value | 0 = tombstone,
///            then content type, content encoding, metadata count, (name, text)*, body
///   record:  vector, sibling count, sibling*
/// </code>
/// A node is written in full at its first mention in a record and as a back reference afterwards: 0 says "a new
/// text follows", k says "the k-th node mentioned". Formats change by a version byte of whoever embeds them; a record keeps
/// the bytes it was read from and goes on as them, so whoever reads an earlier form must not leave them with it.
/// </remarks>
public static class RecordCodec
{
    /// <summary>The most ranges a vector may have, siblings a record, and bytes a body: the outermost bounds.</summary>
    public const int MaxRanges = 4096, MaxSiblings = 4096, MaxBodyBytes = 16 << 20;

    // The fewest bytes a range and a sibling can have: a back reference, 8 bytes and one for each number or flag.
    private const int MinRangeBytes = 11, MinSiblingBytes = 12;

    /// <summary>Appends a version vector.</summary>
    public static void Write(WireWriter to, VersionVector vector)
    {
        var nodes = default(NodeTable);
        Write(to, vector, ref nodes);
    }

    /// <summary>Appends a record.</summary>
    public static void Write(WireWriter to, Record record)
    {
        if (record.Bytes is { } bytes)
        {
            to.Raw(bytes);
            return;
        }

        var nodes = default(NodeTable);
        Write(to, record.Clock, ref nodes);
        Write(to, record.Siblings, ref nodes);
    }

    /// <summary>Appends siblings without a clock, in the order given.</summary>
    public static void Write(WireWriter to, ImmutableArray<Sibling> siblings)
    {
        var nodes = default(NodeTable);
        Write(to, siblings, ref nodes);
    }

    /// <summary>Appends a value.</summary>
    public static void Write(WireWriter to, Value value)
    {
        to.Text(value.ContentType);
        to.Text(value.ContentEncoding);
        to.Count(value.Metadata.Count);
        foreach (var (name, text) in value.Metadata)
        {
            to.Text(name);
            to.Text(text);
        }

        to.Bytes(value.Body.Span);
    }

    /// <summary>Reads a version vector; the reader fails when it is not one in normal form.</summary>
    public static VersionVector ReadVector(ref WireReader from)
    {
        var nodes = default(NodeTable);
        return ReadVector(ref from, ref nodes);
    }

    /// <summary>Reads a record; the reader fails when it is not a sound one.</summary>
    public static Record ReadRecord(ref WireReader from)
    {
        var rest = from.Rest;
        Skip(ref from);
        if (from.Failed) return Record.Empty;
        var bytes = rest[..^from.Remaining].ToArray();
        if (TryRead(bytes, out var record, out var error)) return record;
        from.Fail(error);
        return Record.Empty;
    }

    /// <summary>Reads siblings without a clock; their order is the writer's.</summary>
    public static ImmutableArray<Sibling> ReadSiblings(ref WireReader from)
    {
        var nodes = default(NodeTable);
        return ReadSiblings(ref from, ref nodes, null);
    }

    /// <summary>Reads a value.</summary>
    public static Value ReadValue(ref WireReader from) => ReadValue(ref from, null);

    private static Value ReadValue(ref WireReader from, byte[]? source)
    {
        var contentType = from.Name(Value.MaxContentTypeLength * 3)?.Text ?? "";
        var contentEncoding = from.Name(Value.MaxContentTypeLength * 3)?.Text ?? "";
        var count = from.Count(Value.MaxMetadataEntries);
        var metadata = Value.NoMetadata;
        if (count > 0)
        {
            var builder = metadata.ToBuilder();
            for (var i = 0; i < count && !from.Failed; i++)
                builder[from.Text(Value.MaxMetadataBytes)] = from.Text(Value.MaxMetadataBytes);
            metadata = builder.ToImmutable();
        }

        return new Value
        {
            ContentType = contentType,
            ContentEncoding = contentEncoding,
            Metadata = metadata,
            Body = ReadBody(ref from, source),
        };
    }

    // Where the bytes are kept anyway, the body is a part of them.
    private static ReadOnlyMemory<byte> ReadBody(ref WireReader from, byte[]? source)
    {
        var body = from.Bytes(MaxBodyBytes);
        return source is null ? body.ToArray() : source.AsMemory(from.Position - body.Length, body.Length);
    }

    /// <summary>A record as bytes of its own, which it keeps and nobody may change.</summary>
    /// <param name="record">The record.</param>
    /// <param name="scratch">Emptied and written to, when it has no bytes yet; null for a new one.</param>
    public static byte[] ToBytes(Record record, WireWriter? scratch = null)
    {
        if (record.Bytes is { } kept) return kept;
        scratch ??= new WireWriter();
        scratch.Clear();
        Write(scratch, record);
        return record.Bytes = scratch.ToArray();
    }

    /// <summary>The record of bytes that <see cref="ToBytes"/> has made, or that <see cref="TryRead(byte[], out Record)"/> has read; they are not looked at now.</summary>
    public static Record OfBytes(byte[] bytes) => Record.OfBytes(bytes);

    /// <summary>
    /// A number for what a record knows and keeps, out of its bytes: of its clock and its siblings' dots, which name their values. Records with
    /// the same number have the same versions, but for one chance in 2^64; the same versions have the same number when one program wrote both.
    /// </summary>
    /// <remarks>Values are left out, so nothing in it is of a client's choice. Unlike <see cref="VersionsHash"/> it does not have the record read.</remarks>
    public static ulong DigestOf(Record record)
    {
        var bytes = ToBytes(record);
        var from = new WireReader(bytes);
        SkipRanges(ref from);
        var hash = Hash(bytes.AsSpan(0, from.Position), 0);
        for (var siblings = from.Count(MaxSiblings); siblings > 0 && !from.Failed; siblings--)
        {
            var begin = from.Position;
            SkipDot(ref from);
            hash = Hash(bytes.AsSpan(begin, from.Position - begin), hash);
            SkipRest(ref from);
        }

        return hash;
    }

    /// <summary>A record out of bytes of its own, which it keeps; false when they are not one.</summary>
    public static bool TryRead(byte[] bytes, out Record record) => TryRead(bytes, out record, out _);

    private static bool TryRead(byte[] bytes, out Record record, out string error)
    {
        var reader = new WireReader(bytes);
        record = Record.Empty;
        Read(ref reader, bytes, out var clock, out var siblings);
        reader.End();
        error = reader.Error ?? "";
        if (reader.Failed) return false;
        if (Record.TryCreate(clock, siblings, bytes, out record)) return true;
        error = "A record's siblings are out of order or not covered by its clock.";
        record = Record.Empty;
        return false;
    }

    /// <summary>The parts of bytes that are known to be a record's.</summary>
    internal static void ReadParts(byte[] bytes, out VersionVector clock, out ImmutableArray<Sibling> siblings)
    {
        var reader = new WireReader(bytes);
        Read(ref reader, bytes, out clock, out siblings);
        if (reader.Failed) throw new UnreachableException($"A record that was kept cannot be read: {reader.Error}");
    }

    /// <summary>Whether bytes that are known to be a record's are those of one that knows nothing.</summary>
    internal static bool IsOfNothing(byte[]? bytes) => new WireReader(bytes).Number() == 0;

    private static void Read(ref WireReader from, byte[] source, out VersionVector clock, out ImmutableArray<Sibling> siblings)
    {
        var nodes = default(NodeTable);
        clock = ReadVector(ref from, ref nodes);
        siblings = ReadSiblings(ref from, ref nodes, source);
    }

    // Over a record, without a look at what is in it: only its lengths and counts.
    private static void Skip(ref WireReader from)
    {
        SkipRanges(ref from);
        for (var siblings = from.Count(MaxSiblings); siblings > 0 && !from.Failed; siblings--)
        {
            SkipDot(ref from);
            SkipRest(ref from);
        }
    }

    private static void SkipRanges(ref WireReader from)
    {
        for (var ranges = from.Count(MaxRanges); ranges > 0 && !from.Failed; ranges--)
        {
            SkipNode(ref from);
            from.Fixed64();
            from.Number();
            from.Number();
        }
    }

    private static void SkipDot(ref WireReader from)
    {
        SkipNode(ref from);
        from.Fixed64();
        from.Number();
    }

    // A sibling's timestamp and value, behind its dot.
    private static void SkipRest(ref WireReader from)
    {
        from.Number();
        if (from.Bool()) SkipValue(ref from);
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes, ulong hash)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..]) hash = VersionsHash.Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        var last = (ulong)bytes.Length << 56;
        for (var i = 0; i < bytes.Length; i++) last |= (ulong)bytes[i] << (8 * i);
        return VersionsHash.Mix(hash ^ last);
    }

    private static void SkipNode(ref WireReader from)
    {
        if (from.Number() == 0) from.Bytes(NodeId.MaxLength);
    }

    private static void SkipValue(ref WireReader from)
    {
        from.Bytes(Value.MaxContentTypeLength * 3);
        from.Bytes(Value.MaxContentTypeLength * 3);
        for (var texts = 2 * from.Count(Value.MaxMetadataEntries); texts > 0 && !from.Failed; texts--) from.Bytes(Value.MaxMetadataBytes);
        from.Bytes(MaxBodyBytes);
    }

    private static void Write(WireWriter to, VersionVector vector, ref NodeTable nodes)
    {
        to.Count(vector.Ranges.Length);
        foreach (ref readonly var range in vector.Ranges)
        {
            nodes.Write(to, range.Replica.Node);
            to.Fixed64(range.Replica.Generation);
            to.Number(range.First);
            to.Number(range.Last - range.First);
        }
    }

    private static VersionVector ReadVector(ref WireReader from, ref NodeTable nodes)
    {
        var count = from.Count(MaxRanges);
        if (count == 0 || !from.HasRoomFor(count, MinRangeBytes)) return VersionVector.Empty;
        var ranges = new DotRange[count];
        for (var i = 0; i < count; i++)
        {
            var replica = new ReplicaId(nodes.Read(ref from), from.Fixed64());
            var first = from.Number();
            ranges[i] = new DotRange(replica, first, unchecked(first + from.Number()));
        }

        if (from.Failed) return VersionVector.Empty;
        if (VersionVector.TryFromSorted(ranges, out var vector)) return vector;
        from.Fail("A version vector's ranges are out of order or overlap.");
        return VersionVector.Empty;
    }

    private static void Write(WireWriter to, ImmutableArray<Sibling> siblings, ref NodeTable nodes)
    {
        to.Count(siblings.Length);
        foreach (var sibling in siblings)
        {
            nodes.Write(to, sibling.Dot.Replica.Node);
            to.Fixed64(sibling.Dot.Replica.Generation);
            to.Number(sibling.Dot.Counter);
            to.Signed(sibling.Timestamp);
            to.Bool(!sibling.IsTombstone);
            if (sibling.Value is not null) Write(to, sibling.Value);
        }
    }

    private static ImmutableArray<Sibling> ReadSiblings(ref WireReader from, ref NodeTable nodes, byte[]? source)
    {
        var count = from.Count(MaxSiblings);
        if (count == 0 || !from.HasRoomFor(count, MinSiblingBytes)) return [];
        var siblings = new Sibling[count];
        for (var i = 0; i < count; i++)
        {
            var replica = new ReplicaId(nodes.Read(ref from), from.Fixed64());
            var dot = new Dot(replica, from.Number());
            var timestamp = from.Signed();
            siblings[i] = new Sibling(dot, timestamp, from.Bool() ? ReadValue(ref from, source) : null);
        }

        return from.Failed ? [] : ImmutableCollectionsMarshal.AsImmutableArray(siblings);
    }
}
