using System.Collections.Concurrent;
using System.Text;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Embedded.Tests;

/// <summary>A node is backed up while clients write, delete and reap, loses its disk, and is restored: nothing is lost, nothing comes back.</summary>
public class BackupTests
{
    private const int Keys = 400;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private static readonly NodeSettings Settings = NodeSettings.Standard with
    {
        ReapEvery = TimeSpan.FromMilliseconds(200), ReapAfter = TimeSpan.FromMilliseconds(500), FenceEvery = TimeSpan.FromMilliseconds(50),
    };

    // What was acknowledged last of each key; null for a delete.
    private readonly ConcurrentDictionary<string, string?> _last = new();
    private long _writes, _deletes;

    [Fact]
    public async Task Backup_under_load_wipe_restore_and_join()
    {
        using var cancel = new CancellationTokenSource(Limit);
        using var folder = new TempFolder();
        var (data, backup) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "backup"));
        await using var cluster = EmbeddedCluster.Start(new EmbeddedOptions { Nodes = 4, Partitions = 16, DataFolder = data, Settings = Settings });
        await cluster.WhenConnected(cancel.Token);
        using var enough = new CancellationTokenSource();
        var load = Enumerable.Range(0, 6).Select(client => Load(cluster, client, enough.Token)).ToArray();
        await Until(() => Interlocked.Read(ref _writes) > 1500, cancel.Token);

        // Slow enough to be under way still when the next one is asked for.
        Assert.Equal("", await cluster["node2"].Port.Backup(backup, 200_000));
        Assert.StartsWith("A backup to", await cluster["node2"].Port.Backup(backup + "2", null), StringComparison.Ordinal);
        await Until(() => cluster["node2"].Port.LastBackup is { IsRunning: false }, cancel.Token);
        Assert.Equal("", cluster["node2"].Port.LastBackup!.Error);
        var (atBackup, deletedBefore) = (Interlocked.Read(ref _writes), Interlocked.Read(ref _deletes));
        await Until(() => _writes > atBackup + 1500 && _deletes > deletedBefore + 100 && Reaped(cluster) > 100, cancel.Token);

        cluster.Kill("node2");
        Directory.Delete(Path.Combine(data, "node2"), recursive: true);
        var manifest = RestoredFolder.Write(backup, Path.Combine(data, "node2"), wholeCluster: false);
        Assert.True(manifest is { Node: "node2", Records: > 50 });
        cluster.Restart("node2");
        await cluster.WhenConnected(cancel.Token);
        while (await cluster["node2"].Port.Restore() is not { IsOver: true }) await Task.Delay(20, cancel.Token);
        var progress = (await cluster["node2"].Port.Restore())!;
        Assert.True(progress.Partitions > 8);
        await enough.CancelAsync();
        await Task.WhenAll(load);
        await cluster.Repair(cancel.Token);

        await Until(() => !Directory.Exists(Path.Combine(data, "node2", "restored")), cancel.Token);
        await Compare(cluster);
        Assert.True(_last.Values.Count(static value => value is null) > 20 && _last.Values.Count(static value => value is not null) > 20);
    }

    [Fact]
    public async Task A_whole_cluster_comes_back_from_its_backups()
    {
        using var cancel = new CancellationTokenSource(Limit);
        using var folder = new TempFolder();
        var (data, saved) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "saved"));
        var options = new EmbeddedOptions { Nodes = 3, Partitions = 16, DataFolder = data };
        await using (var cluster = EmbeddedCluster.Start(options))
        {
            await cluster.WhenConnected(cancel.Token);
            for (var i = 0; i < 100; i++) Assert.IsType<Stored>(await cluster["node1"].Put("b", $"k{i}", $"v{i}"));
            foreach (var node in cluster.Nodes)
            {
                Assert.Equal("", await node.Port.Backup(Path.Combine(saved, node.Name.Name), null));
                await Until(() => node.Port.LastBackup is { IsRunning: false, Error: "" }, cancel.Token);
            }
        }

        Directory.Delete(data, recursive: true);
        foreach (var name in (string[])["node1", "node2", "node3"])
            RestoredFolder.Write(Path.Combine(saved, name), Path.Combine(data, name), wholeCluster: true);
        await using var restored = EmbeddedCluster.Start(options);
        await restored.WhenConnected(cancel.Token);
        for (var i = 0; i < 100; i++)
            Assert.Equal($"v{i}", Text(await restored["node3"].Get("b", $"k{i}", new GetOptions { R = QuorumSize.All })));
        Assert.IsType<Stored>(await restored["node2"].Put("b", "k0", "after"));
    }

    [Fact]
    public async Task A_damaged_backup_and_one_of_another_node_are_refused_with_a_sentence()
    {
        using var cancel = new CancellationTokenSource(Limit);
        using var folder = new TempFolder();
        var (data, backup) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "backup"));
        await using (var cluster = EmbeddedCluster.Start(new EmbeddedOptions { Nodes = 2, DataFolder = data }))
        {
            Assert.Equal("", await cluster["node1"].Port.Backup(backup, 1 << 20));
            await Until(() => cluster["node1"].Port.LastBackup is { IsRunning: false, Error: "" }, cancel.Token);
            Assert.EndsWith("is not empty.", await cluster["node1"].Port.Backup(backup, null), StringComparison.Ordinal);
        }

        var used = Assert.Throws<StorageOpenException>(() => RestoredFolder.Write(backup, Path.Combine(data, "node1"), false));
        Assert.Contains("holds a store already", used.Message, StringComparison.Ordinal);
        SqliteEngine.Delete(Path.Combine(data, "node2"));
        var other = Assert.Throws<StorageOpenException>(() => RestoredFolder.Write(backup, Path.Combine(data, "node2"), false));
        Assert.Contains("belongs to another node", other.Message, StringComparison.Ordinal);
        var file = Path.Combine(backup, SqliteEngine.FileName);
        var bytes = await File.ReadAllBytesAsync(file, cancel.Token);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, cancel.Token);
        var damaged = Assert.Throws<StorageOpenException>(() => RestoredFolder.Write(backup, Path.Combine(folder.Path, "new"), false));
        Assert.Contains("checksum", damaged.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "new", "restored")));
    }

    // Each client has keys of its own, so the last acknowledged write is what there must be.
    private async Task Load(EmbeddedCluster cluster, int client, CancellationToken enough)
    {
        var random = new Random(client);
        while (!enough.IsCancellationRequested)
        {
            var key = $"c{client}-{random.Next(Keys)}";
            var node = cluster[$"node{random.Next(4) + 1}"];
            var read = await node.Get("b", key);
            if (!read.IsSuccess && read is not NotFound) continue;
            var context = read switch { Found found => found.Context, NotFound missing => missing.Context, _ => default };
            var value = random.Next(3) == 0 ? null : $"{client}-{random.NextInt64()}";
            var written = value is null ? await node.Delete("b", key, context) : await node.Put("b", key, value, context);
            // What may have taken effect or not says nothing about what must be there.
            if (written is Stored) _last[key] = value;
            else _last.TryRemove(key, out _);
            if (written is not Stored) await Settle(cluster, key);
            Interlocked.Increment(ref _writes);
            if (value is null) Interlocked.Increment(ref _deletes);
        }
    }

    // A key with a write of unknown end is written again until one end is known.
    private static async Task Settle(EmbeddedCluster cluster, string key)
    {
        while (true)
        {
            var read = await cluster["node1"].Get("b", key);
            var context = read switch { Found found => found.Context, NotFound missing => missing.Context, _ => default };
            if ((read.IsSuccess || read is NotFound) && await cluster["node1"].Put("b", key, "settled", context) is Stored)
            {
                // A sibling that was under way may still come beside it: nothing certain can be said of this key.
                return;
            }
        }
    }

    private async Task Compare(EmbeddedCluster cluster)
    {
        var wrong = new List<string>();
        foreach (var (key, value) in _last)
        {
            var read = await cluster["node2"].Get("b", key, new GetOptions { R = QuorumSize.All });
            var there = read is Found found ? string.Join('|', found.Siblings.Select(static s => Encoding.UTF8.GetString(s.Value!.Body.Span))) : null;
            if (there != value) wrong.Add($"{key}: {there ?? "nothing"} instead of {value ?? "nothing"}");
        }

        Assert.Empty(wrong);
    }

    private static long Reaped(EmbeddedCluster cluster) => cluster.Nodes.Where(static node => node.IsUp)
        .Sum(static node => node.Port.Status().GetAwaiter().GetResult().Counters.GetValueOrDefault(CounterNames.Reaped));

    private static string Text(Outcome outcome) =>
        Encoding.UTF8.GetString(Assert.Single(Assert.IsType<Found>(outcome).Siblings).Value!.Body.Span);

    private static async Task Until(Func<bool> condition, CancellationToken cancel)
    {
        while (!condition()) await Task.Delay(20, cancel);
    }
}
