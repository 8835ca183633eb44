using Dynamo.Cli.Http;

namespace Dynamo.Cli.Up;

/// <summary>Finds out when a cluster can be used.</summary>
internal static class Readiness
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until every node answers and says that it reaches all the others.</summary>
    /// <param name="urls">The nodes.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task Wait(IReadOnlyList<Uri> urls, CancellationToken cancel) =>
        await Task.WhenAll(urls.Select(url => WaitFor(url, urls.Count, cancel)));

    private static async Task WaitFor(Uri url, int nodes, CancellationToken cancel)
    {
        using var client = new NodeClient(url, limit: TimeSpan.FromSeconds(5));
        while (!await IsReady(client, nodes, cancel)) await Task.Delay(Pause, cancel);
    }

    private static async Task<bool> IsReady(NodeClient client, int nodes, CancellationToken cancel)
    {
        if (!await client.Ping(cancel)) return false;
        try
        {
            var cluster = await client.Json<ClusterAnswer>("/admin/cluster", cancel);
            return cluster.Members.Count >= nodes && cluster.Members.All(m => m.Reachable);
        }
        catch (CommandFailure)
        {
            return false;
        }
    }
}
