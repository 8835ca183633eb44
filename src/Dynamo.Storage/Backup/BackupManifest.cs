using System.Security.Cryptography;
using System.Text.Json;

namespace Dynamo.Storage;

/// <summary>One file of a backup.</summary>
/// <param name="Name">Its name within the folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of its content, hexadecimal.</param>
public sealed record BackupFile(string Name, long Bytes, string Sha256);

/// <summary>What is in a backup and whose it is: the file <c>manifest.json</c> beside it, written last.</summary>
public sealed record BackupManifest
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The format this code writes; a higher one is refused.</summary>
    public const int PresentFormat = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>The version of the format.</summary>
    public int Format { get; init; } = PresentFormat;

    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>The runtime that the node's folder belongs to: "akka" or "embedded".</summary>
    public required string Runtime { get; init; }

    /// <summary>The cluster's id.</summary>
    public required string Cluster { get; init; }

    /// <summary>When the copy was begun, by the node's clock, UTC.</summary>
    public required DateTime TakenAt { get; init; }

    /// <summary>The digest of the ring that the node had settled on, hexadecimal.</summary>
    public required string Ring { get; init; }

    /// <summary>Records, tombstones included.</summary>
    public required long Records { get; init; }

    /// <summary>Hints for other nodes.</summary>
    public required long Hints { get; init; }

    /// <summary>The files.</summary>
    public required IReadOnlyList<BackupFile> Files { get; init; }

    /// <summary>Describes a file as it lies there now.</summary>
    public static BackupFile Describe(string path)
    {
        using var file = File.OpenRead(path);
        return new BackupFile(Path.GetFileName(path), file.Length, Convert.ToHexStringLower(SHA256.HashData(file)));
    }

    /// <summary>Writes it into a folder.</summary>
    public void Save(string folder)
    {
        using var file = File.Create(Path.Combine(folder, FileName));
        JsonSerializer.Serialize(file, this, Json);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Reads the manifest of a folder and checks every file against it.</summary>
    /// <exception cref="StorageOpenException">It is no whole backup; one sentence says what is wrong.</exception>
    public static BackupManifest Verify(string folder)
    {
        try
        {
            var path = Path.Combine(folder, FileName);
            if (!File.Exists(path)) throw new StorageOpenException($"{folder} is no backup: it has no {FileName}.");
            var manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(path), Json)!;
            if (manifest.Format > PresentFormat)
                throw new StorageOpenException(
                    $"The backup {folder} has format {manifest.Format}; this version reads up to {PresentFormat}.");
            foreach (var file in manifest.Files)
            {
                if (file.Name != Path.GetFileName(file.Name)) throw new StorageOpenException($"{path} names a file outside its folder.");
                var there = Path.Combine(folder, file.Name);
                if (!File.Exists(there)) throw new StorageOpenException($"The backup {folder} lacks its file {file.Name}.");
                if (Describe(there) != file)
                    throw new StorageOpenException($"The file {file.Name} of the backup {folder} is not as it was written: its checksum differs.");
            }

            if (manifest.Files.All(static file => file.Name != SqliteEngine.FileName))
                throw new StorageOpenException($"The backup {folder} holds no store.");
            return manifest;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new StorageOpenException($"The backup {folder} cannot be read: {fault.Message}", fault);
        }
    }
}
