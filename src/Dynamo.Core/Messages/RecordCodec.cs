using System.Collections.Immutable;

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

    /// <summary>Appends a version vector.</summary>
    public static void Write(WireWriter to, VersionVector vector) => Write(to, vector, new NodeTable());

    /// <summary>Appends a record.</summary>
    public static void Write(WireWriter to, Record record)
    {
        var nodes = new NodeTable();
        Write(to, record.Clock, nodes);
        to.Count(record.Siblings.Length);
        foreach (var sibling in record.Siblings) Write(to, sibling, nodes);
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
    public static VersionVector ReadVector(ref WireReader from) => ReadVector(ref from, new NodeTable());

    /// <summary>Reads a record; the reader fails when it is not a sound one.</summary>
    public static Record ReadRecord(ref WireReader from)
    {
        var nodes = new NodeTable();
        var clock = ReadVector(ref from, nodes);
        var count = from.Count(MaxSiblings);
        var siblings = ImmutableArray.CreateBuilder<Sibling>(Math.Min(count, 16));
        for (var i = 0; i < count && !from.Failed; i++) siblings.Add(ReadSibling(ref from, nodes));
        if (from.Failed) return Record.Empty;
        if (!Record.TryCreate(clock, siblings.DrainToImmutable(), out var record))
            from.Fail("A record's siblings are out of order or not covered by its clock.");
        return record;
    }

    /// <summary>Reads a value.</summary>
    public static Value ReadValue(ref WireReader from)
    {
        var contentType = from.Text(Value.MaxContentTypeLength * 4);
        var contentEncoding = from.Text(Value.MaxContentTypeLength * 4);
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

    private static void Write(WireWriter to, VersionVector vector, NodeTable nodes)
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

    private static VersionVector ReadVector(ref WireReader from, NodeTable nodes)
    {
        var count = from.Count(MaxRanges);
        if (count == 0) return VersionVector.Empty;
        var ranges = new List<DotRange>(Math.Min(count, 16));
        for (var i = 0; i < count && !from.Failed; i++)
        {
            var replica = new ReplicaId(nodes.Read(ref from), from.Fixed64());
            var first = from.Number();
            ranges.Add(new DotRange(replica, first, unchecked(first + from.Number())));
        }

        if (from.Failed) return VersionVector.Empty;
        if (!VersionVector.TryFromSorted([.. ranges], out var vector))
            from.Fail("A version vector's ranges are out of order or overlap.");
        return vector;
    }

    private static void Write(WireWriter to, Sibling sibling, NodeTable nodes)
    {
        nodes.Write(to, sibling.Dot.Replica.Node);
        to.Fixed64(sibling.Dot.Replica.Generation);
        to.Number(sibling.Dot.Counter);
        to.Signed(sibling.Timestamp);
        to.Bool(!sibling.IsTombstone);
        if (sibling.Value is not null) Write(to, sibling.Value);
    }

    private static Sibling ReadSibling(ref WireReader from, NodeTable nodes)
    {
        var replica = new ReplicaId(nodes.Read(ref from), from.Fixed64());
        var dot = new Dot(replica, from.Number());
        var timestamp = from.Signed();
        return new Sibling(dot, timestamp, from.Bool() ? ReadValue(ref from) : null);
    }
}
