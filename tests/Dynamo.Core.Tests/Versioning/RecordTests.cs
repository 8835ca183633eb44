namespace Dynamo.Core.Tests;

public class RecordTests
{
    private static readonly ReplicaId A = new(new NodeId("a"), 1), B = new(new NodeId("b"), 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Two_clients_that_interleave_leave_two_siblings_not_a_pile(bool returnBody)
    {
        // A put returns what it was given and its own dot; with the body, everything that is there.
        var replica = new Writer(A);
        VersionVector[] contexts = [VersionVector.Empty, VersionVector.Empty];
        for (var i = 0; i < 200; i++)
        {
            var written = replica.Put(contexts[i % 2]);
            contexts[i % 2] = returnBody ? replica.Record.Clock : written;
            Assert.True(replica.Record.Siblings.Length <= 2);
        }

        Assert.Equal([199UL, 200UL], replica.Record.Siblings.Select(static s => s.Dot.Counter));
        Assert.Equal([new DotRange(A, 1, 200)], replica.Record.Clock.Ranges.ToArray());
    }

    [Fact]
    public void Two_clients_at_two_replicas_leave_two_siblings_and_two_entries()
    {
        Writer[] replicas = [new(A), new(B)];
        VersionVector[] contexts = [VersionVector.Empty, VersionVector.Empty];
        for (var i = 0; i < 200; i++)
        {
            contexts[i % 2] = replicas[i % 2].Put(contexts[i % 2]);
            replicas[1 - (i % 2)].Record = replicas[1 - (i % 2)].Record.Merge(replicas[i % 2].Record);
        }

        Assert.Equal(replicas[0].Record, replicas[1].Record);
        Assert.Equal([new Dot(A, 100), new Dot(B, 100)], replicas[0].Record.Siblings.Select(static s => s.Dot));
        Assert.Equal(2, replicas[0].Record.Clock.Ranges.Length);
    }

    [Fact]
    public void Metadata_does_not_grow_with_clients()
    {
        var replica = new Writer(A);
        for (var client = 0; client < 1000; client++)
        {
            replica.Put(replica.Record.Clock);
            Assert.Single(replica.Record.Siblings);
        }

        Assert.Single(replica.Record.Clock.Ranges.ToArray());
    }

    [Fact]
    public void A_blind_put_is_concurrent_with_everything()
    {
        var replica = new Writer(A);
        for (var i = 0; i < 5; i++) replica.Put(VersionVector.Empty);
        Assert.Equal(5, replica.Record.Siblings.Length);
        replica.Put(replica.Record.Clock);
        Assert.Single(replica.Record.Siblings);
    }

    [Fact]
    public void A_put_replaces_exactly_what_its_context_covers_wherever_it_arrives()
    {
        // b has not seen the version that the context names; when it arrives, it stays superseded.
        var a = new Writer(A);
        var seen = a.Put(VersionVector.Empty);
        var b = new Writer(B);
        b.Put(VersionVector.Empty);
        b.Put(seen);
        var merged = b.Record.Merge(a.Record);
        Assert.Equal([new Dot(B, 1), new Dot(B, 2)], merged.Siblings.Select(static s => s.Dot));
        Assert.Same(b.Record, merged);
    }

    [Fact]
    public void Equal_clocks_with_different_siblings_keep_only_what_both_have()
    {
        // One saw a dot superseded that the other still shows: it happens when contexts name half of a pile.
        var clock = VersionVector.Of(new DotRange(A, 1, 3));
        var x = RecordOf(clock, 1, 3);
        var y = RecordOf(clock, 2, 3);
        Assert.Equal(RecordOf(clock, 3), x.Merge(y));
        Assert.Equal(RecordOf(clock, 3), y.Merge(x));
    }

    [Fact]
    public void A_record_is_deleted_when_tombstones_stand_alone()
    {
        var clock = VersionVector.Of(new DotRange(A, 1, 2));
        Assert.False(Record.Empty.IsDeleted);
        Assert.True(RecordOf(clock, 1).IsDeleted);
        Assert.True(RecordOf(clock, 1, 2).IsDeleted);
        Assert.True(Record.TryCreate(
            clock,
            [new(new Dot(A, 1), 0, null), new(new Dot(A, 2), 0, new Value { Body = new byte[7] })],
            out var mixed));
        Assert.False(mixed.IsDeleted);
        Assert.Equal(7, mixed.BodyBytes);
        Assert.Equal(new Dot(A, 2), Assert.Single(mixed.Visible(lastWriteWins: false)).Dot);
    }

    [Fact]
    public void Latest_is_the_highest_timestamp_then_the_highest_dot()
    {
        var clock = VersionVector.Of(new DotRange(A, 1, 9), new DotRange(B, 1, 9));
        Assert.Null(Record.Empty.Latest());
        Assert.Equal(new Dot(A, 1), Latest(clock, (A, 1, 50), (A, 2, 40), (B, 9, 49)));
        Assert.Equal(new Dot(B, 1), Latest(clock, (A, 2, 50), (B, 1, 50)));
        Assert.Equal(new Dot(A, 3), Latest(clock, (A, 2, -5), (A, 3, -5)));
    }

    [Fact]
    public void What_makes_no_record_is_not_taken()
    {
        var clock = VersionVector.Of(new DotRange(A, 1, 2));
        Sibling one = new(new Dot(A, 1), 0, null), two = new(new Dot(A, 2), 0, null);
        Sibling three = new(new Dot(A, 3), 0, null);
        Assert.True(Record.TryCreate(clock, [one, two], out _));
        Assert.False(Record.TryCreate(clock, [two, one], out _));
        Assert.False(Record.TryCreate(clock, [one, one], out _));
        Assert.False(Record.TryCreate(clock, [three], out _));
        Assert.False(Record.TryCreate(VersionVector.Empty, [one], out _));
    }

    private static Record RecordOf(VersionVector clock, params ulong[] counters)
    {
        Assert.True(Record.TryCreate(
            clock, [.. counters.Select(static c => new Sibling(new Dot(A, c), 0, null))], out var record));
        return record;
    }

    private static Dot? Latest(VersionVector clock, params (ReplicaId Replica, ulong Counter, long Timestamp)[] siblings)
    {
        Assert.True(Record.TryCreate(
            clock, [.. siblings.Select(static s => new Sibling(new Dot(s.Replica, s.Counter), s.Timestamp, null))],
            out var record));
        return record.Latest()?.Dot;
    }

    /// <summary>One replica of one key, alone in its partition.</summary>
    private sealed class Writer(ReplicaId id)
    {
        private ulong _counter;

        public Record Record { get; set; } = Record.Empty;

        /// <summary>What the put returns: the context given and this write.</summary>
        public VersionVector Put(VersionVector context)
        {
            var dot = new Dot(id, ++_counter);
            Record = Record.Put(context, new Sibling(dot, 0, new Value()), DotRange.Of(dot));
            return context.With(DotRange.Of(dot));
        }
    }
}
