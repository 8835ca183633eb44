namespace Dynamo.Cli.Up;

/// <summary>What <c>dynamo up</c> tells the user; lines of several nodes never mix.</summary>
internal sealed class UpOutput(Terminal terminal, bool json)
{
    private readonly Lock _lock = new();

    /// <summary>Something is worth knowing.</summary>
    public void Say(string sentence)
    {
        // With --json, standard output is for the one document.
        lock (_lock) (json ? terminal.Error : terminal.Text).WriteLine(sentence);
    }

    /// <summary>Something went wrong.</summary>
    public void Complain(string sentence)
    {
        lock (_lock) terminal.Error.WriteLine(sentence);
    }

    /// <summary>The cluster can be used: names and addresses, then the line that scripts wait for.</summary>
    /// <param name="runtime">"akka" or "embedded".</param>
    /// <param name="options">What was started.</param>
    /// <param name="processes">The process of each node.</param>
    public void Ready(string runtime, UpOptions options, IReadOnlyList<int> processes)
    {
        var nodes = Enumerable.Range(0, options.Nodes)
            .Select(i => new { Name = options.Names[i], Url = $"{options.Url(i)}".TrimEnd('/'), Pid = processes[i] })
            .ToList();
        lock (_lock)
        {
            if (json)
            {
                terminal.Json(new { Ready = true, Runtime = runtime, options.Engine, options.Data, Nodes = nodes });
                return;
            }

            foreach (var node in nodes) terminal.Text.WriteLine($"{node.Name,-8} {node.Url}");
            var count = options.Nodes == 1 ? "1 node" : $"{options.Nodes} nodes";
            var where = options.InMemory ? "memory" : options.Data;
            terminal.Text.WriteLine($"ready: {count} ({runtime}), data in {where}; Ctrl-C stops.");
        }
    }
}
