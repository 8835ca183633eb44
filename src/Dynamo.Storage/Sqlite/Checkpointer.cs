using System.Diagnostics;
using SQLitePCL;

namespace Dynamo.Storage;

/// <summary>
/// Moves pages from the write-ahead log into the database, a few at a time, on a thread of its own, so that no commit waits for it.
/// </summary>
/// <remarks>
/// SQLite would do it inside every commit that finds 1,000 pages in the log: about ten milliseconds for whoever waits. Beside
/// commits it holds them up as well, for the disk has both to sync, and the longer the more pages go at once.
/// <code>
///   pages in the log   0 ....... 50 ........ 100 ........ 150   ...   4,000
///   this thread                  moves 50    moves 50     moves 50    moves nearly all
///   the writer                                                        the last few: the log starts over
/// </code>
/// The log can start over only when all of it is moved, which a thread beside a busy writer never quite reaches.
/// So this thread moves nearly all, and then the writer moves the last few pages between two transactions.
/// </remarks>
internal sealed class Checkpointer : IDisposable
{
    // So many pages the writer can move without anybody noticing; more are worth another round here.
    private const int FewPages = 64, MaxRounds = 4;

    // 4,000 pages at once, all different, held commits up for 80 ms, 400 for 8, 50 for 2.
    private const int PagesAtOnce = 50;

    // A portion takes two syncs whatever its size, so a busy writer's are larger, and on a slow disk at most a tenth of the time is theirs.
    private const int LongerThanPortion = 9;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private readonly string _path;
    private readonly SqliteOptions _options;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private Connection? _connection;
    private int _pages;
    private long _notBefore;
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
        if (_running || _pages < PagesAtOnce || Stopwatch.GetTimestamp() < _notBefore) return;
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
            if (_closing) break;
            var began = Stopwatch.GetTimestamp();
            _error = Checkpoint();
            var ended = Stopwatch.GetTimestamp();
            _notBefore = ended + Math.Max((ended - began) * LongerThanPortion, (long)(ShortestPause.TotalSeconds * Stopwatch.Frequency));
            _running = false;
        }

        _connection?.Dispose();
    }

    private string? Checkpoint()
    {
        try
        {
            var connection = _connection ??= Open();
            for (var round = 0; round < MaxRounds && !_closing; round++)
            {
                var code = raw.sqlite3_wal_checkpoint_v2(
                    connection.Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out var inLog, out var moved);
                if (code == raw.SQLITE_BUSY) return null;
                if (code != raw.SQLITE_OK) throw SqliteFailure.Of(connection.Handle);
                if (inLog < _options.CheckpointPages) return null;
                if (inLog - moved <= FewPages) break;
            }

            _writerMayFinish = true;
            return null;
        }
        catch (SqliteFailure e)
        {
            _connection?.Dispose();
            _connection = null;
            return e.Sentence(_path);
        }
    }

    private Connection Open()
    {
        var connection = new Connection(_path, _options, readOnly: false);
        try
        {
            connection.Execute("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
