namespace Dynamo.Storage;

/// <summary>How much room a node's disk has.</summary>
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
}
