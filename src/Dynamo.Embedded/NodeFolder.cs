using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Embedded;

/// <summary>Opens a node's folder for this runtime.</summary>
internal static class NodeFolder
{
    /// <exception cref="StorageOpenException">The folder cannot be used, or belongs to somebody else.</exception>
    public static IStorageEngine Open(string path, NodeId node, Founding founding)
    {
        DataFolder.Claim(path, "embedded", node, founding);
        return SqliteEngine.Open(new SqliteOptions { Folder = path });
    }
}
