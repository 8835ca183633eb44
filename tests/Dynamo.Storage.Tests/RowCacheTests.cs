using Dynamo.Core;
using static Dynamo.Storage.Tests.Samples;

namespace Dynamo.Storage.Tests;

/// <summary>The records that are kept in memory beside the database.</summary>
public sealed class RowCacheTests
{
    [Fact]
    public void What_was_committed_is_there_and_what_was_removed_is_not()
    {
        var cache = new RowCache(1 << 20);
        Assert.Null(cache.Find(At(1)));
        cache.Commit([(At(1), Row(7)), (At(2), Row(8))]);
        Assert.Equal((7UL, 8UL), (cache.Find(At(1))!.Floor, cache.Find(At(2))!.Floor));
        cache.Commit([(At(1), Row(9)), (At(2), null)]);
        Assert.Equal(9UL, cache.Find(At(1))!.Floor);
        Assert.Null(cache.Find(At(2)));
        cache.Clear();
        Assert.Null(cache.Find(At(1)));
    }

    [Fact]
    public void What_a_reader_found_is_kept_only_when_nothing_was_committed_since_it_began_to_look()
    {
        var cache = new RowCache(1 << 20);
        var before = cache.Commits;
        cache.Commit([(At(2), Row(1))]);
        cache.AddRead(At(1), Row(7), before);
        Assert.Null(cache.Find(At(1)));
        before = cache.Commits;
        cache.AddRead(At(1), Row(7), before);
        Assert.Equal(7UL, cache.Find(At(1))!.Floor);
        // Nor after a failure.
        cache.Clear();
        cache.AddRead(At(1), Row(7), before);
        Assert.Null(cache.Find(At(1)));
    }

    [Fact]
    public void It_holds_no_more_than_it_may_and_what_is_asked_for_longest()
    {
        var cache = new RowCache(100 * 400);
        for (var i = 0; i < 10_000; i++)
        {
            cache.Commit([(At(i), Row(i))]);
            Assert.NotNull(cache.Find(At(0)));
        }

        var kept = Enumerable.Range(0, 10_000).Count(i => cache.Find(At(i)) is not null);
        Assert.InRange(kept, 40, 100);
        Assert.InRange(cache.Measures.Bytes, kept * 400, 100 * 400);
    }

    [Fact]
    public void The_store_counts_which_reads_found_their_record_in_memory()
    {
        using var folder = new TempFolder();
        var options = folder.Options;
        using (var engine = SqliteEngine.Open(options))
        {
            engine.Store(Engines.Put(KeyOf(1), Stored(1, "a")));
            engine.Read(P0, KeyOf(1));
            engine.Read(P0, KeyOf(2));
            Assert.Equal((1, 1), (engine.Measures().RowCacheHits, engine.Measures().RowCacheMisses));
        }

        using var again = SqliteEngine.Open(options);
        for (var i = 0; i < 3; i++) Assert.Equal("a", TextOf(again.Read(P0, KeyOf(1))));
        Assert.Equal((2, 1), (again.Measures().RowCacheHits, again.Measures().RowCacheMisses));
        again.Store(Engines.Remove(KeyOf(1)));
        Assert.Equal((StoreReadStatus.Missing, 0), (again.Read(P0, KeyOf(1)).Status, again.Measures().RowCacheBytes));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(4 << 10, 3 << 10)]
    public void What_is_too_long_is_read_from_the_database_and_takes_the_place_of_what_was_kept(int size, int length)
    {
        using var folder = new TempFolder();
        using var engine = SqliteEngine.Open(folder.Options with { RowCacheBytes = size });
        var texts = (string[])["short", new string('l', length), new string('m', length)];
        for (var i = 0; i < texts.Length; i++)
        {
            engine.Store(Engines.Put(KeyOf(1), Stored((ulong)i + 1, texts[i])));
            for (var again = 0; again < 2; again++) Assert.Equal(texts[i], TextOf(engine.Read(P0, KeyOf(1))));
        }

        Assert.Equal((size > 0 ? 2 : 0, 0), (engine.Measures().RowCacheHits, engine.Measures().RowCacheBytes));
    }

    private static RecordRow At(int number) => new(new PartitionId(0), KeyOf(number));

    private static PackedRow Row(int floor) => new(new byte[100], 1, (ulong)floor, IsDeleted: false);
}
