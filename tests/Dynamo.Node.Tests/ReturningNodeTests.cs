using System.Net;
using System.Net.Http.Json;

namespace Dynamo.Node.Tests;

/// <summary>A process that was removed while it was down joins again over its old folder, and brings nothing of that back.</summary>
public sealed class ReturningNodeTests : IAsyncLifetime
{
    private const int Keys = 30;
    private static readonly int[] Members = [0, 1, 2], All = [0, 1, 2, 3];
    private readonly NodeProcesses _nodes = new(4, 0, "dynamo.tombstones.reap-every=1s", "dynamo.tombstones.reap-after=0s");
    private readonly HttpClient _http = new();

    public async Task InitializeAsync()
    {
        foreach (var node in All) _nodes.Start(node);
        await _nodes.WhenSettled();
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _nodes.DisposeAsync();
    }

    [Fact]
    public async Task Its_store_is_emptied_before_it_takes_part()
    {
        for (var i = 0; i < Keys; i++) await Send(HttpMethod.Put, 0, $"/buckets/b/keys/k{i}", new StringContent("v"));
        await _nodes.UntilOrLog(async () => await Held(3) > 5);
        await _nodes.Kill(3);
        await _nodes.WhenSettled();
        await Change("remove", new { node = "node4" });
        await _nodes.UntilOrLog(() => IsSettled(1, Members));
        for (var i = 0; i < Keys; i++) await Send(HttpMethod.Delete, 0, $"/buckets/b/keys/k{i}", null);
        foreach (var node in Members) await _nodes.UntilOrLog(async () => await Held(node) == 0);

        await Change("join", new { node = "node4" });
        _nodes.Start(3);
        await _nodes.UntilOrLog(() => IsSettled(2, All));
        await _nodes.UntilOrLog(() => Task.FromResult(
            _nodes.Log.Contains("node4 joins the cluster anew, and first drops what it held", StringComparison.Ordinal)));
        foreach (var node in All)
        {
            Assert.Equal(0, await Held(node));
            for (var i = 0; i < Keys; i++)
            {
                using var got = await _http.GetAsync(new Uri($"{_nodes.Url(node)}/buckets/b/keys/k{i}?r=1"));
                Assert.Equal(HttpStatusCode.NotFound, got.StatusCode);
            }
        }

        // Its new actor system has yet to reach the others; then it is as good a member as they are.
        await _nodes.WhenSettled();
        await Send(HttpMethod.Put, 3, "/buckets/b/keys/k0?w=all", new StringContent("new"));
    }

    private async Task<long?> Held(int node) => (await _nodes.Admin(node, "/admin/node"))?.GetProperty("keys").GetInt64();

    private async Task<bool> IsSettled(int version, int[] nodes)
    {
        foreach (var node in nodes)
        {
            if (await _nodes.Admin(node, "/admin/cluster") is not { } cluster) return false;
            var membership = cluster.GetProperty("membership");
            if (membership.ValueKind != System.Text.Json.JsonValueKind.Object
                || membership.GetProperty("next").ValueKind != System.Text.Json.JsonValueKind.Null
                || membership.GetProperty("settled").GetProperty("version").GetInt32() != version) return false;
        }

        return true;
    }

    private async Task Change(string kind, object body)
    {
        await Send(HttpMethod.Post, 0, $"/admin/cluster/{kind}", JsonContent.Create(body));
        await Send(HttpMethod.Post, 0, "/admin/cluster/commit", JsonContent.Create(new { }));
    }

    private async Task Send(HttpMethod method, int node, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, new Uri(_nodes.Url(node) + path)) { Content = content };
        using var answer = await _http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }
}
