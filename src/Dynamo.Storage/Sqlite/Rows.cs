using System.Text;
using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>Between rows and values: checksums, and reading what nobody vouches for.</summary>
internal static class Rows
{
    public static long SumOfRecord(
        PartitionId partition, ReadOnlySpan<byte> bucket, ReadOnlySpan<byte> name, bool deleted,
        ulong generation, ulong floor, ReadOnlySpan<byte> body)
    {
        var sum = new Checksum();
        sum.Add((ulong)partition.Index << 1 | (deleted ? 1UL : 0));
        sum.Add(bucket);
        sum.Add(name);
        sum.Add(generation);
        sum.Add(floor);
        sum.Add(body);
        return sum.Value;
    }

    public static long SumOfHint(
        NodeId owner, PartitionId partition, ReadOnlySpan<byte> bucket, ReadOnlySpan<byte> name, ulong stamp,
        ulong generation, ulong floor, ReadOnlySpan<byte> body)
    {
        var sum = new Checksum();
        sum.Add(Encoding.UTF8.GetBytes(owner.Name));
        sum.Add((ulong)partition.Index);
        sum.Add(bucket);
        sum.Add(name);
        sum.Add(stamp);
        sum.Add(generation);
        sum.Add(floor);
        sum.Add(body);
        return sum.Value;
    }

    private const ulong SealMark = 0x5EA1;

    public static long SumOfLease(PartitionId partition, GenerationLease lease)
    {
        var sum = new Checksum();
        sum.Add((ulong)partition.Index);
        sum.Add(lease.Generation);
        sum.Add(lease.LeasedUpTo);
        // The seal is in the checksum alone: rows look as they did before there were seals.
        if (lease.IsSealed) sum.Add(SealMark);
        return sum.Value;
    }

    public static long SumOfCell(string name, ReadOnlySpan<byte> bytes)
    {
        var sum = new Checksum();
        sum.Add(Encoding.UTF8.GetBytes(name));
        sum.Add(bytes);
        return sum.Value;
    }

    /// <summary>A key out of two columns; false when they are none, which only damage brings about.</summary>
    public static bool TryReadKey(ReadOnlySpan<byte> bucket, ReadOnlySpan<byte> name, out Key key) =>
        Key.TryCreate(Encoding.UTF8.GetString(bucket), name, out key, out _);

    /// <summary>Reads columns deleted, sum, generation, floor, body, which begin at <paramref name="first"/>.</summary>
    public static bool TryReadRecord(
        Statement row, int first, PartitionId partition, Key key, out StoredRecord stored)
    {
        stored = null!;
        var generation = row.Unsigned(first + 2);
        var floor = row.Unsigned(first + 3);
        var body = row.Bytes(first + 4);
        var sum = SumOfRecord(partition, key.BucketUtf8, key.Name, row.Number(first) != 0, generation, floor, body);
        if (sum != row.Number(first + 1) || !RecordCodec.TryRead(body.ToArray(), out var record)) return false;
        stored = new StoredRecord(record, generation, floor);
        return true;
    }

    /// <summary>
    /// Reads columns stamp, p, sum, generation, floor, body, which begin at <paramref name="first"/>.
    /// </summary>
    public static bool TryReadHint(Statement row, int first, NodeId owner, Key key, out Hint hint)
    {
        hint = null!;
        var stamp = row.Unsigned(first);
        var partition = new PartitionId(unchecked((int)row.Number(first + 1)));
        var generation = row.Unsigned(first + 3);
        var floor = row.Unsigned(first + 4);
        var body = row.Bytes(first + 5);
        var sum = SumOfHint(owner, partition, key.BucketUtf8, key.Name, stamp, generation, floor, body);
        if (sum != row.Number(first + 2) || !RecordCodec.TryRead(body.ToArray(), out var record)) return false;
        hint = new Hint(owner, partition, key, new StoredRecord(record, generation, floor), stamp);
        return true;
    }
}
