using Dynamo.Core;

namespace Dynamo.Http.Tests;

internal sealed partial class FakeNode
{
    public List<(string Folder, long? Rate)> Backups { get; } = [];

    /// <summary>What a backup is refused with; "" begins it.</summary>
    public string BackupRefusal { get; set; } = "";

    public RestoreProgress? Restored { get; set; }

    public BackupProgress? LastBackup => Backups.Count == 0 ? null : new BackupProgress(Backups[^1].Folder, true, 5, 10, "");

    public Task<string> Backup(string folder, long? bytesPerSecond)
    {
        if (BackupRefusal.Length == 0) Backups.Add((folder, bytesPerSecond));
        return Task.FromResult(BackupRefusal);
    }

    public Task<RestoreProgress?> Restore() => Task.FromResult(Restored);
}
