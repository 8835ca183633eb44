using System.Diagnostics;
using System.Threading.Channels;
using Dynamo.Cli.Up;

namespace Dynamo.Bench.Processes;

/// <summary>A program that a measurement has started; what it prints goes to a file.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Channel<string> _said = Channel.CreateUnbounded<string>();
    private readonly string _logPath;
    private bool _isEnding, _isClosed;

    private ChildProcess(string name, Place place, IReadOnlyList<string> command, bool isQuiet, (string Name, string Value)? variable)
    {
        Name = name;
        _logPath = Path.Combine(place.Logs, name + ".log");
        _log = new StreamWriter(_logPath, append: true) { AutoFlush = true };
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command.Skip(1))
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            },
        };
        if (variable is { } set) _process.StartInfo.Environment[set.Name] = set.Value;
        _process.OutputDataReceived += (_, line) => Keep(line.Data, isKept: !isQuiet);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data, isKept: false);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _ = End();
    }

    /// <summary>What it is called in sentences and files.</summary>
    public string Name { get; }

    /// <summary>The operating system's number for it.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended although nobody wanted it to.</summary>
    public bool IsLost => _process.HasExited && !_isEnding;

    /// <summary>Processor time that it has taken so far; zero when it has ended.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.HasExited ? TimeSpan.Zero : _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts a program of .NET, or another one.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="place">Where its output goes.</param>
    /// <param name="command">The program and its arguments; an assembly is started by the SDK's host.</param>
    /// <param name="isQuiet">Whether nobody waits for what it says.</param>
    /// <param name="variable">An environment variable to start it with.</param>
    public static ChildProcess Start(
        string name, Place place, IReadOnlyList<string> command, bool isQuiet = false, (string Name, string Value)? variable = null) => new(
        name, place, command[0].EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? [place.Host, .. command] : command, isQuiet, variable);

    /// <summary>The next line that it prints and that is wanted.</summary>
    /// <exception cref="BenchException">It ended before, or let one wait too long.</exception>
    public async Task<string> Line(Func<string, bool> isWanted, TimeSpan patience, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(patience);
        try
        {
            while (true)
                if (await _said.Reader.ReadAsync(limit.Token) is var line && isWanted(line)) return line;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new BenchException($"{Name} let one wait longer than {patience.TotalMinutes:0} minutes; what it said is in {_logPath}.");
        }
        catch (ChannelClosedException)
        {
            throw Lost();
        }
    }

    /// <summary>The sentence about its unwanted end.</summary>
    public BenchException Lost() => new($"{Name} has ended by itself, with exit code {_process.ExitCode}; what it said is in {_logPath}.");

    /// <summary>Ends it as a crash does.</summary>
    public async Task Kill()
    {
        _isEnding = true;
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends it in order, by the end of its input and a signal, or else as a crash does.</summary>
    public async ValueTask DisposeAsync()
    {
        _isEnding = true;
        try
        {
            _process.StandardInput.Close();
            Signals.Terminate(_process);
            await _process.WaitForExitAsync().WaitAsync(StopPatience);
        }
        catch (Exception fault) when (fault is TimeoutException or IOException)
        {
            await Kill();
        }

        _process.Dispose();
        lock (_log)
        {
            _isClosed = true;
            _log.Dispose();
        }
    }

    private void Keep(string? line, bool isKept)
    {
        if (line is null) return;
        lock (_log)
            if (!_isClosed) _log.WriteLine(line);
        if (isKept) _said.Writer.TryWrite(line);
    }

    // Ends only when everything that it printed has been read.
    private async Task End()
    {
        await _process.WaitForExitAsync();
        _said.Writer.TryComplete();
    }
}
