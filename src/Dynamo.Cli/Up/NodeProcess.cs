using System.Diagnostics;

namespace Dynamo.Cli.Up;

/// <summary>A running node process; what it prints goes to <c>node.log</c> in its folder.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Action<string> _say;
    private readonly string _name;
    private readonly Lock _lock = new();

    private NodeProcess(NodeLaunch launch, Action<string> say)
    {
        _name = launch.Name;
        _say = say;
        var folder = Directory.CreateDirectory(launch.Options.Folder(launch.Index)).FullName;
        _log = new StreamWriter(Path.Combine(folder, "node.log"), append: true) { AutoFlush = true };
        var start = new ProcessStartInfo(launch.Executable, launch.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Keep(e.Data, isError: false);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data, isError: true);
        Exited = Run();
    }

    /// <summary>Ends with the exit code once the process has ended and everything it printed is in the log.</summary>
    public Task<int> Exited { get; }

    /// <summary>Whether the process was asked to stop.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>The operating system's number for the process.</summary>
    public int Id => _process.Id;

    /// <summary>Starts a node.</summary>
    /// <param name="launch">Which node, and how.</param>
    /// <param name="say">Takes a line for the user.</param>
    public static NodeProcess Start(NodeLaunch launch, Action<string> say) => new(launch, say);

    /// <summary>Asks the process to stop, and kills it when it has not within the limit.</summary>
    /// <returns>Its exit code; null when it had to be killed.</returns>
    public async Task<int?> Stop(TimeSpan limit)
    {
        IsStopping = true;
        Signals.Terminate(_process);
        try
        {
            return await Exited.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await Exited;
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stop(TimeSpan.Zero);
        _process.Dispose();
        await _log.DisposeAsync();
    }

    private async Task<int> Run()
    {
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private void Keep(string? line, bool isError)
    {
        if (line is null) return;
        lock (_lock) _log.WriteLine(line);
        // A stack trace stays in the log: only the line that says what happened is for the terminal.
        var isTrace = line.Length == 0 || char.IsWhiteSpace(line[0]);
        if (!isTrace && (isError || line.Split(' ', 3) is [_, "ERROR", _])) _say($"{_name}: {line}");
    }
}
