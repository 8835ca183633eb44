using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Embedded;

/// <summary>Opens a node's folder for this runtime.</summary>
internal static class NodeFolder
{
    /// <exception cref="StorageOpenException">The folder cannot be used, or belongs to somebody else.</exception>
    public static IStorageEngine Open(string path, NodeId node, Founding founding, BufferLimits? buffer)
    {
        DataFolder.Claim(path, "embedded", node, founding);
        return SqliteEngine.Open(new SqliteOptions { Folder = path, Buffer = buffer });
    }

    /// <summary>Removes a folder and all that is in it.</summary>
    /// <exception cref="StorageOpenException">It cannot be removed.</exception>
    public static void Wipe(string path)
    {
        try
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StorageOpenException($"The data folder {path} cannot be emptied: {fault.Message}");
        }
    }
}
