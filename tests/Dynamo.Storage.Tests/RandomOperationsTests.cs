using Dynamo.Core;
using Xunit.Abstractions;
using static Dynamo.Storage.Tests.Samples;

namespace Dynamo.Storage.Tests;

/// <summary>
/// Random writes, failures and restarts against <see cref="ModelStore"/>; every question after every step.
/// </summary>
public sealed class RandomOperationsTests(ITestOutputHelper output)
{
    private const int Seeds = 12, Steps = 150;

    private static readonly PartitionId[] Partitions = [P0, P1, P7];
    private static readonly NodeId[] Owners = [Ann, Bob];
    private static readonly Key[] Keys =
        [.. new[] { "a", "aa", "b" }.SelectMany(b => Enumerable.Range(0, 3).Select(i => KeyOf(i, b))).Order()];

    private readonly SortedDictionary<string, int> _seen = new(StringComparer.Ordinal);

    [Fact]
    public void Sqlite_answers_like_the_model()
    {
        for (var seed = 1UL; seed <= Seeds; seed++) RunSqlite(new Prng(seed), seed);
        Report("write", "barrier", "barrier failed", "step", "step with several writes", "failed before",
            "failed at commit",
            "failed under later writes of the same rows", "restart", "queued record", "hint removed", "hint kept",
            "hint removal queued above a queued hint", "page ends within", "tombstone", "queued removal");
    }

    [Fact]
    public void Memory_answers_like_the_model()
    {
        for (var seed = 1UL; seed <= Seeds; seed++)
        {
            using var engine = new MemoryEngine();
            var model = new ModelStore();
            var random = new Prng(seed);
            for (var step = 0; step < Steps; step++)
            {
                var write = RandomWrite(random, model);
                model.Pending.Add(write);
                engine.Enqueue(write, result => model.Answered(write, result.Ok));
                Compare(engine, model, random, $"seed {seed}, step {step}");
            }
        }

        Report("write", "barrier", "hint removed", "hint kept", "page ends within", "tombstone");
    }

    private void RunSqlite(Prng random, ulong seed)
    {
        using var folder = new TempFolder();
        var turnstile = new Turnstile();
        var options = folder.Options with
        {
            BeforeTransaction = turnstile.Pass, MaxBatch = 3, DistrustAfterFailure = TimeSpan.Zero,
            RetryInterval = TimeSpan.FromDays(1),
            // No record in memory, a few of them, or all.
            RowCacheBytes = (seed % 3) switch { 0 => 0, 1 => 3_000, _ => 1 << 20 },
        };
        var model = new ModelStore();
        var failures = 0;
        var engine = SqliteEngine.Open(options);
        try
        {
            for (var step = 0; step < Steps; step++)
            {
                switch (random.Below(10))
                {
                    case < 6:
                        Enqueue(RandomWrite(random, model));
                        break;
                    case < 9:
                        Step();
                        break;
                    default:
                        if (!random.Chance(0.3)) break;
                        while (model.Pending.Count > 0) turnstile.Step();
                        engine.Dispose();
                        engine = SqliteEngine.Open(options);
                        Count("restart");
                        break;
                }

                Compare(engine, model, random, $"seed {seed}, step {step}");
            }
        }
        finally
        {
            turnstile.Open();
            engine.Dispose();
        }

        void Enqueue(IReadOnlyList<StoreChange> write)
        {
            var before = failures;
            model.Pending.Add(write);
            turnstile.Enqueue(engine, write, result =>
            {
                if (write.Count == 0)
                {
                    Assert.Equal(before == failures, result.Ok);
                    if (!result.Ok) Count("barrier failed");
                }

                model.Answered(write, result.Ok);
            });

            // An idle writer takes what it finds at once: waiting for it makes the batches the same in every run.
            turnstile.AwaitArrival();
        }

        void Step()
        {
            var before = model.Pending.ToList();
            if (before.Count == 0) return;
            var mishap = random.Below(8);
            if (before.TakeWhile(w => w.Count == 0).Count() is var barriers && barriers == before.Count) mishap = 9;
            // Counted before its barriers are answered, as the engine does.
            if (mishap < 2) failures++;
            turnstile.Step(mishap switch { 0 => Turnstile.FullDisk, 1 => Turnstile.NoCommit, _ => null });
            var answered = before.Take(before.Count - model.Pending.Count).ToList();
            Count("step");
            if (answered.Count > 1) Count("step with several writes");
            if (mishap == 0) Count("failed before");
            if (mishap == 1) Count("failed at commit");
            if (mishap >= 2) return;
            Assert.Empty(model.Pending);
            for (var i = 1; i < answered.Count; i++)
                if (answered[i].Any(x => answered.Take(i).Any(w => w.Any(y => SameRow(x, y)))))
                    Count("failed under later writes of the same rows");
        }
    }

