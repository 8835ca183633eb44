using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>A data folder that a backup was put into, and what the node then does with it.</summary>
/// <remarks>
/// <code>
///   dynamo.node           whose folder it is
///   restored/store.db     the backup, which the node reads beside its own, empty store (Restoration) and removes when it has taken in
///                         what may come back
///   store.db, ...         instead, when a whole cluster is restored: the backup is the store
/// </code>
/// </remarks>
public static class RestoredFolder
{
    private const string Name = "restored";

    /// <summary>Puts a backup into a data folder that holds no store.</summary>
    /// <param name="from">The backup.</param>
    /// <param name="data">The node's data folder; made when missing.</param>
    /// <param name="wholeCluster">Whether all nodes of the cluster are restored, so that nobody knows better than the backups.</param>
    /// <returns>What the backup says of itself.</returns>
    /// <exception cref="StorageOpenException">It cannot be done, one sentence says why; nothing the node would start from was written.</exception>
    public static BackupManifest Write(string from, string data, bool wholeCluster)
    {
        var manifest = BackupManifest.Verify(from);
        var target = Path.Combine(data, Name);
        if (File.Exists(Path.Combine(data, SqliteEngine.FileName)))
            throw new StorageOpenException($"The data folder {data} holds a store already; remove the folder first if its content is to go.");
        if (Directory.Exists(target)) throw new StorageOpenException($"The data folder {data} holds a backup that its node has not read yet.");
        try
        {
            DataFolder.Claim(data, manifest.Runtime, new NodeId(manifest.Node), manifest.Cluster);
            var draft = target + ".part";
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
            Directory.CreateDirectory(draft);
            foreach (var file in manifest.Files) File.Copy(Path.Combine(from, file.Name), Path.Combine(draft, file.Name));
            if (!wholeCluster)
            {
                Directory.Move(draft, target);
                return manifest;
            }

            BackupStore.MakeStore(Path.Combine(draft, SqliteEngine.FileName));
            foreach (var file in manifest.Files.OrderBy(static f => f.Name == SqliteEngine.FileName))
                File.Move(Path.Combine(draft, file.Name), Path.Combine(data, file.Name), overwrite: true);
            Directory.Delete(draft, recursive: true);
            return manifest;
        }
        catch (SqliteFailure fault)
        {
            throw new StorageOpenException(fault.Sentence(data), fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StorageOpenException($"The data folder {data} cannot be written: {fault.Message}", fault);
        }
    }

    /// <summary>Opens the backup in a data folder; null when there is none.</summary>
    /// <exception cref="StorageOpenException">It cannot be opened.</exception>
    public static SqliteEngine? Open(string data)
    {
        var folder = Path.Combine(data, Name);
        return Directory.Exists(folder) ? SqliteEngine.Open(new SqliteOptions { Folder = folder, CacheBytes = 1 << 20 }) : null;
    }

    /// <summary>Closes and removes a backup that was read; one that cannot be removed is read once more, which does no harm.</summary>
    public static void Discard(string data, IStorageEngine backup)
    {
        backup.Dispose();
        try
        {
            Directory.Delete(Path.Combine(data, Name), recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The backup in {data} was read and cannot be removed: {fault.Message}");
        }
    }
}
