using SQLitePCL;

namespace Dynamo.Storage;

/// <summary>
/// A prepared statement. Used by one thread at a time; <see cref="Reset"/> ends its read of the database.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    public Statement(sqlite3 connection, string sql)
    {
        _connection = connection;
        if (raw.sqlite3_prepare_v2(connection, sql, out _statement) != raw.SQLITE_OK)
            throw SqliteFailure.Of(connection);
    }

    public Statement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, index, value));
        return this;
    }

    public Statement Bind(int index, ulong value) => Bind(index, unchecked((long)value));

    public Statement Bind(int index, string text)
    {
        Check(raw.sqlite3_bind_text(_statement, index, text));
        return this;
    }

    public Statement Bind(int index, ReadOnlySpan<byte> bytes)
    {
        // An empty blob handed over as such becomes NULL, and no comparison with NULL is ever true.
        Check(bytes.IsEmpty
            ? raw.sqlite3_bind_zeroblob(_statement, index, 0)
            : raw.sqlite3_bind_blob(_statement, index, bytes));
        return this;
    }

    /// <summary>Goes to the next row; false when there is none.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW) return true;
        if (code == raw.SQLITE_DONE) return false;
        throw SqliteFailure.Of(_connection);
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    public void Run()
    {
        try
        {
            Step();
        }
        finally
        {
            Reset();
        }
    }

    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    public ulong Unsigned(int column) => unchecked((ulong)Number(column));

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string() ?? "";

    /// <summary>A column's bytes; valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    // The result repeats the last step's failure, which was thrown there.
    public void Reset() => _ = raw.sqlite3_reset(_statement);

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK) throw SqliteFailure.Of(_connection);
    }
}
