using Dynamo.Core;

namespace Dynamo.Storage.Tests;

/// <summary>What the tests say to an engine.</summary>
internal static class Engines
{
    // Long enough for any machine; a test that needs it has failed.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Writes and waits for the answer.</summary>
    public static WriteResult Write(this IStorageEngine engine, params StoreChange[] changes)
    {
        var answer = engine.Start(changes);
        Assert.True(answer.Wait(Patience), "The write was not answered.");
        return answer.Result;
    }

    /// <summary>Writes without waiting.</summary>
    public static Task<WriteResult> Start(this IStorageEngine engine, params StoreChange[] changes)
    {
        var answer = new TaskCompletionSource<WriteResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        // SetResult, not TrySetResult: a second answer is a failure.
        engine.Enqueue(changes, answer.SetResult);
        return answer.Task;
    }

    /// <summary>Writes and expects it to be durable.</summary>
    public static void Store(this IStorageEngine engine, params StoreChange[] changes) =>
        Assert.Null(engine.Write(changes).Error);

    public static StoreChange Put(Key key, StoredRecord stored, PartitionId partition = default) =>
        new StoreChange.PutRecord(partition, key, stored);

    public static StoreChange Remove(Key key, PartitionId partition = default) =>
        new StoreChange.RemoveRecord(partition, key);

    public static StoreChange Put(Hint hint) => new StoreChange.PutHint(hint);

    public static StoreChange Remove(Hint hint) => new StoreChange.RemoveHint(hint.Owner, hint.Key, hint.Stamp);
}

/// <summary>A folder that goes with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dynamo-storage-").FullName;

    public string Database => System.IO.Path.Combine(Path, SqliteEngine.FileName);

    public SqliteOptions Options => new() { Folder = Path };

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // Windows keeps files that a dying child still holds; the folder is in the temporary directory anyway.
        }
    }
}

/// <summary>Holds the writer thread before each transaction until the test lets it go on.</summary>
internal sealed class Turnstile
{
    private readonly object _lock = new();
    private int _outstanding;
    private bool _standing, _permit, _open;
    private Action<SQLitePCL.sqlite3>? _mishap;

    /// <summary>For <see cref="SqliteOptions.BeforeTransaction"/>.</summary>
    public void Pass(SQLitePCL.sqlite3 connection)
    {
        lock (_lock)
        {
            _standing = true;
            Monitor.PulseAll(_lock);
            while (!_open && !_permit) Monitor.Wait(_lock);
            (_standing, _permit) = (false, false);
        }

        // The test thread waits meanwhile, so nobody else touches it.
        var mishap = _mishap;
        _mishap = null;
        mishap?.Invoke(connection);
    }

    /// <summary>Makes the transaction fail before it begins.</summary>
    public static void FullDisk(SQLitePCL.sqlite3 connection) =>
        throw new SqliteFailure(SQLitePCL.raw.SQLITE_FULL, "planted");

    /// <summary>Makes the transaction fail when all of it is done and only the commit is missing.</summary>
    public static void NoCommit(SQLitePCL.sqlite3 connection)
    {
        var refuse = true;
        SQLitePCL.raw.sqlite3_commit_hook(connection, _ =>
        {
            var answer = refuse ? 1 : 0;
            refuse = false;
            return answer;
        }, null!);
    }

    /// <summary>Hands a write over and counts it until it is answered.</summary>
    public void Enqueue(
        IStorageEngine engine, IReadOnlyList<StoreChange> changes, Action<WriteResult> done, long? asOf = null)
    {
        lock (_lock) _outstanding++;
        engine.Enqueue(changes, result =>
        {
            lock (_lock)
            {
                done(result);
                _outstanding--;
                Monitor.PulseAll(_lock);
            }
        }, asOf);
    }

    /// <summary>Waits until the writer stands here, or nothing is left to do.</summary>
    public void AwaitArrival()
    {
        lock (_lock) Await(() => _standing || _outstanding == 0);
    }

    /// <summary>Lets one transaction go on, or fail, and waits until all its writes are answered.</summary>
    public void Step(Action<SQLitePCL.sqlite3>? mishap = null)
    {
        lock (_lock)
        {
            Await(() => _standing || _outstanding == 0);
            if (!_standing) return;
            (_standing, _permit, _mishap) = (false, true, mishap);
            Monitor.PulseAll(_lock);
            Await(() => _standing || _outstanding == 0);
        }
    }

    /// <summary>Holds nobody any more.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _open = true;
            Monitor.PulseAll(_lock);
        }
    }

    private void Await(Func<bool> condition)
    {
        while (!condition()) Assert.True(Monitor.Wait(_lock, Engines.Patience), "The writer thread hangs.");
    }
}
