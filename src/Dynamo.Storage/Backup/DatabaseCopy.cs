using System.Diagnostics;
using SQLitePCL;

namespace Dynamo.Storage;

/// <summary>Copies a database that is being written, as it stands at one moment.</summary>
/// <remarks>
/// A read transaction is held on the source from the first page to the last: SQLite begins a copy anew when another connection has written,
/// unless the copy's own connection goes on seeing what it saw. Nobody waits for it; the write-ahead log grows meanwhile, since
/// what a reader may still need is not moved out of it.
/// </remarks>
internal static class DatabaseCopy
{
    private const int StepPages = 64;

    /// <param name="source">The database.</param>
    /// <param name="target">The file to be written; it must not exist.</param>
    /// <param name="bytesPerSecond">The most that is copied in a second, 1 or more.</param>
    /// <param name="progress">Told the bytes copied and the bytes in all.</param>
    /// <param name="cancel">Ends it; what was written is of no use then.</param>
    /// <exception cref="SqliteFailure">It cannot be read or written.</exception>
    public static void Run(string source, string target, long bytesPerSecond, Action<long, long> progress, CancellationToken cancel)
    {
        var options = new SqliteOptions { Folder = Path.GetDirectoryName(source)! };
        using var from = new Connection(source, options, readOnly: true);
        var pageBytes = from.Number("PRAGMA page_size");
        from.Execute("BEGIN");
        // The transaction sees nothing before it has read something.
        from.Number("SELECT COUNT(*) FROM sqlite_master");
        using var to = new Connection(target, options, readOnly: false);
        using var copy = raw.sqlite3_backup_init(to.Handle, "main", from.Handle, "main");
        if (copy.IsInvalid) throw SqliteFailure.Of(to.Handle);
        var watch = Stopwatch.StartNew();
        while (raw.sqlite3_backup_step(copy, StepPages) is var code && code != raw.SQLITE_DONE)
        {
            cancel.ThrowIfCancellationRequested();
            if (code is not (raw.SQLITE_OK or raw.SQLITE_BUSY or raw.SQLITE_LOCKED)) throw SqliteFailure.Of(to.Handle);
            var all = raw.sqlite3_backup_pagecount(copy) * pageBytes;
            var done = all - (raw.sqlite3_backup_remaining(copy) * pageBytes);
            progress(done, all);
            var early = TimeSpan.FromSeconds((double)done / bytesPerSecond) - watch.Elapsed;
            if (early > TimeSpan.FromMilliseconds(1)) cancel.WaitHandle.WaitOne(early);
        }
    }
}
