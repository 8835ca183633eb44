using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>Makes a copied store into a backup, and a backup into a store again.</summary>
internal static class BackupStore
{
    // Far above what the node can have given out since: stamps name hints for good.
    private const int OpeningsSkipped = 1000;

    /// <summary>Marks a copy: it bears no lease, so no dot is ever drawn from it again; returns how many records and hints it holds.</summary>
    public static (long Records, long Hints) Finish(string path, BackupMark mark)
    {
        using var copy = Open(path);
        var cell = mark.ToBytes().ToArray();
        using (var put = new Statement(copy.Handle, "INSERT OR REPLACE INTO cell VALUES (?1, ?2, ?3)"))
        {
            put.Bind(1, BackupMark.Cell).Bind(2, Rows.SumOfCell(BackupMark.Cell, cell)).Bind(3, cell);
            put.Step();
        }

        copy.Execute($"DELETE FROM lease; UPDATE tally SET opened = opened + {OpeningsSkipped}; PRAGMA journal_mode = DELETE");
        return (copy.Number("SELECT COUNT(*) FROM record"), copy.Number("SELECT COUNT(*) FROM hint"));
    }

    /// <summary>Takes the mark off, so that the copy is the node's store from now on.</summary>
    public static void MakeStore(string path)
    {
        using var copy = Open(path);
        copy.Execute($"DELETE FROM cell WHERE name = '{BackupMark.Cell}'; PRAGMA journal_mode = DELETE");
    }

    private static Connection Open(string path) =>
        new(path, new SqliteOptions { Folder = Path.GetDirectoryName(path)! }, readOnly: false);
}
