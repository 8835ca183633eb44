using Dynamo.Core;
using static Dynamo.Storage.Tests.Engines;
using static Dynamo.Storage.Tests.Samples;

namespace Dynamo.Storage.Tests;

/// <summary>
/// Disks that are full, read-only or locked: every write is answered, reads go on, and the store gets well.
/// </summary>
public sealed class SqliteFailureTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private volatile string _pragma = "";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_full_disk_fails_writes_with_a_sentence_and_writes_work_again_when_there_is_room()
    {
        using var engine = Open();
        engine.Store(Put(KeyOf(0), Stored(1, "before")), Put(HintOf(Ann, KeyOf(0), 1)));
        _pragma = "PRAGMA max_page_count = 1";
        var sentence = $"The disk that holds {_folder.Database} is full.";
        var big = StoredBytes(1, new byte[100_000]);
        Assert.Equal(sentence, engine.Write(Put(KeyOf(1), big), Put(HintOf(Bob, KeyOf(1), 2))).Error);
        Assert.Equal(sentence, engine.Error);
        Assert.Equal(StoreReadStatus.Missing, engine.Read(P0, KeyOf(1)).Status);
        Assert.Equal([Ann], engine.HintOwners());
        Assert.Equal("before", TextOf(engine.Read(P0, KeyOf(0))));
        // What needs no room still works.
        engine.Store(Put(KeyOf(0), Stored(2, "during")));
        _pragma = "PRAGMA max_page_count = 1000000";
        engine.Store(Put(KeyOf(1), big));
        Assert.Null(engine.Error);
        Assert.Equal(new StoreCounts(2, 0, 1), engine.Counts());
    }

    [Fact]
    public void A_read_only_store_fails_writes_and_gets_well_by_itself_without_a_write()
    {
        using var healed = new ManualResetEventSlim();
        using var engine = Open(retryInterval: TimeSpan.FromMilliseconds(1), then: () =>
        {
            // The probe after the mending one proves that the mending one has ended.
            if (_pragma == "PRAGMA query_only = OFF") healed.Set();
        });
        engine.Store(Put(KeyOf(0), Stored(1)));
        _pragma = "PRAGMA query_only = ON";
        Assert.Equal($"{_folder.Database} is read-only.", engine.Write(Put(KeyOf(1), Stored(1))).Error);
        Assert.Equal($"{_folder.Database} is read-only.", engine.Error);
        Assert.Equal(StoreReadStatus.Found, engine.Read(P0, KeyOf(0)).Status);
        _pragma = "PRAGMA query_only = OFF";
        Assert.True(healed.Wait(Patience));
        Assert.True(SpinWait.SpinUntil(() => engine.Error is null, Patience));
        Assert.Equal(new StoreCounts(1, 0, 1), engine.Counts());
    }

    [Fact]
    public void A_lock_of_another_program_fails_writes_until_it_is_gone()
    {
        using var engine = Open();
        engine.Store(Put(KeyOf(0), Stored(1)));
        using (var other = new Connection(_folder.Database, _folder.Options, readOnly: false))
        {
            other.Execute("BEGIN IMMEDIATE");
            Assert.Equal(
                $"{_folder.Database} is locked by another program.", engine.Write(Put(KeyOf(1), Stored(1))).Error);
            Assert.Equal(StoreReadStatus.Found, engine.Read(P0, KeyOf(0)).Status);
            Assert.Equal([KeyOf(0)], engine.Scan(P0, null, 9).Select(x => x.Key));
            other.Execute("ROLLBACK");
        }

        engine.Store(Put(KeyOf(1), Stored(1)));
        Assert.Null(engine.Error);
    }

    [Fact]
    public void A_store_that_another_program_has_locked_for_itself_cannot_be_opened()
    {
        Open().Dispose();
        using var other = new Connection(_folder.Database, _folder.Options, readOnly: false);
        other.Execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE");
        Assert.Equal($"{_folder.Database} is locked by another program.",
            Assert.Throws<StorageOpenException>(() => Open()).Message);
    }

    [Fact]
    public void A_connection_that_breaks_is_made_anew()
    {
        var failures = new Queue<int>(
            [SQLitePCL.raw.SQLITE_IOERR, SQLitePCL.raw.SQLITE_CORRUPT, SQLitePCL.raw.SQLITE_NOMEM]);
        var connections = new HashSet<SQLitePCL.sqlite3>(ReferenceEqualityComparer.Instance);
        using var engine = SqliteEngine.Open(_folder.Options with
        {
            RetryInterval = TimeSpan.FromDays(1),
            BeforeTransaction = connection =>
            {
                connections.Add(connection);
                if (failures.TryDequeue(out var code)) throw new SqliteFailure(code, "planted");
            },
        });
        var errors = Enumerable.Range(0, 3).Select(i => engine.Write(Put(KeyOf(i), Stored(1))).Error).ToList();
        Assert.StartsWith($"The disk that holds {_folder.Database} fails: planted", errors[0]);
        Assert.StartsWith($"{_folder.Database} is damaged: planted", errors[1]);
        Assert.Equal("SQLite found no memory.", errors[2]);
        engine.Store(Put(KeyOf(9), Stored(1)));
        Assert.Equal(3, connections.Count);
        Assert.Equal([KeyOf(9)], engine.Scan(P0, null, 9).Select(x => x.Key));
    }

    [Fact]
    public void A_callback_that_throws_costs_nobody_else_an_answer()
    {
        using var engine = Open();
        engine.Enqueue([Put(KeyOf(0), Stored(1))], _ => throw new InvalidOperationException("planted"));
        engine.Store(Put(KeyOf(1), Stored(1)));
        Assert.Equal("The answer to a write was not taken: planted", engine.Error);
        Assert.Equal(2, engine.Counts().Records);
    }

    private SqliteEngine Open(TimeSpan? retryInterval = null, Action? then = null)
    {
        return SqliteEngine.Open(_folder.Options with
        {
            LockTimeout = TimeSpan.FromMilliseconds(20),
            RetryInterval = retryInterval ?? TimeSpan.FromDays(1),
            BeforeTransaction = BeforeTransaction,
        });

        void BeforeTransaction(SQLitePCL.sqlite3 connection)
        {
            if (_pragma.Length > 0) SQLitePCL.raw.sqlite3_exec(connection, _pragma);
            then?.Invoke();
        }
    }
}
