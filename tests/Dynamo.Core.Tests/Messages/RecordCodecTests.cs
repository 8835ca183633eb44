using Xunit.Abstractions;

namespace Dynamo.Core.Tests;

public class RecordCodecTests(ITestOutputHelper output)
{
    private static readonly ReplicaId A = new(new NodeId("a"), 1);

    [Fact]
    public void Records_come_back_as_they_were()
    {
        var random = new Prng(5);
        int tombstones = 0, manyNodes = 0, empty = 0;
        for (var i = 0; i < 2000; i++)
        {
            var record = Any.Record(random);
            Assert.True(RecordCodec.TryRead(RecordCodec.ToBytes(record), out var read));
            Assert.Equal(record, read);
            Assert.Equal(Dump.Of(record), Dump.Of(read));
            if (record.Siblings.Any(static s => s.IsTombstone)) tombstones++;
            if (record.Clock.Ranges.Length > 8) manyNodes++;
            if (record.Clock.IsEmpty) empty++;
        }

        output.WriteLine($"{tombstones} with tombstones, {manyNodes} with more than 8 ranges, {empty} empty.");
        Assert.True(tombstones > 100 && manyNodes > 100 && empty > 10);
    }

    [Fact]
    public void A_record_that_came_as_bytes_goes_on_as_them_and_is_read_when_needed()
    {
        var random = new Prng(6);
        int several = 0, empty = 0;
        for (var i = 0; i < 2000; i++)
        {
            var record = Any.Record(random);
            var bytes = RecordCodec.ToBytes(record);
            Assert.Same(bytes, RecordCodec.ToBytes(record));
            var message = new WireWriter();
            message.Byte(7);
            RecordCodec.Write(message, record);
            message.Byte(9);
            var reader = new WireReader(message.Written);
            Assert.Equal(7, reader.Byte());
            var read = RecordCodec.ReadRecord(ref reader);
            Assert.Equal(9, reader.Byte());
            reader.End();
            Assert.False(reader.Failed);
            Assert.Equal(bytes, RecordCodec.ToBytes(read));

            var later = RecordCodec.OfBytes(bytes);
            Assert.Equal(record.Clock.IsEmpty, later.IsEmpty);
            Assert.True(later.HasSameVersions(RecordCodec.OfBytes([.. bytes])));
            Assert.Same(later, later.Merge(RecordCodec.OfBytes([.. bytes])));
            Assert.Equal(Dump.Of(record), Dump.Of(later));
            if (record.Siblings.Length > 1) several++;
            if (record.Clock.IsEmpty) empty++;
        }

        output.WriteLine($"{several} with several siblings, {empty} empty.");
        Assert.True(several > 100 && empty > 10);
    }

    [Fact]
    public void Values_of_a_record_out_of_a_message_outlive_the_message()
    {
        var dot = new Dot(A, 1);
        Assert.True(Record.TryCreate(
            VersionVector.Of(DotRange.Of(dot)), [new Sibling(dot, 1, new Value { Body = "carts"u8.ToArray() })], out var record));
        var frame = RecordCodec.ToBytes(record).ToArray();
        var reader = new WireReader(frame);
        var read = RecordCodec.ReadRecord(ref reader);
        Array.Clear(frame);
        Assert.Equal(record, read);
    }

    [Fact]
    public void A_record_may_name_more_nodes_than_the_table_holds_in_place()
    {
        var ranges = Enumerable.Range(1, 40).Select(i => new DotRange(new ReplicaId(new NodeId($"n{i:D2}"), 7), 1, 2));
        var clock = VersionVector.Of([.. ranges]);
        Assert.True(Record.TryCreate(
            clock, [.. ranges.Select(static r => new Sibling(new Dot(r.Replica, 2), 0, null))], out var record));
        Assert.True(RecordCodec.TryRead(RecordCodec.ToBytes(record), out var read));
        Assert.Equal(record, read);
    }

