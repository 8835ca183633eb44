namespace Dynamo.Storage;

/// <summary>How much a store's files take, and how much their disk has left.</summary>
internal static class DiskSpace
{
    /// <summary>The bytes of a database with its write-ahead log and index, and the free bytes of its disk; null when the disk does not say.</summary>
    public static (long Used, long? Free) Of(string database)
    {
        var used = SizeOf(database) + SizeOf(database + "-wal") + SizeOf(database + "-shm");
        try
        {
            return (used, new DriveInfo(Path.GetFullPath(database)).AvailableFreeSpace);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (used, null);
        }
    }

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