    private IReadOnlyList<StoreChange> RandomWrite(Prng random, ModelStore model)
    {
        var count = random.Below(5);
        Count(count == 0 ? "barrier" : "write");
        var changes = new List<StoreChange>();
        for (var i = 0; i < count; i++)
        {
            var key = Keys[random.Below(Keys.Length)];
            var partition = Partitions[random.Below(Partitions.Length)];
            var owner = Owners[random.Below(Owners.Length)];
            var number = random.Next() >> 1;
            var stamp = (ulong)random.Below(3);
            changes.Add(random.Below(12) switch
            {
                < 3 => new StoreChange.PutRecord(
                    partition, key, Stored(number | 1, random.Chance(0.3) ? null : $"{number}")),
                < 6 => new StoreChange.RemoveRecord(partition, key),
                < 8 => new StoreChange.PutHint(HintOf(owner, key, stamp)),
                < 10 => new StoreChange.RemoveHint(owner, key, stamp),
                10 => new StoreChange.PutLease(partition, new GenerationLease(number, stamp)),
                _ => new StoreChange.PutCell($"cell{stamp}", BitConverter.GetBytes(number)),
            });
            if (changes[^1] is not StoreChange.RemoveHint remove) continue;
            if (model.Visible().Hints.TryGetValue((owner, key), out var hint))
                Count(hint.Stamp == remove.Stamp ? "hint removed" : "hint kept");
            if (model.Pending.Any(write => write.Any(x => x is StoreChange.PutHint && SameRow(x, remove))))
                Count("hint removal queued above a queued hint");
        }

        return changes;
    }

    private void Compare(IStorageEngine engine, ModelStore model, Prng random, string where)
    {
        var expected = model.Visible();
        foreach (var partition in Partitions)
        {
            Assert.True(Equals(expected.Leases.GetValueOrDefault(partition), engine.Lease(partition)), where);
            foreach (var key in Keys)
            {
                var stored = expected.Records.GetValueOrDefault((partition, key));
                var queued = model.IsQueued(partition, key);
                var status = stored is null ? StoreReadStatus.Missing : StoreReadStatus.Found;
                var read = engine.Read(partition, key);
                Assert.True(new StoreRead(status, stored, queued) == read, $"{where}: {partition} {key}");
                if (queued) Count("queued record");
                if (queued && stored is null) Count("queued removal");
            }

            var after = random.Chance(0.4) ? null : Keys[random.Below(Keys.Length)];
            var limit = random.Below(6);
            var bucket = random.Below(4) switch { 0 => "a", 1 => "aa", 2 => "nosuch", _ => null };
            var inRange = expected.Records
                .Where(x => x.Key.Item1 == partition && (after is null || x.Key.Item2.CompareTo(after) > 0)).ToList();
            if (inRange.Count > limit && limit > 0) Count("page ends within");
            var scan = engine.Scan(partition, after, limit);
            Assert.True(inRange.Take(limit).Select(x => (x.Key.Item2, x.Value)).SequenceEqual(scan), $"{where}: scan");
            var listed = inRange.Where(x => bucket is null || x.Key.Item2.Bucket == bucket).Take(limit)
                .Select(x => (x.Key.Item2, x.Value.Record.IsDeleted)).ToList();
            if (listed.Exists(x => x.IsDeleted)) Count("tombstone");
            Assert.True(listed.SequenceEqual(engine.ScanKeys(partition, bucket, after, limit)), $"{where}: keys");
        }

        foreach (var owner in Owners)
        {
            var hints = expected.Hints.Where(x => x.Key.Item1 == owner).Select(x => x.Value).ToList();
            var after = random.Chance(0.4) ? null : Keys[random.Below(Keys.Length)];
            Assert.True(hints.Where(h => after is null || h.Key.CompareTo(after) > 0).Take(3)
                .SequenceEqual(engine.ScanHints(owner, after, 3)), $"{where}: hints of {owner}");
            Assert.True(hints.Count == engine.HintCount(owner), $"{where}: {hints.Count} hints of {owner}");
        }

        foreach (var key in Keys)
        {
            Assert.True(expected.Hints.Where(x => x.Key.Item2.Equals(key)).Select(x => x.Value)
                .SequenceEqual(engine.HintsFor(key)), $"{where}: hints for {key}");
        }

        for (var i = 0; i < 3; i++)
        {
            Assert.True((expected.Cells.GetValueOrDefault($"cell{i}") ?? []).SequenceEqual(
                engine.Cell($"cell{i}")?.ToArray() ?? []), $"{where}: cell {i}");
        }

        Assert.Equal(expected.Hints.Keys.Select(x => x.Item1).Distinct(), engine.HintOwners());
        Assert.Equal(expected.Records.Keys.Select(x => x.Item1).Distinct(), engine.Partitions());
        Assert.Equal(
            new StoreCounts(model.Durable.Records.Count, model.Durable.Records.Values.Count(x => x.Record.IsDeleted),
                engine.Partitions().Count),
            engine.Counts());
    }

    private static bool SameRow(StoreChange x, StoreChange y) => Row(x).Equals(Row(y));

    private static object Row(StoreChange change) => change switch
    {
        StoreChange.PutRecord put => (put.Partition, put.Key),
        StoreChange.RemoveRecord remove => (remove.Partition, remove.Key),
        StoreChange.PutHint put => (put.Hint.Owner, put.Hint.Key),
        StoreChange.RemoveHint remove => (remove.Owner, remove.Key),
        StoreChange.PutLease put => put.Partition,
        _ => change,
    };

    private void Count(string what) => _seen[what] = _seen.GetValueOrDefault(what) + 1;

    private void Report(params string[] classes)
    {
        foreach (var (what, times) in _seen) output.WriteLine($"{times,7} {what}");
        Assert.All(classes, what => Assert.True(_seen.GetValueOrDefault(what) >= 10, $"Too few of '{what}'."));
    }
}
