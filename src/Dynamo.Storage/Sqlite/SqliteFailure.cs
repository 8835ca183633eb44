using SQLitePCL;

namespace Dynamo.Storage;

/// <summary>What SQLite answered instead of doing its work. It stays inside this project.</summary>
internal sealed class SqliteFailure(int code, string text) : Exception($"{text} (SQLite {code})")
{
    /// <summary>The primary result code, without the extended bits.</summary>
    public int Primary => code & 0xFF;

    /// <summary>Whether the file itself is damaged, which no retry mends.</summary>
    public bool IsDamage => Primary is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>Whether the connection should be made anew before the next attempt.</summary>
    public bool NeedsNewConnection => IsDamage
        || Primary is raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_MISUSE;

    /// <summary>The failure of the last call on a connection.</summary>
    public static SqliteFailure Of(sqlite3 connection) =>
        new(raw.sqlite3_extended_errcode(connection), raw.sqlite3_errmsg(connection).utf8_to_string());

    /// <summary>One sentence for whoever runs the node.</summary>
    public string Sentence(string path) => Primary switch
    {
        raw.SQLITE_FULL => $"The disk that holds {path} is full.",
        raw.SQLITE_READONLY => $"{path} is read-only.",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"{path} is locked by another program.",
        raw.SQLITE_IOERR => $"The disk that holds {path} fails: {Message}.",
        raw.SQLITE_CORRUPT => $"{path} is damaged: {Message}.",
        raw.SQLITE_NOTADB => $"{path} is not a database, or its beginning is damaged.",
        raw.SQLITE_CANTOPEN => $"{path} cannot be opened: {Message}.",
        raw.SQLITE_PERM or raw.SQLITE_AUTH => $"This process may not use {path}.",
        raw.SQLITE_NOMEM => "SQLite found no memory.",
        _ => $"SQLite refuses to work on {path}: {Message}.",
    };
}
