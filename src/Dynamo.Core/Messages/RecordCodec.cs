using System.Collections.Immutable;
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
/// text follows", k says "the k-th node mentioned". Formats change by a version byte of whoever embeds them.
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
        var nodes = default(NodeTable);
        var clock = ReadVector(ref from, ref nodes);
        var siblings = ReadSiblings(ref from, ref nodes);
        if (from.Failed) return Record.Empty;
        if (Record.TryCreate(clock, siblings, out var record)) return record;
        from.Fail("A record's siblings are out of order or not covered by its clock.");
        return Record.Empty;
    }

    /// <summary>Reads siblings without a clock; their order is the writer's.</summary>
    public static ImmutableArray<Sibling> ReadSiblings(ref WireReader from)
    {
        var nodes = default(NodeTable);
        return ReadSiblings(ref from, ref nodes);
    }

    /// <summary>Reads a value.</summary>
    public static Value ReadValue(ref WireReader from)
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
            Body = from.Bytes(MaxBodyBytes).ToArray(),
        };
    }

    /// <summary>A record as bytes of its own.</summary>
    public static byte[] ToBytes(Record record)
    {
        var writer = new WireWriter();
        Write(writer, record);
        return writer.ToArray();
    }

    /// <summary>A record out of bytes of its own; false when they are not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Record record)
    {
        var reader = new WireReader(bytes);
        record = ReadRecord(ref reader);
        reader.End();
        return !reader.Failed;
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

    private static ImmutableArray<Sibling> ReadSiblings(ref WireReader from, ref NodeTable nodes)
    {
        var count = from.Count(MaxSiblings);
        if (count == 0 || !from.HasRoomFor(count, MinSiblingBytes)) return [];
        var siblings = new Sibling[count];
        for (var i = 0; i < count; i++)
        {
            var replica = new ReplicaId(nodes.Read(ref from), from.Fixed64());
            var dot = new Dot(replica, from.Number());
            var timestamp = from.Signed();
            siblings[i] = new Sibling(dot, timestamp, from.Bool() ? ReadValue(ref from) : null);
        }

        return from.Failed ? [] : ImmutableCollectionsMarshal.AsImmutableArray(siblings);
    }
}
