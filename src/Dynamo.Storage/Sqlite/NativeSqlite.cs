using System.Runtime.InteropServices;
using SQLitePCL;

namespace Dynamo.Storage;

/// <summary>The SQLite library, made ready once, and the file system it is to use.</summary>
/// <remarks>
/// <code>
///   sqlite3_vfs, 64 bits:
///   0 iVersion, szOsFile, mxPathname | 16 pNext | 24 zName | 32 pAppData | 40 xOpen ... | 112 xSleep ... | 168 end
/// </code>
/// A connection that begins to read while another does so may find a lock taken for a microsecond: SQLite then tries
/// again and, the sixth time, sleeps one microsecond. The published Unix libraries of SQLitePCLRaw 2.0 were built
/// without usleep and sleep a whole second instead, measured as gets and puts of 1,000 ms on a busy machine. So the
/// default file system is registered once more under our name with a sleep that is as short as it is asked to be.
/// Others in the process keep theirs.
/// </remarks>
internal static class NativeSqlite
{
    private const string Library = "e_sqlite3";
    private const int NameOffset = 24, SleepOffset = 112, Size = 168, NextOffset = 16, KnownVersion = 3;

    // Kept for ever, because SQLite keeps pointers to both.
    private static readonly SleepFunction SleepDelegate = Sleep;
    private static readonly Lazy<string?> Prepared = new(Prepare);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SleepFunction(nint vfs, int microseconds);

    /// <summary>The name of the file system for <c>sqlite3_open_v2</c>; null for SQLite's default.</summary>
    public static string? FileSystem => Prepared.Value;

    private static string? Prepare()
    {
        Batteries_V2.Init();
        // Windows' own sleep counts milliseconds.
        if (OperatingSystem.IsWindows() || nint.Size != 8) return null;
        try
        {
            var original = Find(0);
            if (original == 0 || Marshal.ReadInt32(original) != KnownVersion) return null;
            var copy = Marshal.AllocHGlobal(Size);
            for (var at = 0; at < Size; at += nint.Size)
                Marshal.WriteIntPtr(copy, at, Marshal.ReadIntPtr(original, at));
            const string Name = "dynamo";
            Marshal.WriteIntPtr(copy, NextOffset, 0);
            Marshal.WriteIntPtr(copy, NameOffset, Marshal.StringToCoTaskMemUTF8(Name));
            Marshal.WriteIntPtr(copy, SleepOffset, Marshal.GetFunctionPointerForDelegate(SleepDelegate));
            return Register(copy, 0) == raw.SQLITE_OK && CanOpen(Name) ? Name : null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A bundle that calls its library otherwise; it is newer, and newer ones sleep well.
            return null;
        }
    }

    private static bool CanOpen(string fileSystem)
    {
        var code = raw.sqlite3_open_v2(":memory:", out var connection, raw.SQLITE_OPEN_READWRITE, fileSystem);
        connection.Dispose();
        return code == raw.SQLITE_OK;
    }

    private static int Sleep(nint vfs, int microseconds)
    {
        Thread.Sleep(microseconds < 100 ? 0 : (microseconds + 999) / 1000);
        return microseconds;
    }

    [DllImport(Library, EntryPoint = "sqlite3_vfs_find", CallingConvention = CallingConvention.Cdecl)]
    private static extern nint Find(nint name);

    [DllImport(Library, EntryPoint = "sqlite3_vfs_register", CallingConvention = CallingConvention.Cdecl)]
    private static extern int Register(nint vfs, int makeDefault);
}
