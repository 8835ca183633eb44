using System.Diagnostics;
using Dynamo.Chaos.Beds;
using Dynamo.Testing.Load;

namespace Dynamo.Chaos;

/// <summary>All clients of a run: some ask one node each over HTTP, some a process of their own over the client library.</summary>
internal sealed class LoadDrivers : IDisposable
{
    /// <summary>How long an HTTP client waits: longer than a node takes to say that it cannot.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private const int Keys = 200, PerNode = 3, OverLibrary = 8, PauseMilliseconds = 60;
    private readonly Fleet _fleet;
    private readonly HttpClient _http;
    private readonly LoadBook _book;
    private readonly StreamWriter _file;
    private readonly List<HistoryLine> _history = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _clients = [];
    private Process? _library;

    /// <summary>Clients that have not begun.</summary>
    /// <param name="fleet">Whom they ask.</param>
    /// <param name="path">The file of the history.</param>
    public LoadDrivers(Fleet fleet, string path)
    {
        _fleet = fleet;
        _http = new HttpClient(fleet.Bed.HttpHandler()) { Timeout = Patience };
        _file = new StreamWriter(path);
        _book = new LoadBook(first: 1, step: 2, Keys, Record);
    }

    /// <summary>Everything that has ended so far.</summary>
    public IReadOnlyCollection<HistoryLine> History
    {
        get
        {
            lock (_history) return [.. _history];
        }
    }

    /// <summary>Lets them begin.</summary>
    /// <param name="seed">What they draw from.</param>
    /// <param name="clientProgram">The program over the client library; null for none.</param>
    /// <param name="run">The folder of the run, which its command line names so that a later run can remove it.</param>
    public void Start(ulong seed, string? clientProgram, string run)
    {
        for (var node = 0; node < _fleet.Count; node++)
        {
            for (var i = 0; i < PerNode; i++)
            {
                var target = new HttpTarget(_http, _fleet.Bed.Url(node), node);
                var client = new LoadClient(
                    $"http{node + 1}.{i + 1}", target, _book, seed + (ulong)((node * PerNode) + i), TimeSpan.FromMilliseconds(PauseMilliseconds));
                _clients.Add(client.Run(_stop.Token));
            }
        }

        if (clientProgram is not null) StartLibrary(seed + 1000, clientProgram, run);
    }

    /// <summary>Stops them and waits for what is under way.</summary>
    public async Task Stop()
    {
        await _stop.CancelAsync();
        _library?.StandardInput.Close();
        await Task.WhenAll(_clients);
        if (_library is null) return;
        await _library.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        if (_library.ExitCode != 0) throw new ChaosException($"The clients over Dynamo.Client ended with exit code {_library.ExitCode}.");
    }

    /// <summary>Reads every key once at every node, when everything has healed.</summary>
    public async Task ReadEverything()
    {
        for (var node = 0; node < _fleet.Count; node++)
        {
            var reader = new LoadClient(Bed.NameOf(node), new HttpTarget(_http, _fleet.Bed.Url(node), node), _book, 0, TimeSpan.Zero);
            for (var key = 0; key < Keys; key++) await reader.Get(LoadBook.KeyName(key), atTheEnd: true);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        if (_library is { HasExited: false }) _library.Kill();
        _library?.Dispose();
        lock (_history) _file.Dispose();
        _http.Dispose();
        _stop.Dispose();
    }

    private void StartLibrary(ulong seed, string program, string run)
    {
        var contacts = string.Join(',', Enumerable.Range(0, _fleet.Count).Select(i => $"{_fleet.Bed.Host(i)}:{_fleet.Bed.RemotePort(i)}"));
        var host = _fleet.Bed.Switch is null ? "127.0.0.1" : _fleet.Bed.Host(_fleet.Count);
        var command = _fleet.Bed.Command(
            null, "dotnet", program, "client-load", $"--run={run}", "--contacts", contacts, "--host", host, "--clients", $"{OverLibrary}",
            "--keys", $"{Keys}", "--pause", $"{PauseMilliseconds}", "--seed", $"{seed}", "--first", "2", "--step", "2");
        _library = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true },
        };
        _library.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text && HistoryLine.Parse(text) is { } parsed) Record(parsed);
        };
        _library.Start();
        _library.BeginOutputReadLine();
    }

    private void Record(HistoryLine line)
    {
        lock (_history)
        {
            _history.Add(line);
            if (_file.BaseStream is not null) _file.WriteLine(line.ToJson());
        }
    }
}
