using Dynamo.Testing;

namespace Dynamo.Node.Tests;

/// <summary>Node processes whose stores are buffers, killed with SIGKILL in the middle of their writes. Sections 4.5 and 4.9.</summary>
public sealed class BufferTests : IAsyncLifetime
{
    private readonly NodeProcesses _nodes = new(nodes: 3, settings: "dynamo.storage.engine=buffered");

    public async Task InitializeAsync()
    {
        foreach (var node in Enumerable.Range(0, 3)) _nodes.Start(node);
        await _nodes.WhenSettled();
    }

    public Task DisposeAsync() => _nodes.DisposeAsync().AsTask();

    [Fact]
    public async Task All_killed_at_once_lose_nothing_that_was_acknowledged_as_durable_at_two()
    {
        await using var load = new HttpLoad("buffered", 200, _nodes.Urls(Enumerable.Range(0, 3)), "w=3&dw=2");
        load.Start(workers: 8);
        await NodeProcesses.Until(() => Task.FromResult(load.KeysWritten >= 200));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_nodes.Kill));
        await load.Stop();

        foreach (var node in Enumerable.Range(0, 3)) _nodes.Start(node);
        await _nodes.WhenSettled();
        Assert.Equal("buffered", (await load.Admin(_nodes.Url(0), "/admin/node")).GetProperty("storage").GetProperty("engine").GetString());
        // One of the three may have lost it, so all are asked.
        foreach (var key in load.Keys)
        {
            var (status, numbers, _) = await load.Read(_nodes.Url(1), key, "?r=3");
            Assert.True(
                numbers.DefaultIfEmpty().Max() >= load.Acknowledged(key),
                $"{key}: {load.Acknowledged(key)} was acknowledged, {status} [{string.Join(",", numbers)}] was read");
        }
    }
}
