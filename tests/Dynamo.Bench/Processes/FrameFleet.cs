using Dynamo.Chaos.Beds;

namespace Dynamo.Bench.Processes;

/// <summary>Processes of one of the peers that speak in frames: the skeleton, ping-pong or DistributedData.</summary>
internal sealed class FrameFleet : IDriven, IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);
    private readonly List<ChildProcess> _processes = [];
    private readonly string _nodes;

    private FrameFleet(string nodes) => _nodes = nodes;

    /// <summary>Starts them one after the other, since each connects to those before it.</summary>
    public static async Task<FrameFleet> Start(Place place, string program, int nodes, string[] options, CancellationToken cancel)
    {
        var ports = LoopbackBed.FreePorts(nodes);
        var fleet = new FrameFleet(string.Join(',', ports.Select(static p => $"127.0.0.1:{p}")));
        try
        {
            foreach (var port in ports)
            {
                var process = ChildProcess.Start(
                    $"{program}{fleet._processes.Count + 1}", place,
                    [place.Programs.Load, program, "--role", "replica", "--port", $"{port}", "--peers", fleet._nodes, .. options]);
                fleet._processes.Add(process);
                await process.Line(static line => line == "ready", StartPatience, cancel);
            }

            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>The command line of their client.</summary>
    public string[] Client(string program, params string[] options) => [program, "--role", "client", "--nodes", _nodes, .. options];

    /// <inheritdoc/>
    public TimeSpan Processor => _processes.Aggregate(TimeSpan.Zero, static (sum, p) => sum + p.Processor);

    /// <inheritdoc/>
    public void CheckAlive()
    {
        if (_processes.FirstOrDefault(static p => p.IsLost) is { } lost) throw lost.Lost();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
    }
}
