using SQLitePCL;

namespace Dynamo.Storage;

/// <summary>
/// Moves pages from the write-ahead log into the database, on a thread of its own, so that no commit waits for it.
/// </summary>
/// <remarks>
/// SQLite would do it inside every commit that finds 1,000 pages in the log: about ten milliseconds for whoever waits.
/// The log can start over only when all of it is moved, which a thread beside a busy writer never quite reaches.
/// So this thread moves nearly all, and then the writer moves the last few pages between two transactions.
/// </remarks>
internal sealed class Checkpointer : IDisposable
{
    // So many pages the writer can move without anybody noticing; more are worth another round here.
    private const int FewPages = 64, MaxRounds = 4;

    private readonly string _path;
    private readonly SqliteOptions _options;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private int _pages;
    private volatile bool _closing, _running, _writerMayFinish;
    private volatile string? _error;

    public Checkpointer(string path, SqliteOptions options)
    {
        (_path, _options) = (path, options);
        _thread = new Thread(Run) { IsBackground = true, Name = "dynamo-store-checkpoint" };
        _thread.Start();
    }

    /// <summary>
    /// Why the last checkpoint failed; null when it did not. Nothing is lost by it, but the log grows.
    /// </summary>
    public string? Error => _error;

    /// <summary>The writer tells how many pages a transaction added to the log.</summary>
    public void Wrote(int pages)
    {
        _pages += pages;
        if (_pages < _options.CheckpointPages || _running) return;
        _pages = 0;
        _running = true;
        _wake.Set();
    }

    /// <summary>The writer, between two transactions, moves what this thread left.</summary>
    public void Finish(WriterConnection connection)
    {
        if (!_writerMayFinish) return;
        _writerMayFinish = false;
        _ = raw.sqlite3_wal_checkpoint_v2(connection.Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
    }

    public void Dispose()
    {
        _closing = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _wake.WaitOne();
            if (_closing) return;
            _error = Checkpoint();
            _running = false;
        }
    }

    private string? Checkpoint()
    {
        try
        {
            using var connection = new Connection(_path, _options, readOnly: false);
            connection.Execute("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
            for (var round = 0; round < MaxRounds && !_closing; round++)
            {
                var code = raw.sqlite3_wal_checkpoint_v2(
                    connection.Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out var inLog, out var moved);
                if (code == raw.SQLITE_BUSY) return null;
                if (code != raw.SQLITE_OK) throw SqliteFailure.Of(connection.Handle);
                if (inLog - moved <= FewPages) break;
            }

            _writerMayFinish = true;
            return null;
        }
        catch (SqliteFailure e)
        {
            return e.Sentence(_path);
        }
    }
}
