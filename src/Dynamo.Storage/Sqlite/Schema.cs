using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>The tables of a node's database, their version, and what must hold before the store serves.</summary>
/// <remarks>
/// <code>
///   record  p | b | n | deleted | sum | generation | floor | body     a partition replica's records
///   hint    owner | b | n | stamp | p | sum | generation | floor | body
///   lease   p | sum | generation | upto
///   cell    name | sum | bytes
///   tally   one row: how often the store was opened, records, tombstones
///   size    p | records | bytes                                       roughly, see PartitionSizes
///
///   p = partition, b = bucket (UTF-8), n = key, sum = CRC-32C of the rest of the row, body = RecordCodec's bytes
/// </code>
/// Tables without a rowid lie in the order of their keys: a partition is one stretch, scanned or dropped without
/// touching another, in the order of <see cref="Key"/>, because blobs compare as bytes do. Large bodies lie in
/// overflow pages behind the small columns, so a scan of keys does not read them. One file holds all partitions,
/// because the changes of one write (a record, a hint, a lease) are one transaction.
/// </remarks>
internal static class Schema
{
    /// <summary>The version this code writes; a higher one is refused.</summary>
    public const int Version = 1;

    /// <summary>"DYNO": tells a Dynamo store from any other SQLite database.</summary>
    private const int ApplicationId = 0x44594E4F;

    private const string Tables = """
        CREATE TABLE record (p INTEGER NOT NULL, b BLOB NOT NULL, n BLOB NOT NULL, deleted INTEGER NOT NULL,
            sum INTEGER NOT NULL, generation INTEGER NOT NULL, floor INTEGER NOT NULL, body BLOB NOT NULL,
            PRIMARY KEY (p, b, n)) WITHOUT ROWID;
        CREATE TABLE hint (owner TEXT NOT NULL, b BLOB NOT NULL, n BLOB NOT NULL, stamp INTEGER NOT NULL,
            p INTEGER NOT NULL, sum INTEGER NOT NULL, generation INTEGER NOT NULL, floor INTEGER NOT NULL,
            body BLOB NOT NULL, PRIMARY KEY (owner, b, n)) WITHOUT ROWID;
        CREATE TABLE lease (p INTEGER PRIMARY KEY, sum INTEGER NOT NULL, generation INTEGER NOT NULL,
            upto INTEGER NOT NULL);
        CREATE TABLE cell (name TEXT PRIMARY KEY, sum INTEGER NOT NULL, bytes BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE tally (id INTEGER PRIMARY KEY, opened INTEGER NOT NULL, records INTEGER NOT NULL,
            tombstones INTEGER NOT NULL);
        INSERT INTO tally VALUES (0, 0, 0, 0);
        """;

    // Also for a store that was made before there were sizes: another version would lock older programs out for an estimate.
    private const string Sizes =
        "CREATE TABLE IF NOT EXISTS size (p INTEGER PRIMARY KEY, records INTEGER NOT NULL, bytes INTEGER NOT NULL)";

    /// <summary>
    /// Creates or checks the tables and counts this opening, durably; gives its number, 1 for the first.
    /// </summary>
    /// <exception cref="StorageOpenException">The file is somebody else's or a newer version's.</exception>
    /// <exception cref="SqliteFailure">The file cannot be read or written.</exception>
    public static long Begin(Connection connection, string path)
    {
        // FULL whatever the options say: the number of this opening is in every hint stamp and must never come again.
        connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; "
            + "PRAGMA checkpoint_fullfsync = ON; BEGIN IMMEDIATE");
        var version = connection.Number("PRAGMA user_version");
        if (version == 0 && connection.Number("SELECT COUNT(*) FROM sqlite_master") == 0)
        {
            connection.Execute(Tables);
            connection.Execute($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version}");
        }
        else if (connection.Number("PRAGMA application_id") != ApplicationId)
        {
            throw new StorageOpenException($"{path} is an SQLite database, but not a Dynamo store.");
        }
        else if (version > Version)
        {
            throw new StorageOpenException(
                $"{path} was written by a newer Dynamo: its format is {version}, and this one knows up to {Version}.");
        }

        connection.Execute($"{Sizes}; UPDATE tally SET opened = opened + 1; COMMIT");
        return connection.Number("SELECT opened FROM tally");
    }

    /// <summary>
    /// Refuses a store with a damaged cell: what it says of the cluster cannot come from anywhere else.
    /// </summary>
    /// <exception cref="StorageOpenException">A cell's checksum fails.</exception>
    public static void CheckCells(Connection connection, string path)
    {
        using var cells = new Statement(connection.Handle, "SELECT name, sum, bytes FROM cell");
        while (cells.Step())
            if (cells.Number(1) != Rows.SumOfCell(cells.Text(0), cells.Bytes(2)))
                throw new StorageOpenException($"{path} is damaged: the checksum of its cell '{cells.Text(0)}' fails.");
    }
}
