using Dynamo.Core;
using static Dynamo.Storage.Tests.Engines;
using static Dynamo.Storage.Tests.Samples;

namespace Dynamo.Storage.Tests;

/// <summary>What reads see while the writer is held, and after a batch failed.</summary>
public sealed class SqliteOverlayTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Turnstile _turnstile = new();
    private readonly List<string> _answers = [];
    private readonly SqliteEngine _engine;

    public SqliteOverlayTests() => _engine = SqliteEngine.Open(_folder.Options with
    {
        BeforeTransaction = _turnstile.Pass, MaxBatch = 2, RetryInterval = TimeSpan.FromDays(1),
    });

    public void Dispose()
    {
        _turnstile.Open();
        _engine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_queued_record_is_found_and_said_to_be_queued_until_it_is_durable()
    {
        Enqueue("a", Put(KeyOf(1), Stored(1, "a")));
        var read = _engine.Read(P0, KeyOf(1));
        Assert.True(read.Queued);
        Assert.Equal("a", TextOf(read));
        Drain();
        Assert.False(_engine.Read(P0, KeyOf(1)).Queued);
        Enqueue("b", Remove(KeyOf(1)));
        Assert.Equal(new StoreRead(StoreReadStatus.Missing, Queued: true), _engine.Read(P0, KeyOf(1)));
        Drain();
        Assert.Equal(new StoreRead(StoreReadStatus.Missing), _engine.Read(P0, KeyOf(1)));
        Assert.Equal(["a ok", "b ok"], _answers);
    }

    [Fact]
    public void Scans_weave_queued_changes_into_stored_rows()
    {
        Enqueue("base", [.. Enumerable.Range(0, 10).Select(i => Put(KeyOf(i * 10), Stored(1, "old")))]);
        Drain();
        Enqueue("", Put(KeyOf(5), Stored(2, "new")), Remove(KeyOf(10)), Put(KeyOf(20), Stored(2, null)));
        Enqueue("", Remove(KeyOf(5)), Put(KeyOf(6), Stored(3, "new")), Put(KeyOf(99), Stored(3, "new")));
        Enqueue("", Put(KeyOf(1), Stored(3), P1), Put(KeyOf(2, "c"), Stored(4, "new")));
        var expected = new[] { 0, 6, 20, 30, 40, 50, 60, 70, 80, 90, 99 }.Select(i => KeyOf(i)).Append(KeyOf(2, "c"));
        foreach (var limit in new[] { 1, 2, 3, 5, 50 })
        {
            var seen = new List<Key>();
            while (_engine.Scan(P0, seen.LastOrDefault(), limit) is { Count: > 0 } page)
            {
                Assert.Equal(page.Select(x => (x.Key, x.Stored.Record.IsDeleted)),
                    _engine.ScanKeys(P0, null, seen.LastOrDefault(), limit));
                seen.AddRange(page.Select(x => x.Key));
            }

            Assert.Equal(expected, seen);
        }

        Assert.Equal([KeyOf(2, "c")], _engine.ScanKeys(P0, "c", null, 9).Select(x => x.Key));
        Assert.Equal([P0, P1], _engine.Partitions());
    }

    [Fact]
    public void A_partition_whose_last_record_is_queued_for_removal_is_gone()
    {
        Enqueue("", Put(KeyOf(1), Stored(1), P1), Put(KeyOf(2), Stored(1), P1), Put(KeyOf(1), Stored(1), P7));
        Drain();
        Enqueue("", Remove(KeyOf(1), P1));
        Assert.Equal([P1, P7], _engine.Partitions());
        Enqueue("", Remove(KeyOf(2), P1));
        Assert.Equal([P7], _engine.Partitions());
        Enqueue("", Put(KeyOf(3), Stored(2), P1));
        Assert.Equal([P1, P7], _engine.Partitions());
    }

    [Fact]
    public void Removing_a_hint_is_judged_in_the_order_of_the_writes()
    {
        var (old, grown) = (HintOf(Ann, KeyOf(1), 1), HintOf(Ann, KeyOf(1), 2));
        Enqueue("", Put(old));
        Drain();
        Enqueue("", Put(grown));
        Enqueue("", Remove(old));
        Assert.Equal(grown, _engine.ReadHint(Ann, KeyOf(1)));
        Assert.Equal([grown], _engine.ScanHints(Ann, null, 9));
        Assert.Equal(1, _engine.HintCount(Ann));
        Enqueue("", Remove(grown));
        Assert.Null(_engine.ReadHint(Ann, KeyOf(1)));
        Assert.Empty(_engine.ScanHints(Ann, null, 9));
        Assert.Empty(_engine.HintsFor(KeyOf(1)));
        Assert.Equal(0, _engine.HintCount(Ann));
        Drain();
        Assert.Null(_engine.ReadHint(Ann, KeyOf(1)));
        Assert.Empty(_engine.HintOwners());
    }

    [Fact]
    public void A_failed_batch_takes_with_it_what_was_handed_over_before_its_failure_was_known()
    {
        Enqueue("base", Put(KeyOf(1), Stored(1, "base")), Put(HintOf(Ann, KeyOf(1), 1)));
        Drain();
        Enqueue("lost", Put(KeyOf(1), Stored(2, "lost")), Put(KeyOf(2), Stored(2, "lost")),
            Put(HintOf(Ann, KeyOf(1), 2)),
            Put(HintOf(Bob, KeyOf(1), 3)), new StoreChange.PutLease(P0, new GenerationLease(1, 9)));
        _turnstile.AwaitArrival();
        Enqueue("behind", Put(KeyOf(1), Stored(3, "behind")), Remove(HintOf(Ann, KeyOf(1), 2)));
        Assert.Equal("behind", TextOf(_engine.Read(P0, KeyOf(1))));
        Assert.Equal(0, _engine.HintCount(Ann));
        Assert.Equal(1, _engine.HintCount(Bob));

        var full = $"The disk that holds {_folder.Database} is full.";
        _turnstile.Step(Turnstile.FullDisk);
        Assert.Equal(1, _engine.FailedTransactions);
        Assert.Equal("base", TextOf(_engine.Read(P0, KeyOf(1))));
        Assert.Equal(StoreReadStatus.Missing, _engine.Read(P0, KeyOf(2)).Status);
        Assert.Equal(1UL, _engine.ReadHint(Ann, KeyOf(1))!.Stamp);
        Assert.Equal(1, _engine.HintCount(Ann));
        Assert.Equal([Ann], _engine.HintOwners());
        Assert.Null(_engine.Lease(P0));
        Assert.Equal(full, _engine.Error);

        // Made from what was read before the failure: refused. Made from what is there now: kept.
        Enqueue(0, "late", Put(KeyOf(1), Stored(4, "late")));
        Enqueue(1, "kept", Put(KeyOf(1), Stored(5, "kept")));
        Drain();
        Assert.Equal("kept", TextOf(_engine.Read(P0, KeyOf(1))));
        Assert.Equal(new StoreCounts(1, 0, 1), _engine.Counts());
        Assert.Null(_engine.Error);
        Assert.Equal(
            ["base ok", $"lost {full}", $"behind {full}", $"late A write that this one was made from failed: {full}", "kept ok"],
            _answers);
    }

    [Fact]
    public void A_barrier_fails_with_what_it_may_have_been_asked_for()
    {
        Enqueue("one", Put(KeyOf(1), Stored(1)));
        _turnstile.AwaitArrival();
        Enqueue("two", Put(KeyOf(2), Stored(1)));
        Enqueue("barrier one");
        Enqueue("barrier two");
        _turnstile.Step(Turnstile.FullDisk);
        Drain();
        // A moment after a failure: somebody may have read the lost record and asks only now.
        Enqueue("barrier three");
        Drain();
        var full = $"The disk that holds {_folder.Database} is full.";
        Assert.Equal(
            [$"one {full}", $"two {full}", $"barrier one {full}", $"barrier two {full}",
                $"barrier three A write failed a moment ago: {full}"],
            _answers);
    }

    [Fact]
    public void Writes_over_the_bound_are_refused_in_their_turn_and_leave_no_trace()
    {
        using var folder = new TempFolder();
        var turnstile = new Turnstile();
        using var engine = SqliteEngine.Open(
            folder.Options with { BeforeTransaction = turnstile.Pass, MaxQueued = 2, MaxQueuedBytes = 1000 });
        void Try(string name, StoreChange change) =>
            turnstile.Enqueue(engine, [change], r => _answers.Add($"{name} {r.Error?.Split(':')[0] ?? "ok"}"));
        Try("taken", Put(KeyOf(0), Stored(1)));
        turnstile.AwaitArrival();
        Try("huge", Put(KeyOf(1), StoredBytes(1, new byte[5000])));
        Try("bytes", Put(KeyOf(2), Stored(1, "too much")));
        Try("count", Put(KeyOf(3), Stored(1)));
        Assert.Equal(StoreReadStatus.Found, engine.Read(P0, KeyOf(1)).Status);
        Assert.Equal(StoreReadStatus.Missing, engine.Read(P0, KeyOf(2)).Status);
        turnstile.Step();
        turnstile.Step();
        turnstile.Open();
        engine.Store(Put(KeyOf(4), Stored(1)));
        const string Refused = "The store is overloaded";
        Assert.Equal(["taken ok", "huge ok", $"bytes {Refused}", $"count {Refused}"], _answers);
    }

    [Fact]
    public void Several_writes_of_a_key_in_one_transaction_end_with_the_last_and_count_once()
    {
        Enqueue("", Put(KeyOf(9), Stored(1)));
        _turnstile.AwaitArrival();
        Enqueue("", Put(KeyOf(1), Stored(1)), Remove(KeyOf(1)), Put(KeyOf(1), Stored(2, null)));
        Enqueue("", Put(KeyOf(1), Stored(3, "last")), Put(KeyOf(2), Stored(1)), Remove(KeyOf(2)));
        Drain();
        Assert.Equal("last", TextOf(_engine.Read(P0, KeyOf(1))));
        Assert.Equal(new StoreCounts(2, 0, 1), _engine.Counts());
        Assert.Equal([KeyOf(1), KeyOf(9)], _engine.Scan(P0, null, 9).Select(x => x.Key));
    }

    private void Enqueue(string name, params StoreChange[] changes) => Enqueue(null, name, changes);

    private void Enqueue(long? asOf, string name, params StoreChange[] changes) =>
        _turnstile.Enqueue(_engine, changes, result => _answers.Add($"{name} {result.Error ?? "ok"}"), asOf);

    private void Drain()
    {
        for (var i = 0; i < 10; i++) _turnstile.Step();
    }
}
