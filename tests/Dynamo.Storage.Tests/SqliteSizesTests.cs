using Dynamo.Core;
using static Dynamo.Storage.Tests.Engines;
using static Dynamo.Storage.Tests.Samples;

namespace Dynamo.Storage.Tests;

/// <summary>Sizes of partitions across restarts: an estimate, and never far from the truth.</summary>
public sealed class SqliteSizesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sizes_are_there_after_a_restart_in_order()
    {
        var before = Fill();
        using var again = SqliteEngine.Open(_folder.Options);
        Assert.Equal(before, again.Sizes());
    }

    [Fact]
    public void A_store_of_before_there_were_sizes_is_counted_once()
    {
        var before = Fill();
        Sql("DROP TABLE size");
        for (var run = 0; run < 2; run++)
        {
            using var again = SqliteEngine.Open(_folder.Options);
            Assert.Equal(before, again.Sizes());
        }

        // The second run read what the first had written down.
        Sql("UPDATE record SET body = x'00'");
        using var third = SqliteEngine.Open(_folder.Options);
        Assert.Equal(before, third.Sizes());
    }

    [Fact]
    public void What_a_crash_forgot_is_set_right_in_proportion()
    {
        var before = Fill();
        Sql("UPDATE size SET records = records / 2, bytes = bytes / 2");
        using var again = SqliteEngine.Open(_folder.Options);
        Assert.Equal(before.Keys, again.Sizes().Keys);
        foreach (var (partition, size) in before)
        {
            Assert.Equal(size.Keys, again.Sizes()[partition].Keys);
            Assert.InRange(again.Sizes()[partition].Bytes, size.Bytes - 2, size.Bytes);
        }
    }

    [Fact]
    public async Task A_write_that_failed_counts_for_nothing()
    {
        using var engine = SqliteEngine.Open(_folder.Options with { BeforeTransaction = static _ => throw new IOException("no") });
        Assert.False((await engine.Start(Put(KeyOf(1), Stored(1))).WaitAsync(Patience)).Ok);
        Assert.Empty(engine.Sizes());
    }

    private System.Collections.Immutable.ImmutableSortedDictionary<PartitionId, PartitionSize> Fill()
    {
        using var engine = SqliteEngine.Open(_folder.Options);
        for (var i = 0; i < 40; i++)
            engine.Store(Put(KeyOf(i), Stored(1, new string('x', 100 * (i % 7))), i % 4 == 0 ? P1 : P0));
        Assert.Equal([30L, 10L], engine.Sizes().Values.Select(size => size.Keys));
        return engine.Sizes();
    }

    private void Sql(string sql)
    {
        using var connection = new Connection(_folder.Database, _folder.Options, readOnly: false);
        connection.Execute(sql);
    }
}
