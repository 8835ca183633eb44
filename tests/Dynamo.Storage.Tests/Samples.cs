using System.Text;
using Dynamo.Core;
using Record = Dynamo.Core.Record;

namespace Dynamo.Storage.Tests;

/// <summary>Small values to store.</summary>
internal static class Samples
{
    public static readonly NodeId Ann = new("ann"), Bob = new("bob"), Cid = new("cid");
    public static readonly PartitionId P0 = new(0), P1 = new(1), P7 = new(7);

    private static readonly ReplicaId Writer = new(new NodeId("writer"), 0xABCD);

    public static Key KeyOf(int i, string bucket = "b") => Key.Of(bucket, $"k{i:d4}");

    /// <summary>A record with one value, or one tombstone when the text is null.</summary>
    public static StoredRecord Stored(ulong counter, string? text = "v", ulong floor = 0)
    {
        var dot = new Dot(Writer, counter);
        var value = text is null ? null : new Value { Body = Encoding.UTF8.GetBytes(text), ContentType = "text/plain" };
        return Stored(new Sibling(dot, (long)counter, value), floor);
    }

    public static StoredRecord StoredBytes(ulong counter, byte[] body) =>
        Stored(new Sibling(new Dot(Writer, counter), 1, new Value { Body = body }), 0);

    public static Hint HintOf(NodeId owner, Key key, ulong stamp) => new(owner, P0, key, Stored(stamp + 1), stamp);

    public static string? TextOf(StoreRead read) =>
        read.Stored?.Record.Siblings[0].Value is { } value ? Encoding.UTF8.GetString(value.Body.Span) : null;

    private static StoredRecord Stored(Sibling sibling, ulong floor)
    {
        var claim = new DotRange(sibling.Dot.Replica, sibling.Dot.Counter, sibling.Dot.Counter);
        return new StoredRecord(Record.Empty.Put(VersionVector.Empty, sibling, claim), 0xFEDC_BA98_7654_3210, floor);
    }
}
