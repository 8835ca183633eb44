using Dynamo.Chaos.Beds;

namespace Dynamo.Chaos.Faults;

/// <summary>Processes are killed, and started again when it ends.</summary>
internal sealed class KillFault(IReadOnlyList<int> nodes) : Fault
{
    public override string Description => $"kill -9 of {Names(nodes)}";

    public override IReadOnlyList<int> Silenced => nodes;

    public override Task Begin(Fleet fleet, CancellationToken cancel) => Task.WhenAll(nodes.Select(fleet.Kill));

    public override Task End(Fleet fleet, CancellationToken cancel)
    {
        foreach (var node in nodes) fleet.Start(node);
        return Task.CompletedTask;
    }
}

/// <summary>Processes stand still: their sockets stay open, and nobody answers.</summary>
internal sealed class StopFault(IReadOnlyList<int> nodes) : Fault
{
    public override string Description => $"SIGSTOP of {Names(nodes)}";

    public override IReadOnlyList<int> Silenced => nodes;

    public override Task Begin(Fleet fleet, CancellationToken cancel) => Signal(fleet, Kernel.SigStop);

    public override Task End(Fleet fleet, CancellationToken cancel) => Signal(fleet, Kernel.SigCont);

    private Task Signal(Fleet fleet, int signal)
    {
        foreach (var node in nodes) fleet.Signal(node, signal);
        return Task.CompletedTask;
    }
}

/// <summary>A node is stopped as an administrator does, and started again.</summary>
internal sealed class RestartFault(int node) : Fault
{
    private int _exitCode;

    public override string Description => $"SIGTERM of {Names([node])}";

    public override IReadOnlyList<int> Silenced => [node];

    public override IReadOnlyList<string> Findings =>
        _exitCode == 0 ? [] : [$"{Names([node])} was told to stop in order and ended with exit code {_exitCode}."];

    public override async Task Begin(Fleet fleet, CancellationToken cancel) => _exitCode = await fleet.Terminate(node);

    public override Task End(Fleet fleet, CancellationToken cancel)
    {
        fleet.Start(node);
        return Task.CompletedTask;
    }
}
