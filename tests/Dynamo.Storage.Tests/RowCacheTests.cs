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
        Assert.Null(cache.Read(At(1)));
        cache.Commit([(At(1), Row(7)), (At(2), Row(8))]);
        Assert.Equal((7UL, 8UL), (cache.Read(At(1))!.Floor, cache.Read(At(2))!.Floor));
        cache.Commit([(At(1), Row(9)), (At(2), null)]);
        Assert.Equal(9UL, cache.Read(At(1))!.Floor);
        Assert.Null(cache.Read(At(2)));
        cache.Clear();
        Assert.Null(cache.Read(At(1)));
    }

    [Fact]
    public void What_a_reader_found_is_kept_only_when_nothing_was_committed_since_it_began_to_look()
    {
        var cache = new RowCache(1 << 20);
        var before = cache.Commits;
        cache.Commit([(At(2), Row(1))]);
        cache.AddRead(At(1), Row(7), before);
        Assert.Null(cache.Read(At(1)));
        before = cache.Commits;
        cache.AddRead(At(1), Row(7), before);
        Assert.Equal(7UL, cache.Read(At(1))!.Floor);
        // Nor after a failure.
        cache.Clear();
        cache.AddRead(At(1), Row(7), before);
        Assert.Null(cache.Read(At(1)));
    }

    [Fact]
    public void It_holds_no_more_than_it_may_and_what_is_asked_for_longest()
    {
        var cache = new RowCache(100 * 400);
        for (var i = 0; i < 10_000; i++)
        {
            cache.Commit([(At(i), Row(i))]);
            Assert.NotNull(cache.Read(At(0)));
        }

        var bytes = cache.Measures.Bytes;
        var kept = Enumerable.Range(0, 10_000).Count(i => cache.Look(At(i)) is not null);
        Assert.InRange(bytes, 100 * 400 / 2, 100 * 400);
        Assert.InRange(kept, bytes / 200, bytes / 100);
    }

    [Fact]
    public void What_is_read_is_a_copy_that_later_rows_do_not_change()
    {
        var cache = new RowCache(1 << 20);
        cache.Commit([(At(1), Row(1) with { Body = [1, 2, 3] })]);
        var read = cache.Read(At(1))!;
        cache.Commit([(At(1), Row(2) with { Body = [4, 5, 6] })]);
        Assert.Equal([1, 2, 3], read.Body);
        Assert.Equal([4, 5, 6], cache.Read(At(1))!.Body);
    }

    [Fact]
    public void Equal_keys_of_two_partitions_and_names_that_join_to_the_same_bytes_are_rows_of_their_own()
    {
        var cache = new RowCache(1 << 20);
        RecordRow[] rows =
        [
            new(new PartitionId(0), Key.Of("ab", "c")), new(new PartitionId(1), Key.Of("ab", "c")), new(new PartitionId(0), Key.Of("a", "bc")),
        ];
        cache.Commit([.. rows.Select(static (where, i) => (where, (PackedRow?)Row(i)))]);
        Assert.Equal([0, 1, 2], rows.Select(where => cache.Read(where)!.Floor));
    }

    // Beside a dictionary that forgets nothing: the cache may not know a row, but must not know it otherwise.
    [Theory]
    [InlineData(600, 1, 100)]
    [InlineData(6_000, 2, 500)]
    [InlineData(60_000, 3, 5_000)]
    [InlineData(10 << 20, 4, 15_000)]
    public void Whatever_happens_a_row_is_as_it_was_committed_last_or_not_here(int size, int seed, int fewestHits)
    {
        var (cache, random, model) = (new RowCache(size), new Random(seed), new Dictionary<RecordRow, PackedRow>());
        var (hits, reads, longest) = (0, 0, (int)Math.Clamp(cache.LongestBody, 8, 300));
        for (var step = 0; step < 60_000; step++)
        {
            var where = new RecordRow(new PartitionId(random.Next(3)), KeyOf(random.Next(random.Next(1, 400))));
            var act = random.Next(100);
            if (act == 0 && random.Next(50) == 0)
            {
                cache.Clear();
            }
            else if (act < 45)
            {
                reads++;
                var (look, read) = (cache.Look(where), cache.Read(where));
                Assert.Equal(look is null, read is null);
                if (read is null) continue;
                hits++;
                var right = model[where];
                Assert.Equal((right.Generation, right.Floor, right.IsDeleted), (read.Generation, read.Floor, read.IsDeleted));
                Assert.Equal((right.IsDeleted, right.Body.Length), look);
                Assert.Equal(right.Body, read.Body);
            }
            else if (act < 55)
            {
                cache.Commit([(where, null)]);
                model.Remove(where);
            }
            else if (act < 70)
            {
                // Every other reader looked before something was committed.
                var commits = cache.Commits;
                var row = model.GetValueOrDefault(where) ?? RandomRow();
                if (random.Next(2) == 0)
                {
                    var other = new RecordRow(where.Partition, KeyOf(1000));
                    cache.Commit([(other, model[other] = RandomRow())]);
                    row = RandomRow();
                }
                else
                {
                    model[where] = row;
                }

                cache.AddRead(where, row, commits);
            }
            else
            {
                var row = RandomRow();
                cache.Commit([(where, row)]);
                model[where] = row;
            }
        }

        Assert.InRange(cache.Measures.Bytes, 0, size);
        Assert.Equal((hits, reads - hits), (cache.Measures.Hits, cache.Measures.Misses));
        Assert.True(hits > fewestHits, $"{hits} hits of {reads}");
        return;

        PackedRow RandomRow()
        {
            var body = new byte[random.Next(longest + 1)];
            random.NextBytes(body);
            return new PackedRow(body, (ulong)random.NextInt64(), (ulong)random.NextInt64(), random.Next(2) == 0);
        }
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
