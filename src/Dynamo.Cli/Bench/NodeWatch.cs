using System.Diagnostics;
using System.Text.Json;

namespace Dynamo.Cli.Bench;

/// <summary>What the nodes' own processes take, where they run on this machine.</summary>
internal sealed class NodeWatch : IDisposable
{
    private readonly List<Process> _processes = [];
    private TimeSpan[] _before = [];
    private long _at;

    /// <summary>Asks each node for its process's number; one on another machine, or that does not say, is left out.</summary>
    public static async Task<NodeWatch> Find(IEnumerable<Uri> nodes, HttpClient http, CancellationToken cancel)
    {
        var watch = new NodeWatch();
        foreach (var node in nodes.Where(static n => n.IsLoopback))
        {
            using var answer = await http.GetAsync(new Uri(node, "/admin/node"), cancel);
            if (!answer.IsSuccessStatusCode) continue;
            using var said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancel));
            if (!said.RootElement.TryGetProperty("pid", out var pid)) continue;
            try
            {
                // Nodes of an embedded cluster share one process.
                var number = pid.GetInt32();
                if (watch._processes.All(p => p.Id != number)) watch._processes.Add(Process.GetProcessById(number));
            }
            catch (ArgumentException)
            {
                // Behind a forwarded port, say: no process of this machine has the number.
            }
        }

        return watch.Begin();
    }

    /// <summary>Watches the process that nodes and benchmark share.</summary>
    public static NodeWatch OfThisProcess()
    {
        var watch = new NodeWatch();
        watch._processes.Add(Process.GetCurrentProcess());
        return watch.Begin();
    }

    /// <summary>Memory in MiB, and processors kept busy since the last look, of each process.</summary>
    public (IReadOnlyList<double> MiB, IReadOnlyList<double> Processors) Look()
    {
        foreach (var process in _processes) process.Refresh();
        TimeSpan[] now = [.. _processes.Select(Processor)];
        var passed = Stopwatch.GetElapsedTime(_at);
        _at = Stopwatch.GetTimestamp();
        double[] busy = [.. now.Zip(_before, (n, b) => Math.Round((n - b) / passed, 2))];
        _before = now;
        return ([.. _processes.Select(static p => Math.Round(Memory(p) / 1024.0 / 1024, 1))], busy);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var process in _processes) process.Dispose();
    }

    private NodeWatch Begin()
    {
        _before = [.. _processes.Select(Processor)];
        _at = Stopwatch.GetTimestamp();
        return this;
    }

    private static long Memory(Process process) => Ask(process, static p => p.WorkingSet64);

    private static TimeSpan Processor(Process process) => Ask(process, static p => p.TotalProcessorTime);

    // A process that has ended takes nothing.
    private static T? Ask<T>(Process process, Func<Process, T> question)
    {
        try
        {
            return question(process);
        }
        catch (Exception fault) when (fault is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return default;
        }
    }
}
