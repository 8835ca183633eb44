using SQLitePCL;

namespace Dynamo.Storage;

/// <summary>A connection to the database with its prepared statements. Used by one thread at a time.</summary>
internal class Connection : IDisposable
{
    private readonly List<Statement> _statements = [];

    /// <summary>Opens a database; a missing one is created.</summary>
    /// <exception cref="SqliteFailure">It cannot be opened.</exception>
    public Connection(string path, SqliteOptions options, bool readOnly)
    {
        // NOMUTEX: the owner sees to it that one thread uses the connection, so SQLite need not lock each call.
        var flags = raw.SQLITE_OPEN_NOMUTEX
            | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var code = raw.sqlite3_open_v2(path, out var handle, flags, NativeSqlite.FileSystem);
        Handle = handle;
        try
        {
            if (code != raw.SQLITE_OK) throw SqliteFailure.Of(handle);
            _ = raw.sqlite3_extended_result_codes(handle, 1);
            _ = raw.sqlite3_busy_timeout(handle, (int)options.LockTimeout.TotalMilliseconds);
            Execute($"PRAGMA cache_size = -{options.CacheBytes >> 10}; PRAGMA cell_size_check = ON");
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public sqlite3 Handle { get; }

    /// <summary>Whether a transaction is open.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>A statement that lives as long as the connection.</summary>
    public Statement Prepare(string sql)
    {
        var statement = new Statement(Handle, sql);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Runs statements that give no rows, or whose rows do not matter.</summary>
    public void Execute(string sql)
    {
        if (raw.sqlite3_exec(Handle, sql) != raw.SQLITE_OK) throw SqliteFailure.Of(Handle);
    }

    /// <summary>The number a query gives; 0 when it has no row.</summary>
    public long Number(string sql)
    {
        using var statement = new Statement(Handle, sql);
        return statement.Step() ? statement.Number(0) : 0;
    }

    public virtual void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
        Handle.Dispose();
        GC.SuppressFinalize(this);
    }
}
