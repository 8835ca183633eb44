using Dynamo.Core;
using static Dynamo.Storage.Tests.Engines;
using static Dynamo.Storage.Tests.Samples;

namespace Dynamo.Storage.Tests;

/// <summary>Flipped bits and files that are no store.</summary>
public sealed class SqliteDamageTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_flipped_bit_in_a_body_is_detected_never_served_and_mended_by_a_put()
    {
        Fill(engine => engine.Store(Put(KeyOf(1), Stored(1, "one")), Put(KeyOf(2), Stored(2, "needle-2")),
            Put(KeyOf(3), Stored(3, "three")), Put(KeyOf(2), Stored(9), P1)));
        Flip("needle-2");
        using var engine = SqliteEngine.Open(_folder.Options);
        Assert.Equal(new StoreRead(StoreReadStatus.Corrupt), engine.Read(P0, KeyOf(2)));
        Assert.Equal("one", TextOf(engine.Read(P0, KeyOf(1))));
        Assert.Equal([KeyOf(1), KeyOf(3)], engine.Scan(P0, null, 9).Select(x => x.Key));
        // A page is full or the last: a damaged record in it must not make it look like the last.
        Assert.Equal(2, engine.Scan(P0, null, 2).Count);
        Assert.Equal([P0, P1], engine.Partitions());
        engine.Store(Put(KeyOf(2), Stored(4, "mended")));
        Assert.Equal("mended", TextOf(engine.Read(P0, KeyOf(2))));
        Assert.Equal(4, engine.Counts().Records);
    }

    [Fact]
    public void A_partition_with_nothing_but_damage_is_still_listed()
    {
        Fill(engine => engine.Store(Put(KeyOf(2), Stored(2, "needle-2"), P7)));
        Flip("needle-2");
        using var engine = SqliteEngine.Open(_folder.Options);
        Assert.Equal([P7], engine.Partitions());
        Assert.Empty(engine.Scan(P7, null, 9));
    }

    [Fact]
    public void Every_bit_of_a_row_counts()
    {
        Fill(engine => engine.Store(Put(KeyOf(1), Stored(1, "text", floor: 3))));
        foreach (var column in new[] { "deleted", "sum", "generation", "floor", "body" })
        {
            var damage = column == "body" ? "x'0011'" : $"{column} + 1";
            Sql($"UPDATE record SET {column} = {damage}");
            using (var engine = SqliteEngine.Open(_folder.Options))
            {
                Assert.Equal(StoreReadStatus.Corrupt, engine.Read(P0, KeyOf(1)).Status);
                engine.Store(Put(KeyOf(1), Stored(1, "text", floor: 3)));
            }
        }

        Sql("UPDATE record SET p = 1");
        using var moved = SqliteEngine.Open(_folder.Options);
        Assert.Equal(StoreReadStatus.Corrupt, moved.Read(P1, KeyOf(1)).Status);
    }

    [Fact]
    public void A_damaged_hint_is_skipped_and_leaves_the_count()
    {
        Fill(engine => engine.Store(
            Put(HintOf(Ann, KeyOf(1), 1)), Put(HintOf(Ann, KeyOf(2), 2)), Put(HintOf(Bob, KeyOf(1), 3))));
        Sql("UPDATE hint SET floor = floor + 1 WHERE stamp <> 2");
        using var engine = SqliteEngine.Open(_folder.Options);
        Assert.Equal(2, engine.HintCount(Ann));
        Assert.Equal([HintOf(Ann, KeyOf(2), 2)], engine.ScanHints(Ann, null, 9));
        Assert.Null(engine.ReadHint(Bob, KeyOf(1)));
        engine.Store();
        Assert.Equal(1, engine.HintCount(Ann));
        Assert.Equal([Ann], engine.HintOwners());
    }

    [Fact]
    public void A_damaged_lease_reads_as_none()
    {
        Fill(engine => engine.Store(new StoreChange.PutLease(P0, new GenerationLease(1, 1000))));
        Sql("UPDATE lease SET upto = 2000");
        using var engine = SqliteEngine.Open(_folder.Options);
        Assert.Null(engine.Lease(P0));
    }

    [Fact]
    public void A_damaged_cell_is_a_reason_not_to_open()
    {
        Fill(engine => engine.Store(new StoreChange.PutCell("founding", new byte[] { 1, 2 })));
        Sql("UPDATE cell SET bytes = x'0103'");
        Refused($"{_folder.Database} is damaged: the checksum of its cell 'founding' fails.");
    }

    [Fact]
    public void A_page_of_rubbish_is_a_failure_that_is_reported_and_not_an_exception()
    {
        Fill(engine =>
        {
            for (var i = 0; i < 400; i++) engine.Store(Put(KeyOf(i), StoredBytes(1, new byte[500])));
        });
        using (var file = File.OpenWrite(_folder.Database))
        {
            // Behind the first pages, which hold the schema and the roots: leaves of the records.
            file.Position = 12 * 4096;
            while (file.Position < file.Length) file.Write(new byte[4096].Select((_, i) => (byte)(i * 31)).ToArray());
        }

        using var engine = SqliteEngine.Open(_folder.Options);
        var reads = Enumerable.Range(0, 400).Select(i => engine.Read(P0, KeyOf(i))).ToList();
        Assert.Contains(reads, r => r.Status == StoreReadStatus.Failed);
        Assert.DoesNotContain(reads, r => r.Status == StoreReadStatus.Found && r.Stored!.Record.BodyBytes != 500);
        Assert.StartsWith($"{_folder.Database} is damaged: ", engine.Error);
        Assert.Throws<StoreFailedException>(() => engine.Scan(P0, null, 1000));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5000)]
    [InlineData(100_000)]
    public void Garbage_instead_of_a_database_is_refused(int length)
    {
        File.WriteAllBytes(_folder.Database, [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7 + 1))]);
        Refused($"{_folder.Database} is not a database, or its beginning is damaged.");
    }

    [Fact]
    public void A_database_cut_short_is_refused_or_says_that_it_is_damaged()
    {
        Fill(engine =>
        {
            for (var i = 0; i < 400; i++) engine.Store(Put(KeyOf(i), StoredBytes(1, new byte[500])));
        });
        using (var file = File.OpenWrite(_folder.Database)) file.SetLength(file.Length / 2 / 4096 * 4096);
        SqliteEngine engine;
        try
        {
            engine = SqliteEngine.Open(_folder.Options);
        }
        catch (StorageOpenException e)
        {
            Assert.StartsWith($"{_folder.Database} is damaged: ", e.Message);
            return;
        }

        using (engine)
        {
            Assert.Contains(Enumerable.Range(0, 400), i => engine.Read(P0, KeyOf(i)).Status == StoreReadStatus.Failed);
            Assert.NotNull(engine.Error);
        }
    }

    [Fact]
    public void Another_programs_database_is_refused()
    {
        Sql("CREATE TABLE their (own INTEGER)");
        Refused($"{_folder.Database} is an SQLite database, but not a Dynamo store.");
    }

    [Fact]
    public void A_newer_format_is_refused()
    {
        Fill(_ => { });
        Sql("PRAGMA user_version = 99");
        Refused($"{_folder.Database} was written by a newer Dynamo: its format is 99, and this one knows up to 1.");
    }

    [Fact]
    public void A_folder_that_is_a_file_is_refused()
    {
        var file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "");
        var refused = Assert.Throws<StorageOpenException>(() => SqliteEngine.Open(new SqliteOptions { Folder = file }));
        Assert.StartsWith($"The data folder {file} cannot be ", refused.Message);
    }

    [Fact]
    public void A_database_that_is_a_folder_is_refused()
    {
        Directory.CreateDirectory(_folder.Database);
        Assert.StartsWith($"{_folder.Database} cannot be opened: ",
            Assert.Throws<StorageOpenException>(() => SqliteEngine.Open(_folder.Options)).Message);
    }

    [Fact]
    public void A_folder_where_nothing_can_be_written_is_refused()
    {
        if (OperatingSystem.IsWindows()) return;
        // Root may write everywhere but in the kernel's own file system.
        var folder = Environment.IsPrivilegedProcess && Directory.Exists("/proc/1") ? "/proc/1" : _folder.Path;
        if (folder == _folder.Path) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var refused = Assert.Throws<StorageOpenException>(
            () => SqliteEngine.Open(new SqliteOptions { Folder = folder }));
        Assert.StartsWith($"The data folder {folder} cannot be written: ", refused.Message);
        if (folder == _folder.Path) File.SetUnixFileMode(folder, (UnixFileMode)0b111_000_000);
    }

    [Fact]
    public void A_second_engine_on_the_folder_is_refused_until_the_first_is_closed()
    {
        using (SqliteEngine.Open(_folder.Options))
            Refused($"The data folder {_folder.Path} is in use by another node process.");
        SqliteEngine.Open(_folder.Options).Dispose();
    }

    [Fact]
    public void Options_out_of_range_are_all_named()
    {
        var options = new SqliteOptions { Folder = " ", MaxBatch = 0, CacheBytes = 1 };
        Assert.Equal(3, options.Check().Count);
        Assert.Throws<ArgumentException>(() => SqliteEngine.Open(options));
    }

    private void Fill(Action<SqliteEngine> fill)
    {
        using var engine = SqliteEngine.Open(_folder.Options);
        fill(engine);
    }

    private void Refused(string sentence) =>
        Assert.Equal(sentence, Assert.Throws<StorageOpenException>(() => SqliteEngine.Open(_folder.Options)).Message);

    private void Sql(string sql)
    {
        using var connection = new Connection(_folder.Database, _folder.Options, readOnly: false);
        connection.Execute(sql);
    }

    private void Flip(string needle)
    {
        var bytes = File.ReadAllBytes(_folder.Database);
        var at = bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(needle));
        Assert.True(at > 0);
        bytes[at + 3] ^= 0x10;
        File.WriteAllBytes(_folder.Database, bytes);
    }
}
