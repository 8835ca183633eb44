using Dynamo.Core;
using static Dynamo.Storage.Tests.Engines;
using static Dynamo.Storage.Tests.Samples;

namespace Dynamo.Storage.Tests;

/// <summary>What every engine must do.</summary>
public abstract class EngineContract : IDisposable
{
    private readonly Lazy<IStorageEngine> _engine;

    protected EngineContract() => _engine = new Lazy<IStorageEngine>(Open);

    private IStorageEngine Engine => _engine.Value;

    protected abstract IStorageEngine Open();

    public virtual void Dispose()
    {
        if (_engine.IsValueCreated) Engine.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void An_empty_store_has_nothing()
    {
        Assert.Equal(StoreReadStatus.Missing, Engine.Read(P0, KeyOf(1)).Status);
        Assert.Empty(Engine.Scan(P0, null, 10));
        Assert.Empty(Engine.ScanKeys(P0, null, null, 10));
        Assert.Empty(Engine.Partitions());
        Assert.Empty(Engine.HintOwners());
        Assert.Empty(Engine.HintsFor(KeyOf(1)));
        Assert.Null(Engine.Lease(P0));
        Assert.Null(Engine.Cell("founding"));
        Assert.Equal(default, Engine.Counts());
        Assert.Null(Engine.Error);
    }

    [Fact]
    public async Task A_write_is_read_as_soon_as_it_is_handed_over_and_after_it_is_durable()
    {
        var written = Engine.Start(Put(KeyOf(1), Stored(1, "x", floor: 7)));
        Assert.Equal("x", TextOf(Engine.Read(P0, KeyOf(1))));
        Assert.True((await written.WaitAsync(Patience)).Ok);
        var read = Engine.Read(P0, KeyOf(1));
        Assert.Equal(StoreReadStatus.Found, read.Status);
        Assert.False(read.Queued);
        Assert.Equal(Stored(1, "x", floor: 7), read.Stored);
        Assert.Equal(StoreReadStatus.Missing, Engine.Read(P1, KeyOf(1)).Status);
    }

    [Fact]
    public void What_was_read_stays_as_it_was_whatever_is_written_later()
    {
        // Nobody looks into a record before the next is in its place; both sides of the length up to which bytes are copied.
        int[] lengths = [20, 10, 800, 790, 0, 1100, 5000, 700, 940, 930, 1010, 3000, 2990, 40, 39];
        var reads = new List<StoreRead>();
        for (var i = 0; i < lengths.Length; i++)
        {
            var body = new byte[lengths[i]];
            Array.Fill(body, (byte)(i + 1));
            Engine.Store(Put(KeyOf(1), StoredBytes((ulong)i + 1, body)));
            reads.Add(Engine.Read(P0, KeyOf(1)));
        }

        for (var i = 0; i < lengths.Length; i++)
        {
            var body = Assert.Single(reads[i].Stored!.Record.Siblings).Value!.Body;
            Assert.Equal(lengths[i], body.Length);
            Assert.Equal(-1, body.Span.IndexOfAnyExcept((byte)(i + 1)));
        }
    }

    [Fact]
    public void Changes_of_one_write_are_applied_in_order()
    {
        Engine.Store(Put(KeyOf(1), Stored(1, "a")), Put(KeyOf(2), Stored(2)), Remove(KeyOf(1)),
            Put(KeyOf(1), Stored(3, "c")), Remove(KeyOf(2)));
        Assert.Equal("c", TextOf(Engine.Read(P0, KeyOf(1))));
        Assert.Equal(StoreReadStatus.Missing, Engine.Read(P0, KeyOf(2)).Status);
        Assert.Equal(new StoreCounts(1, 0, 1), Engine.Counts());
    }

    [Fact]
    public void Removing_what_is_not_there_does_nothing()
    {
        Engine.Store(Remove(KeyOf(1)), new StoreChange.RemoveHint(Ann, KeyOf(1), 5));
        Assert.Equal(default, Engine.Counts());
        Assert.Equal(0, Engine.HintCount(Ann));
    }

    [Fact]
    public void Scans_give_every_key_once_in_order_over_many_pages()
    {
        // Out of order, and with buckets whose order differs from their length and from UTF-16's.
        string[] buckets = ["b", "a", "aa", "z", "\uFFEE", "\U0001F600", "a\0"];
        var keys = buckets.SelectMany(b => Enumerable.Range(0, 9).Select(i => Key.Of(b, $"{(i * 7) % 9}"))).ToList();
        foreach (var key in keys) Engine.Store(Put(key, Stored(1, key.ToString()), P7));
        Engine.Store(Put(KeyOf(1), Stored(1), P1));
        keys.Sort();

        foreach (var limit in new[] { 1, 4, keys.Count, 1000 })
        {
            Assert.Equal(keys, Pages(after => Engine.Scan(P7, after, limit).Select(x => x.Key), limit));
            Assert.Equal(keys, Pages(after => Engine.ScanKeys(P7, null, after, limit).Select(x => x.Key), limit));
            foreach (var bucket in buckets)
            {
                Assert.Equal(
                    keys.Where(k => k.Bucket == bucket),
                    Pages(after => Engine.ScanKeys(P7, bucket, after, limit).Select(x => x.Key), limit));
            }
        }

        Assert.All(Engine.Scan(P7, null, 1000), x =>
            Assert.Equal(x.Key.ToString(), TextOf(new StoreRead(StoreReadStatus.Found, x.Stored))));
        Assert.Empty(Engine.Scan(P7, null, 0));
    }

    [Fact]
    public void A_scan_goes_on_after_a_key_that_is_not_there_and_after_another_bucket()
    {
        foreach (var bucket in new[] { "a", "b", "c" }) Engine.Store(Put(KeyOf(5, bucket), Stored(1)));
        Assert.Equal([KeyOf(5, "b"), KeyOf(5, "c")], Engine.Scan(P0, KeyOf(3, "b"), 9).Select(x => x.Key));
        Assert.Equal([KeyOf(5, "c")], Engine.Scan(P0, KeyOf(6, "b"), 9).Select(x => x.Key));
        Assert.Equal([KeyOf(5, "b")], Engine.ScanKeys(P0, "b", KeyOf(6, "a"), 9).Select(x => x.Key));
        Assert.Empty(Engine.ScanKeys(P0, "b", KeyOf(1, "c"), 9));
        Assert.Empty(Engine.ScanKeys(P0, new string('x', 300), null, 9));
    }

    [Fact]
    public void Keys_of_any_bytes_and_the_longest_lengths_are_kept_apart()
    {
        var names = new byte[][] { [0], [0, 0], [0, 1], [255], [255, 255], new byte[4096], [.. new byte[4095], 1] };
        var keys = names.Select(n => Key.TryCreate(new string('b', 255), n, out var k, out _) ? k : null!).ToList();
        for (var i = 0; i < keys.Count; i++) Engine.Store(Put(keys[i], Stored((ulong)i + 1, $"{i}")));
        for (var i = 0; i < keys.Count; i++) Assert.Equal($"{i}", TextOf(Engine.Read(P0, keys[i])));
        Assert.Equal(keys.Order(), Engine.Scan(P0, null, 99).Select(x => x.Key));
    }

    [Fact]
    public void Values_of_every_size_come_back_as_they_were()
    {
        var random = new Prng(1);
        foreach (var size in new[] { 0, 1, 7, 8, 9, 900, 1100, 4000, 4096, 70_000, 1 << 20 })
        {
            var body = new byte[size];
            for (var i = 0; i < size; i++) body[i] = (byte)random.Next();
            var stored = StoredBytes(9, body);
            Engine.Store(Put(KeyOf(size % 9999), stored));
            Assert.Equal(stored, Engine.Read(P0, KeyOf(size % 9999)).Stored);
        }
    }

    [Fact]
    public void Sizes_of_partitions_follow_puts_replacements_and_removals()
    {
        Assert.Empty(Engine.Sizes()!);
        Engine.Store(Put(KeyOf(1), Stored(1, new string('x', 5000))), Put(KeyOf(2), Stored(2, "y")));
        Engine.Store(new StoreChange.PutRecord(P1, KeyOf(3), Stored(3, "z")));
        var sizes = Engine.Sizes()!;
        Assert.Equal([(P0, 2L), (P1, 1L)], sizes.Select(size => (size.Key, size.Value.Keys)));
        Assert.InRange(sizes[P0].Bytes, 5000, 5500);
        Assert.InRange(sizes[P1].Bytes, 1, 500);

        Engine.Store(Put(KeyOf(1), Stored(4, new string('x', 90_000))));
        Assert.Equal(2, Engine.Sizes()![P0].Keys);
        Assert.InRange(Engine.Sizes()![P0].Bytes, 90_000, 90_500);
        Engine.Store(Remove(KeyOf(1)), new StoreChange.RemoveRecord(P1, KeyOf(3)), new StoreChange.RemoveRecord(P1, KeyOf(9)));
        sizes = Engine.Sizes()!;
        Assert.Equal([(P0, 1L)], sizes.Select(size => (size.Key, size.Value.Keys)));
        Assert.InRange(sizes[P0].Bytes, 1, 500);
    }

    [Fact]
    public void Counts_follow_puts_replacements_tombstones_and_removals()
    {
        Engine.Store(Put(KeyOf(1), Stored(1)), Put(KeyOf(2), Stored(2, null)), Put(KeyOf(1), Stored(3), P1));
        Assert.Equal(new StoreCounts(3, 1, 2), Engine.Counts());
        Engine.Store(Put(KeyOf(1), Stored(4, null)), Put(KeyOf(2), Stored(5)));
        Assert.Equal(new StoreCounts(3, 1, 2), Engine.Counts());
        Engine.Store(Remove(KeyOf(1)), Remove(KeyOf(1), P1));
        Assert.Equal(new StoreCounts(1, 0, 1), Engine.Counts());
        Assert.Equal([P0], Engine.Partitions());
    }

    [Fact]
    public void Listings_say_which_keys_are_deleted()
    {
        Engine.Store(Put(KeyOf(1), Stored(1)), Put(KeyOf(2), Stored(2, null)));
        Assert.Equal([(KeyOf(1), false), (KeyOf(2), true)], Engine.ScanKeys(P0, null, null, 9));
        Engine.Store(Put(KeyOf(1), Stored(3, null)), Put(KeyOf(2), Stored(4)));
        Assert.Equal([(KeyOf(1), true), (KeyOf(2), false)], Engine.ScanKeys(P0, "b", null, 9));
    }

    [Fact]
    public void A_hint_is_removed_only_under_its_present_stamp()
    {
        var first = HintOf(Ann, KeyOf(1), Engine.NextHintStamp());
        var grown = HintOf(Ann, KeyOf(1), Engine.NextHintStamp());
        Engine.Store(Put(first));
        Engine.Store(Put(grown));
        Engine.Store(Remove(first));
        Assert.Equal(grown, Engine.ReadHint(Ann, KeyOf(1)));
        Assert.Equal(1, Engine.HintCount(Ann));
        Engine.Store(Remove(grown));
        Assert.Null(Engine.ReadHint(Ann, KeyOf(1)));
        Assert.Equal(0, Engine.HintCount(Ann));
        Assert.Empty(Engine.HintOwners());
    }

    [Fact]
    public void Hints_are_found_by_owner_and_by_key()
    {
        var hints = new[]
        {
            HintOf(Bob, KeyOf(2), 11), HintOf(Bob, KeyOf(1), 12), HintOf(Ann, KeyOf(2), 13), HintOf(Bob, KeyOf(3), 14),
        };
        foreach (var hint in hints) Engine.Store(Put(hint));
        Assert.Equal([Ann, Bob], Engine.HintOwners());
        Assert.Equal(3, Engine.HintCount(Bob));
        Assert.Equal([hints[1], hints[0]], Engine.ScanHints(Bob, null, 2));
        Assert.Equal([hints[3]], Engine.ScanHints(Bob, KeyOf(2), 2));
        Assert.Equal([hints[2], hints[0]], Engine.HintsFor(KeyOf(2)));
        Assert.Empty(Engine.ScanHints(Cid, null, 9));
        Assert.Null(Engine.ReadHint(Cid, KeyOf(1)));
    }

    [Fact]
    public void Hint_stamps_only_grow()
    {
        var stamps = new ulong[4][];
        Parallel.For(0, 4, t => stamps[t] = [.. Enumerable.Range(0, 1000).Select(_ => Engine.NextHintStamp())]);
        Assert.All(stamps, run => Assert.Equal(run.Order(), run));
        Assert.Equal(4000, stamps.SelectMany(s => s).Distinct().Count());
    }

    [Fact]
    public void Leases_and_cells_are_replaced_by_the_latest()
    {
        Engine.Store(new StoreChange.PutLease(P1, new GenerationLease(ulong.MaxValue, 1000)));
        Engine.Store(new StoreChange.PutLease(P1, new GenerationLease(7, ulong.MaxValue)));
        Assert.Equal(new GenerationLease(7, ulong.MaxValue), Engine.Lease(P1));
        Assert.Null(Engine.Lease(P0));
        Engine.Store(new StoreChange.PutCell("a", new byte[] { 1 }), new StoreChange.PutCell("b", default));
        Engine.Store(new StoreChange.PutCell("a", new byte[] { 2, 3 }));
        Assert.Equal([2, 3], Engine.Cell("a")!.Value.ToArray());
        Assert.Equal(0, Engine.Cell("b")!.Value.Length);
        Assert.Null(Engine.Cell("c"));
    }

    [Fact]
    public void Answers_come_in_the_order_of_the_writes_barriers_among_them()
    {
        var order = new List<int>();
        for (var i = 0; i < 500; i++)
        {
            var n = i;
            Engine.Enqueue(
                i % 3 == 0 ? [] : [Put(KeyOf(i), Stored(1))],
                result =>
                {
                    Assert.True(result.Ok);
                    order.Add(n);
                });
        }

        Engine.Store();
        Assert.Equal(Enumerable.Range(0, 500), order);
    }

    [Fact]
    public async Task An_answer_may_hand_over_the_next_write()
    {
        var done = new TaskCompletionSource();
        void Next(int i) => Engine.Enqueue([Put(KeyOf(i), Stored(1))], _ =>
        {
            if (i < 20) Next(i + 1);
            else done.SetResult();
        });
        Next(0);
        await done.Task.WaitAsync(Patience);
        Assert.Equal(21, Engine.Counts().Records);
    }

    [Fact]
    public void A_closed_store_says_so_instead_of_hanging()
    {
        Engine.Dispose();
        Engine.Dispose();
        Assert.Equal("The store is closed.", Engine.Write(Put(KeyOf(1), Stored(1))).Error);
        Assert.Equal(StoreReadStatus.Failed, Engine.Read(P0, KeyOf(1)).Status);
    }

    [Fact]
    public async Task Readers_beside_writers_see_whole_records_that_never_go_back()
    {
        const int Keys = 8, Rounds = 300;
        using var stop = new CancellationTokenSource();
        for (var k = 0; k < Keys; k++) Engine.Store(Put(KeyOf(k), Stored(1, "1")));
        var readers = Enumerable.Range(0, 4).Select(r => Task.Run(() =>
        {
            var seen = new long[Keys];
            var reads = 0;
            while (!stop.IsCancellationRequested || reads == 0)
            {
                var k = reads++ % Keys;
                var read = Engine.Read(P0, KeyOf(k));
                Assert.Equal(StoreReadStatus.Found, read.Status);
                var value = long.Parse(TextOf(read)!);
                Assert.True(value >= seen[k], $"Key {k} went back from {seen[k]} to {value}.");
                seen[k] = value;
                if (reads % 16 == 0) Assert.Equal(Keys, Engine.Scan(P0, null, 100).Count);
                if (reads % 16 == 8) Assert.Equal([P0], Engine.Partitions());
            }

            return reads;
        })).ToList();
        Task<WriteResult>? last = null;
        for (var i = 2; i <= Rounds; i++)
        {
            last = Engine.Start([.. Enumerable.Range(0, Keys).Select(k => Put(KeyOf(k), Stored((ulong)i, $"{i}")))]);
            if (i % 10 == 0) Assert.True((await last.WaitAsync(Patience)).Ok);
        }

        await last!.WaitAsync(Patience);
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(readers).WaitAsync(Patience), reads => Assert.True(reads > 0));
    }

    private static List<Key> Pages(Func<Key?, IEnumerable<Key>> page, int limit)
    {
        var all = new List<Key>();
        while (true)
        {
            var next = page(all.Count == 0 ? null : all[^1]).ToList();
            Assert.True(next.Count <= limit);
            all.AddRange(next);
            if (next.Count < limit) return all;
        }
    }
}
