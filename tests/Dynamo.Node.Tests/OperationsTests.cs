using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Dynamo.Storage;
using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Node.Tests;

/// <summary>Three node processes under load: one is told to stop, one is backed up, loses its disk and is restored.</summary>
public sealed class OperationsTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly NodeProcesses _nodes = new(3, 0, "dynamo.tombstones.reap-every=1s", "dynamo.tombstones.reap-after=1s", "dynamo.tombstones.fence-every=50ms");
    private readonly string _backups = Directory.CreateTempSubdirectory("dynamo-backups").FullName;

    public async Task InitializeAsync()
    {
        for (var i = 0; i < 3; i++) _nodes.Start(i);
        await _nodes.WhenSettled();
    }

    public async Task DisposeAsync()
    {
        await _nodes.DisposeAsync();
        Directory.Delete(_backups, recursive: true);
    }

    [Fact]
    public async Task A_node_told_to_stop_answers_what_it_has_begun_refuses_the_rest_and_ends_with_0()
    {
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(_nodes.Url(1) + "/health/ready"))).StatusCode);
        var (acknowledged, torn, statuses) = (new ConcurrentBag<string>(), new ConcurrentBag<string>(), new ConcurrentBag<int>());
        using var enough = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 16).Select(client => Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                var key = $"c{client}-{i}";
                HttpResponseMessage? answer = null;
                try
                {
                    using var request = new HttpRequestMessage(HttpMethod.Put, $"{_nodes.Url(1)}/buckets/stop/keys/{key}?returnbody=true")
                    {
                        Content = new StringContent(new string('x', 2000), Encoding.UTF8, "text/plain"),
                    };
                    answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                    var body = await answer.Content.ReadAsStringAsync();
                    statuses.Add((int)answer.StatusCode);
                    if (answer.StatusCode == HttpStatusCode.OK && body.Length == 2000) acknowledged.Add(key);
                    else if (answer.StatusCode != HttpStatusCode.ServiceUnavailable) torn.Add($"{answer.StatusCode} {body.Length}");
                }
                catch (Exception fault) when (fault is HttpRequestException or IOException or SocketException)
                {
                    // Nobody listens any more; but an answer that has begun must end.
                    if (answer is not null) torn.Add(fault.Message);
                }
                finally
                {
                    answer?.Dispose();
                }
            }
        })).ToArray();
        await NodeProcesses.Until(() => Task.FromResult(acknowledged.Count > 300));
        Assert.Equal(0, await _nodes.Terminate(1));
        await enough.CancelAsync();
        await Task.WhenAll(clients);
        output.WriteLine($"{acknowledged.Count} acknowledged, {statuses.Count(static s => s == 503)} refused with 503");
        Assert.Empty(torn);
        foreach (var key in acknowledged)
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri($"{_nodes.Url(0)}/buckets/stop/keys/{key}"))).StatusCode);
    }

    [Fact]
    public async Task A_node_is_backed_up_under_load_loses_its_disk_and_is_restored()
    {
        using var http = new HttpClient();
        await using var load = new HttpLoad("kept", 300, _nodes.Urls([0, 2]));
        load.Start(workers: 8);
        await NodeProcesses.Until(() => Task.FromResult(load.KeysWritten > 150));
        // Keys that are in the backup, deleted after it, and forgotten by everybody before the restoration.
        for (var i = 0; i < 30; i++) (await http.PutAsync(new Uri($"{_nodes.Url(0)}/buckets/gone/keys/k{i}"), new StringContent("v"))).EnsureSuccessStatusCode();
        var folder = Path.Combine(_backups, "node2");
        using var order = new StringContent($$"""{"folder":"{{folder}}"}""", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.Accepted, (await http.PostAsync(new Uri(_nodes.Url(1) + "/admin/backup"), order)).StatusCode);
        await _nodes.UntilOrLog(async () =>
            await _nodes.Admin(1, "/admin/backup") is { } seen && !seen.GetProperty("backup").GetProperty("running").GetBoolean());
        Assert.Null((await _nodes.Admin(1, "/admin/backup"))!.Value.GetProperty("backup").GetProperty("error").GetString());
        for (var i = 0; i < 30; i++) (await http.DeleteAsync(new Uri($"{_nodes.Url(0)}/buckets/gone/keys/k{i}"))).EnsureSuccessStatusCode();
        await _nodes.UntilOrLog(async () =>
        {
            for (var node = 0; node < 3; node++)
                if (await _nodes.Admin(node, "/admin/node") is not { } seen || seen.GetProperty("tombstones").GetInt64() > 0) return false;
            return true;
        });

        await _nodes.Kill(1);
        Directory.Delete(_nodes.Folder(1), recursive: true);
        Assert.Equal("node2", RestoredFolder.Write(folder, _nodes.Folder(1), wholeCluster: false).Node);
        _nodes.Start(1);
        await _nodes.WhenSettled();
        await _nodes.UntilOrLog(async () =>
            await _nodes.Admin(1, "/admin/backup") is { } seen && (seen.GetProperty("restore").ValueKind == System.Text.Json.JsonValueKind.Null
                || seen.GetProperty("restore").GetProperty("over").GetBoolean()));
        output.WriteLine($"{(await _nodes.Admin(1, "/admin/backup"))!.Value}");
        await _nodes.UntilOrLog(() => Task.FromResult(!Directory.Exists(Path.Combine(_nodes.Folder(1), "restored"))));
        await load.Stop();
        foreach (var key in load.Keys.Where(key => load.Acknowledged(key) > 0))
            Assert.True((await load.Read(_nodes.Url(1), key, "?r=3")).Numbers.DefaultIfEmpty().Max() >= load.Acknowledged(key), key);
        for (var i = 0; i < 30; i++)
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri($"{_nodes.Url(1)}/buckets/gone/keys/k{i}?r=3"))).StatusCode);
    }
}
