using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;

namespace Dynamo.Storage;

/// <summary>Has a connection sync its write-ahead log by <c>fdatasync</c>.</summary>
/// <remarks>
/// The published libraries of SQLite were built without it and call <c>fsync</c>, which also writes down when the file was last changed: on
/// ext4 a commit of its journal for each of ours, a third of the time that ours takes. What is needed to read the data again, the file's
/// length above all, <c>fdatasync</c> writes as well. SQLite asks for a sync through a table of functions:
/// <code>
///   sqlite3_file:         0 table
///   sqlite3_io_methods:   0 iVersion | 8 xClose, xRead, xWrite, xTruncate | 40 xSync | 48 ..    104, 136 or 152 bytes by its version
/// </code>
/// So the log gets a copy of its table with another xSync, and all that follows from a sync that fails stays SQLite's. The first one is done by
/// SQLite, which syncs the folder with it when the file is new.
/// </remarks>
internal sealed class LogSync : IDisposable
{
    /// <summary>What a log's name has behind its database's.</summary>
    public const string Suffix = "-wal";

    private const string Library = "e_sqlite3";
    private const int JournalPointer = 28, SyncOffset = 40, SyncFailed = 10 | (4 << 8), Interrupted = 4;

    // Of the versions 1, 2 and 3.
    private static readonly int[] TableSizes = [104, 136, 152];

    private readonly SafeFileHandle _log;
    private readonly nint _file, _original, _table;
    private readonly SyncFunction _sync, _originalSync;

    private LogSync(SafeFileHandle log, nint file, int size)
    {
        (_log, _file, _original) = (log, file, Marshal.ReadIntPtr(file));
        _originalSync = Marshal.GetDelegateForFunctionPointer<SyncFunction>(Marshal.ReadIntPtr(_original, SyncOffset));
        _sync = Sync;
        _table = Marshal.AllocHGlobal(size);
        for (var at = 0; at < size; at += nint.Size) Marshal.WriteIntPtr(_table, at, Marshal.ReadIntPtr(_original, at));
        Marshal.WriteIntPtr(_table, SyncOffset, Marshal.GetFunctionPointerForDelegate(_sync));
        Marshal.WriteIntPtr(_file, _table);
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SyncFunction(nint file, int flags);

    /// <summary>How often the log was synced.</summary>
    public long Count { get; private set; }

    /// <summary>Attaches to a connection in WAL mode that has read from its database. Its owner detaches before it closes it.</summary>
    /// <param name="connection">The connection, used by one thread at a time.</param>
    /// <param name="log">The file that is to be synced: its log.</param>
    /// <returns>null where the platform or the library does not allow it, which goes on as it did then.</returns>
    public static LogSync? TryAttach(sqlite3 connection, string log)
    {
        if (!OperatingSystem.IsLinux() || nint.Size != 8) return null;
        SafeFileHandle? file = null;
        try
        {
            if (Control(connection.DangerousGetHandle(), "main", JournalPointer, out var journal) != raw.SQLITE_OK || journal == 0) return null;
            var table = Marshal.ReadIntPtr(journal);
            var version = table == 0 ? 0 : Marshal.ReadInt32(table);
            if (version < 1 || version > TableSizes.Length) return null;
            file = File.OpenHandle(log, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            // Whether there is such a call shows here, where an exception has somebody to catch it.
            _ = DataSync(file);
            return new LogSync(file, journal, TableSizes[version - 1]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            file?.Dispose();
            return null;
        }
    }

    /// <summary>Gives the log its own table back.</summary>
    public void Dispose()
    {
        if (_log.IsClosed) return;
        Marshal.WriteIntPtr(_file, _original);
        Marshal.FreeHGlobal(_table);
        _log.Dispose();
    }

    // Called by SQLite, on the thread of whoever commits; nothing may be thrown.
    private int Sync(nint file, int flags)
    {
        if (Count++ == 0) return _originalSync(file, flags);
        while (DataSync(_log) != 0)
            if (Marshal.GetLastPInvokeError() != Interrupted) return SyncFailed;
        return raw.SQLITE_OK;
    }

    [DllImport(Library, EntryPoint = "sqlite3_file_control", CallingConvention = CallingConvention.Cdecl)]
    private static extern int Control(nint connection, [MarshalAs(UnmanagedType.LPUTF8Str)] string database, int operation, out nint file);

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static extern int DataSync(SafeFileHandle file);
}
