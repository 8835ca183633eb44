namespace Dynamo.Storage;

/// <summary>How much a store's files take, and how much room their disk has left.</summary>
public static class DiskSpace
{
    /// <summary>Bytes that this process may still write where a folder lies; null where the system does not say.</summary>
    public static long? Free(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Bytes free where an engine keeps its data; null in memory.</summary>
    public static long? FreeFor(IStorageEngine engine) => engine is SqliteEngine sqlite ? Free(sqlite.Folder) : null;

    /// <summary>The bytes of a database with its write-ahead log and index.</summary>
    internal static long UsedBy(string database) => SizeOf(database) + SizeOf(database + "-wal") + SizeOf(database + "-shm");

    // The log comes and goes with the connections.
    private static long SizeOf(string file)
    {
        try
        {
            return new FileInfo(file) is { Exists: true } found ? found.Length : 0;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
