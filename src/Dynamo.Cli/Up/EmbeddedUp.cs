using Dynamo.Embedded;
using Dynamo.Storage;

namespace Dynamo.Cli.Up;

/// <summary>Runs all nodes inside this process.</summary>
internal static class EmbeddedUp
{
    /// <summary>Runs the cluster until it is told to stop.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailure">The cluster could not start; one sentence says why.</exception>
    public static async Task<int> Run(UpOptions options, UpOutput output, CancellationToken stop)
    {
        using var log = options.InMemory ? null : new EventFile(options.Data);
        await using var cluster = await Start(options, log);
        try
        {
            await Readiness.Wait([.. Enumerable.Range(0, options.Nodes).Select(options.Url)], stop);
            output.Ready("embedded", options, [.. Enumerable.Repeat(Environment.ProcessId, options.Nodes)]);
            await Task.Delay(Timeout.Infinite, stop);
        }
        catch (OperationCanceledException)
        {
            // Told to stop: that is how it ends.
        }

        return ExitCode.Success;
    }

    private static async Task<EmbeddedCluster> Start(UpOptions options, EventFile? log)
    {
        try
        {
            return await EmbeddedCluster.StartAsync(new EmbeddedOptions
            {
                Nodes = options.Nodes,
                HttpPort = options.Http,
                DataFolder = options.InMemory ? null : options.Data,
                Buffer = options.Engine == "buffered" ? new BufferLimits() : null,
                Partitions = options.Partitions,
                Log = log is null ? null : log.Add,
            });
        }
        catch (EmbeddedStartException e)
        {
            throw new CommandFailure(ExitCode.Failure, e.Message);
        }
    }
}
