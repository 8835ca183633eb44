using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Dynamo.Core;

// The parts that messages, requests and outcomes share. Writer and reader of a part bear the same name.
public static partial class WireCodec
{
    /// <summary>The most keys, names or buckets in one message; memory follows what was sent, not this.</summary>
    public const int MaxListed = 1 << 20;

    private const int MaxClusterIdBytes = 256;
    private const int MaxReasonLength = 1000, MaxReasonBytes = 3 * MaxReasonLength;

    // Twice what a context may have: the node answers BadContext to a token that is somewhat too long, rather
    // than drop the frame it came in.
    private const int MaxContextBytes = 2 * ContextCodec.MaxTokenBytes;

    // The fewest bytes of a key (bucket and name, each with a length), and of a bucket with its properties.
    private const int MinKeyBytes = 4, MinEntryBytes = 5;

    private static RequestId Id(ref WireReader from) => new(from.Number());

    private static void Partition(WireWriter to, PartitionId partition) => to.Count(partition.Index);

    private static PartitionId Partition(ref WireReader from) => new(from.Count(PartitionId.MaxCount - 1));

    private static void Partitions(WireWriter to, ImmutableArray<PartitionId> partitions)
    {
        to.Count(partitions.Length);
        foreach (var partition in partitions) Partition(to, partition);
    }

    private static ImmutableArray<PartitionId> Partitions(ref WireReader from)
    {
        var count = from.Count(PartitionId.MaxCount);
        if (count == 0 || !from.HasRoomFor(count, 1)) return [];
        var partitions = ImmutableArray.CreateBuilder<PartitionId>(count);
        for (var i = 0; i < count; i++) partitions.Add(Partition(ref from));
        return partitions.MoveToImmutable();
    }

    private static void Key(WireWriter to, Key key)
    {
        to.Bytes(key.BucketUtf8);
        to.Bytes(key.Name);
    }

    // The null that comes back when reading failed is never seen: whoever asked checks Failed before he uses it.
    private static Key Key(ref WireReader from)
    {
        var bucket = from.Name(Core.Key.MaxBucketBytes);
        var name = from.Bytes(Core.Key.MaxNameBytes);
        if (!from.Failed && (bucket!.Utf8.Length == 0 || name.Length == 0)) from.Fail("A bucket or key is empty.");
        return from.Failed ? null! : Core.Key.OfChecked(bucket!, name);
    }

    private static void PlacedKey(WireWriter to, Key key)
    {
        Key(to, key);
        to.Fixed64((ulong)(key.Position.Value >> 64));
        to.Fixed64((ulong)key.Position.Value);
    }

    private static Key PlacedKey(ref WireReader from)
    {
        var bucket = from.Name(Core.Key.MaxBucketBytes);
        var name = from.Bytes(Core.Key.MaxNameBytes);
        var position = new Token(new UInt128(from.Fixed64(), from.Fixed64()));
        if (!from.Failed && (bucket!.Utf8.Length == 0 || name.Length == 0)) from.Fail("A bucket or key is empty.");
        return from.Failed ? null! : Core.Key.OfPlaced(bucket!, name, position);
    }

    private static void OptionalKey(WireWriter to, Key? key)
    {
        to.Bool(key is not null);
        if (key is not null) Key(to, key);
    }

    private static Key? OptionalKey(ref WireReader from) => from.Bool() ? Key(ref from) : null;

    private static void Keys(WireWriter to, ImmutableArray<Key> keys)
    {
        to.Count(keys.Length);
        foreach (var key in keys) Key(to, key);
    }

    private static ImmutableArray<Key> Keys(ref WireReader from)
    {
        var count = from.Count(MaxListed);
        if (count == 0 || !from.HasRoomFor(count, MinKeyBytes)) return [];
        var keys = ImmutableArray.CreateBuilder<Key>(count);
        for (var i = 0; i < count && !from.Failed; i++) keys.Add(Key(ref from));
        return keys.DrainToImmutable();
    }

    private static ReadOnlyMemory<byte> Context(ref WireReader from) => from.Bytes(MaxContextBytes).ToArray();

    private static void OptionalText(WireWriter to, string? text)
    {
        to.Bool(text is not null);
        if (text is not null) to.Text(text);
    }