    [Theory]
    [InlineData(0UL, 0UL)] // Counters begin at 1.
    [InlineData(5UL, ulong.MaxValue)] // first + length wraps around.
    [InlineData(ulong.MaxValue, 1UL)]
    public void A_range_that_is_none_is_refused(ulong first, ulong more)
    {
        var writer = new WireWriter();
        Vector(writer, (A, first, more));
        AssertRefused(writer, "A version vector's ranges are out of order or overlap.");
    }

    [Fact]
    public void Ranges_that_touch_overlap_or_are_out_of_order_are_refused()
    {
        var b = new ReplicaId(new NodeId("b"), 1);
        (ReplicaId, ulong, ulong)[][] wrong =
        [
            [(A, 1, 1), (A, 3, 0)],
            [(A, 1, 5), (A, 3, 0)],
            [(A, 5, 0), (A, 1, 0)],
            [(b, 1, 0), (A, 1, 0)],
            [(A, 1, 0), (A, 1, 0)],
        ];
        foreach (var ranges in wrong)
        {
            var writer = new WireWriter();
            Vector(writer, ranges);
            AssertRefused(writer, "A version vector's ranges are out of order or overlap.");
        }
    }

    [Fact]
    public void The_largest_counter_is_a_counter_like_any_other()
    {
        var writer = new WireWriter();
        Vector(writer, (A, 1, 0), (A, ulong.MaxValue, 0));
        var reader = new WireReader(writer.Written);
        Assert.Equal(2, RecordCodec.ReadVector(ref reader).Ranges.Length);
        Assert.Null(reader.Error);
    }

    [Theory]
    [InlineData(4UL)] // Not covered by the clock 1..3.
    [InlineData(0UL)]
    public void A_sibling_that_the_clock_does_not_cover_is_refused(ulong counter)
    {
        var writer = new WireWriter();
        Vector(writer, (A, 1, 2));
        writer.Count(1);
        Tombstone(writer, counter);
        AssertRecordRefused(writer);
    }

    [Fact]
    public void Siblings_out_of_order_or_twice_are_refused()
    {
        foreach (var (first, second) in new[] { (2UL, 1UL), (2UL, 2UL) })
        {
            var writer = new WireWriter();
            Vector(writer, (A, 1, 2));
            writer.Count(2);
            Tombstone(writer, first);
            Tombstone(writer, second);
            AssertRecordRefused(writer);
        }
    }

    [Fact]
    public void Counts_beyond_what_was_sent_allocate_nothing()
    {
        var writer = new WireWriter();
        writer.Count(RecordCodec.MaxRanges);
        writer.Raw(new byte[100]);
        AssertRefused(writer, "The input ends too early.");
    }

    private static void Vector(WireWriter to, params (ReplicaId Replica, ulong First, ulong More)[] ranges)
    {
        to.Count(ranges.Length);
        var nodes = default(NodeTable);
        foreach (var (replica, first, more) in ranges)
        {
            nodes.Write(to, replica.Node);
            to.Fixed64(replica.Generation);
            to.Number(first);
            to.Number(more);
        }
    }

    private static void Tombstone(WireWriter to, ulong counter)
    {
        to.Count(1);
        to.Fixed64(A.Generation);
        to.Number(counter);
        to.Signed(0);
        to.Bool(false);
    }

    private static void AssertRefused(WireWriter vector, string sentence)
    {
        var reader = new WireReader(vector.Written);
        Assert.True(RecordCodec.ReadVector(ref reader).IsEmpty);
        Assert.Equal(sentence, reader.Error);
    }

    private static void AssertRecordRefused(WireWriter record)
    {
        var reader = new WireReader(record.Written);
        Assert.Equal(Record.Empty, RecordCodec.ReadRecord(ref reader));
        Assert.Equal("A record's siblings are out of order or not covered by its clock.", reader.Error);
    }
}
