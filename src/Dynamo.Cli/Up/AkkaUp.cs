namespace Dynamo.Cli.Up;

/// <summary>Starts node processes on this machine, watches over them, and stops them all together.</summary>
internal sealed class AkkaUp(string program, UpOptions options, UpOutput output) : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly List<(string Name, NodeProcess Process)> _nodes = [];
    private readonly List<Task> _reports = [];

    /// <summary>Runs the cluster until it is told to stop or its last node has ended.</summary>
    /// <returns>The exit code: success when every node that was left stopped cleanly because it was told to.</returns>
    public async Task<int> Run(CancellationToken stop)
    {
        for (var i = 0; i < options.Nodes; i++) Start(new NodeLaunch(program, options, i), stop);
        var ready = await BecomeReady(stop);
        if (ready)
        {
            output.Ready("akka", options, [.. _nodes.Select(n => n.Process.Id)]);
            var allEnded = Task.WhenAll(_nodes.Select(n => n.Process.Exited));
            await Task.WhenAny(allEnded, Task.Delay(Timeout.Infinite, stop));
            if (allEnded.IsCompleted && !stop.IsCancellationRequested) output.Complain("Every node has ended.");
        }

        var toldTo = stop.IsCancellationRequested;
        var clean = await StopAll();
        return toldTo && clean ? ExitCode.Success : ExitCode.Failure;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, process) in _nodes) await process.DisposeAsync();
    }

    private void Start(NodeLaunch launch, CancellationToken stop)
    {
        var process = NodeProcess.Start(launch, output.Complain);
        _nodes.Add((launch.Name, process));
        _reports.Add(Report());

        // One node's end is told and the rest go on: that is what a cluster is for.
        async Task Report()
        {
            var code = await process.Exited;
            var asked = stop.IsCancellationRequested || process.IsStopping;
            if (code != 0 || !asked) output.Complain($"{launch.Name} ended with exit code {code}.");
        }
    }

    private async Task<bool> BecomeReady(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(StartLimit);
        var ready = Readiness.Wait([.. Enumerable.Range(0, options.Nodes).Select(options.Url)], limit.Token);
        // A node that ends before the cluster is complete leaves it incomplete for good.
        var first = await Task.WhenAny([ready, .. _nodes.Select(n => n.Process.Exited)]);
        await limit.CancelAsync();
        if (first == ready && ready.IsCompletedSuccessfully) return true;
        if (!stop.IsCancellationRequested)
            output.Complain(first == ready
                ? $"The nodes did not reach each other within {StartLimit.TotalSeconds:0} seconds; "
                    + $"their logs are in {options.Data}."
                : $"The cluster did not start; the nodes' logs are in {options.Data}.");
        return false;
    }

    // A node that had ended before has been told of already and says nothing about how the others stop.
    private async Task<bool> StopAll()
    {
        var running = _nodes.Where(n => !n.Process.Exited.IsCompleted).ToList();
        var codes = await Task.WhenAll(running.Select(async n => (n.Name, Code: await n.Process.Stop(StopLimit))));
        await Task.WhenAll(_reports);
        foreach (var (name, _) in codes.Where(c => c.Code is null))
            output.Complain($"{name} did not stop within {StopLimit.TotalSeconds:0} seconds and was killed.");
        return codes.All(c => c.Code == 0);
    }
}