    private static string? OptionalBucket(ref WireReader from) =>
        from.Bool() ? from.Name(Core.Key.MaxBucketBytes)?.Text : null;

    private static TimeSpan Span(ref WireReader from) => TimeSpan.FromTicks(from.Signed());

    private static void OptionalSpan(WireWriter to, TimeSpan? span)
    {
        to.Bool(span is not null);
        if (span is { } given) to.Signed(given.Ticks);
    }

    private static TimeSpan? OptionalSpan(ref WireReader from) => from.Bool() ? Span(ref from) : null;

    // 0 not given, 1 false, 2 true.
    private static void OptionalBool(WireWriter to, bool? value) =>
        to.Byte(value switch { null => 0, false => 1, true => 2 });

    private static bool? OptionalBool(ref WireReader from)
    {
        var code = from.Byte();
        if (code > 2) from.Fail("An optional truth value is none of 0, 1 and 2.");
        return code == 0 ? null : code == 2;
    }

    private static TEnum Enum<TEnum>(ref WireReader from, TEnum last)
        where TEnum : struct, Enum
    {
        var code = from.Byte();
        if (code > Unsafe.BitCast<TEnum, int>(last)) from.Fail($"No {typeof(TEnum).Name} has the number {code}.");
        return Unsafe.BitCast<int, TEnum>(code);
    }

    // 0 default, 1 quorum, 2 all, 3 + k the number k.
    private static void Size(WireWriter to, QuorumSize size) => to.Count(
        size.Number is { } number ? 3 + number : size == QuorumSize.All ? 2 : size == QuorumSize.Quorum ? 1 : 0);

    private static QuorumSize Size(ref WireReader from) => from.Count(3 + QuorumSize.MaxNumber) switch
    {
        0 => QuorumSize.Default,
        1 => QuorumSize.Quorum,
        2 => QuorumSize.All,
        var code => QuorumSize.Of(code - 3),
    };

    private static void Properties(WireWriter to, ImmutableSortedDictionary<string, PropertyEntry> properties)
    {
        to.Count(properties.Count);
        foreach (var (bucket, entry) in properties)
        {
            to.Text(bucket);
            to.Number(entry.Lamport);
            to.Text(entry.Author.Name);
            to.Bool(entry.Properties is not null);
            if (entry.Properties is not null) Properties(to, entry.Properties);
        }
    }

    private static ImmutableSortedDictionary<string, PropertyEntry> Properties(ref WireReader from)
    {
        var count = from.Count(MaxListed);
        var properties = ImmutableSortedDictionary.CreateBuilder<string, PropertyEntry>(StringComparer.Ordinal);
        if (!from.HasRoomFor(count, MinEntryBytes)) return properties.ToImmutable();
        for (var i = 0; i < count && !from.Failed; i++)
        {
            var bucket = from.Text(Core.Key.MaxBucketBytes);
            if (bucket.Length == 0) from.Fail("A bucket with properties has no name.");
            var entry = new PropertyEntry(from.Number(), from.Node(), from.Bool() ? BucketProperties(ref from) : null);
            if (!properties.TryAdd(bucket, entry)) from.Fail("A bucket's properties come twice.");
        }

        return properties.ToImmutable();
    }

    private static void Properties(WireWriter to, BucketProperties properties)
    {
        to.Count(properties.NVal);
        Size(to, properties.R);
        Size(to, properties.W);
        Size(to, properties.PR);
        Size(to, properties.PW);
        Size(to, properties.DW);
        to.Bool(properties.NotFoundOk);
        to.Bool(properties.BasicQuorum);
        to.Bool(properties.AllowMult);
        to.Bool(properties.LastWriteWins);
    }

    private static BucketProperties BucketProperties(ref WireReader from)
    {
        var properties = new BucketProperties
        {
            NVal = from.Count(Core.BucketProperties.MaxNVal),
            R = Size(ref from),
            W = Size(ref from),
            PR = Size(ref from),
            PW = Size(ref from),
            DW = Size(ref from),
            NotFoundOk = from.Bool(),
            BasicQuorum = from.Bool(),
            AllowMult = from.Bool(),
            LastWriteWins = from.Bool(),
        };
        var wrong = properties.Check();
        if (wrong.Length > 0) from.Fail(wrong);
        return properties;
    }
}
