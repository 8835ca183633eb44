using SQLitePCL;
using static Dynamo.Storage.Tests.Samples;

namespace Dynamo.Storage.Tests;

/// <summary>How the write-ahead log is synced.</summary>
public sealed class LogSyncTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_commit_syncs_the_log_once_and_what_it_has_written_is_there_when_it_is_detached()
    {
        using var connection = Open();
        using (var sync = LogSync.TryAttach(connection.Handle, Database + LogSync.Suffix))
        {
            Assert.Equal(OperatingSystem.IsLinux(), sync is not null);
            if (sync is null) return;
            for (var i = 1; i <= 5; i++)
            {
                Put(connection, i);
                // The log's head is synced as well, with the first commit alone.
                Assert.Equal(i + 1, sync.Count);
            }
        }

        Put(connection, 6);
        Assert.Equal(6, connection.Number("SELECT COUNT(*) FROM t"));
    }

    [Fact]
    public void A_sync_that_fails_fails_the_commit_and_nothing_of_it_can_be_read()
    {
        using var connection = Open();
        using (var sync = LogSync.TryAttach(connection.Handle, "/dev/null"))
        {
            Assert.Equal(OperatingSystem.IsLinux(), sync is not null);
            if (sync is null) return;
            // SQLite does the first one itself, so that it tells of the second.
            Assert.Throws<SqliteFailure>(() => Put(connection, 1));
            _ = raw.sqlite3_exec(connection.Handle, "ROLLBACK");
            Assert.Throws<SqliteFailure>(() => Put(connection, 2));
            _ = raw.sqlite3_exec(connection.Handle, "ROLLBACK");
        }

        Assert.Equal(0, connection.Number("SELECT COUNT(*) FROM t"));
        Put(connection, 3);
        Assert.Equal(3, connection.Number("SELECT SUM(x) FROM t"));
    }

    [Theory]
    [InlineData(SyncMode.Full)]
    [InlineData(SyncMode.Process)]
    public void A_store_that_survives_the_loss_of_power_syncs_so(SyncMode mode)
    {
        var options = _folder.Options with { Sync = mode };
        using (var engine = SqliteEngine.Open(options)) engine.Store(Engines.Put(KeyOf(1), Stored(1, "text")));
        using (var writer = new WriterConnection(_folder.Database, options, new RowCache(0)))
        {
            for (var i = 2; i <= 6; i++)
            {
                var before = writer.LogSyncs;
                writer.Begin();
                writer.Apply(Engines.Put(KeyOf(i), Stored(1, $"text {i}")));
                writer.Commit();
                if (i > 2) Assert.Equal(OperatingSystem.IsLinux() && mode == SyncMode.Full ? 1 : 0, writer.LogSyncs - before);
            }
        }

        using var again = SqliteEngine.Open(options);
        Assert.Equal("text 6", TextOf(again.Read(P0, KeyOf(6))));
    }

    private string Database => Path.Combine(_folder.Path, "log-sync.db");

    private Connection Open()
    {
        var connection = new Connection(Database, _folder.Options, readOnly: false);
        connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (x)");
        // All of the log is in the database, so that the next transaction begins it anew.
        connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        return connection;
    }

    private static void Put(Connection connection, int number) => connection.Execute($"BEGIN; INSERT INTO t VALUES ({number}); COMMIT");
}
