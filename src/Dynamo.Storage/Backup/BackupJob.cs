using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>Takes backups of a node's folder while the node runs, one at a time. Thread-safe.</summary>
public sealed class BackupJob : IDisposable
{
    /// <summary>What is copied in a second when nobody says otherwise: 64 MiB.</summary>
    public const long StandardRate = 64 << 20;

    private readonly string? _folder;
    private readonly string _runtime;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private BackupProgress? _progress;
    private Task _running = Task.CompletedTask;

    /// <summary>For a node.</summary>
    /// <param name="folder">Its data folder; null for a node that keeps everything in memory.</param>
    /// <param name="runtime">"akka" or "embedded".</param>
    public BackupJob(string? folder, string runtime)
    {
        _folder = folder;
        _runtime = runtime;
    }

    /// <summary>How the last backup stands; null when none was asked for since the process started.</summary>
    public BackupProgress? Progress
    {
        get
        {
            lock (_lock) return _progress;
        }
    }

    /// <summary>Ends when the backup that runs, if any, has ended.</summary>
    public Task WhenOver => _running;

    /// <summary>Begins a backup: "" or a sentence that says why not.</summary>
    /// <param name="target">A folder that does not exist or is empty, on this machine; an absolute path.</param>
    /// <param name="bytesPerSecond">The most that is copied in a second, 1 or more.</param>
    /// <param name="mark">Whose backup it is.</param>
    public string Begin(string target, long bytesPerSecond, BackupMark mark)
    {
        if (_folder is null) return "This node keeps everything in memory; there is nothing to back up.";
        if (!Path.IsPathFullyQualified(target)) return $"The folder must be an absolute path on the node's machine; {target} is none.";
        if (bytesPerSecond < 1) return "The rate must be 1 byte a second or more.";
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            return $"The folder {target} is not empty.";
        lock (_lock)
        {
            if (_progress is { IsRunning: true } other) return $"A backup to {other.Folder} is being written.";
            _progress = new BackupProgress(target, true, 0, 0, "");
        }

        _running = Task.Factory.StartNew(
            () => Run(_folder, target, bytesPerSecond, mark), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return "";
    }

    /// <summary>Ends a backup that runs; what it has written is removed.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _running.Wait();
        _stop.Dispose();
    }

    private void Run(string folder, string target, long rate, BackupMark mark)
    {
        var draft = target.TrimEnd(Path.DirectorySeparatorChar) + ".part";
        try
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
            Directory.CreateDirectory(draft);
            // The store last: what else there is may be a little older, as after a crash between two writes.
            foreach (var other in Directory.EnumerateFiles(folder, "*.db").Where(static f => Path.GetFileName(f) != SqliteEngine.FileName))
                DatabaseCopy.Run(other, Path.Combine(draft, Path.GetFileName(other)), rate, static (_, _) => { }, _stop.Token);
            var store = Path.Combine(draft, SqliteEngine.FileName);
            DatabaseCopy.Run(Path.Combine(folder, SqliteEngine.FileName), store, rate, (done, all) => Note(done, all, true, ""), _stop.Token);
            var (records, hints) = BackupStore.Finish(store, mark);
            new BackupManifest
            {
                Node = mark.Node.Name, Runtime = _runtime, Cluster = mark.ClusterId, Ring = $"{mark.Ring:x16}",
                TakenAt = DateTime.UnixEpoch.AddTicks(mark.TakenAt.Microseconds * TimeSpan.TicksPerMicrosecond),
                Records = records, Hints = hints,
                Files = [.. Directory.EnumerateFiles(draft).Order(StringComparer.Ordinal).Select(BackupManifest.Describe)],
            }.Save(draft);
            if (Directory.Exists(target)) Directory.Delete(target);
            Directory.Move(draft, target);
            var bytes = new FileInfo(Path.Combine(target, SqliteEngine.FileName)).Length;
            Note(bytes, bytes, false, "");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SqliteFailure or OperationCanceledException)
        {
            var why = fault is SqliteFailure failure ? failure.Sentence(draft) : fault is OperationCanceledException ? "The node was stopped." : fault.Message;
            Remove(draft);
            Note(0, 0, false, $"The backup to {target} failed: {why}");
        }
    }

    private void Note(long done, long all, bool isRunning, string error)
    {
        lock (_lock) _progress = new BackupProgress(_progress!.Folder, isRunning, done, all, error);
    }

    private static void Remove(string draft)
    {
        try
        {
            Directory.Delete(draft, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The next backup to the same place removes it.
        }
    }
}
