using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Dynamo.Testing;

namespace Dynamo.Node.Tests;

/// <summary>A cluster of real node processes on free ports of this machine, over a folder that goes with it.</summary>
public sealed class NodeProcesses : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dynamo-nodes-").FullName;
    private readonly Process?[] _processes;
    private readonly int[] _httpPorts, _remotePorts;
    private readonly int _founders;
    private readonly string[] _settings;
    private readonly string _members;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>A cluster none of whose nodes runs yet.</summary>
    /// <param name="nodes">The first members.</param>
    /// <param name="more">Nodes that are none of them and may join; numbered on from the members.</param>
    /// <param name="settings">Settings of every node, <c>key=value</c> each.</param>
    public NodeProcesses(int nodes, int more = 0, params string[] settings)
    {
        var count = nodes + more;
        _processes = new Process?[count];
        _founders = nodes;
        _settings = settings;
        var ports = FreePorts(count * 2);
        (_httpPorts, _remotePorts) = (ports[..count], ports[count..]);
        _members = string.Join(',', Enumerable.Range(0, nodes).Select(i => $"\"{Name(i)}@127.0.0.1:{_remotePorts[i]}\""));
    }

    public int Count => _processes.Length;

    /// <summary>A file of settings that all nodes read; "" for none.</summary>
    public string Config { get; init; } = "";

    /// <summary>Whether the first node rehearses after its start, as nodes usually do: four seconds of a processor each time.</summary>
    public bool FirstRehearses { get; init; }

    /// <summary>What the nodes' environment has besides this process's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The administration of the membership.</summary>
    public HttpMembership Membership { get; } = new();

    public IEnumerable<int> Alive => Enumerable.Range(0, Count).Where(i => _processes[i] is { HasExited: false });

    public static string Program { get; } = Path.Combine(
        AppContext.BaseDirectory.Replace(
            Path.Combine("tests", "Dynamo.Node.Tests"), Path.Combine("src", "Dynamo.Node"), StringComparison.Ordinal),
        "Dynamo.Node.dll");

    public static string Name(int node) => $"node{node + 1}";

    public string Url(int node) => $"http://127.0.0.1:{_httpPorts[node]}";

    public string[] Urls(IEnumerable<int> nodes) => [.. nodes.Select(Url)];

    public int ProcessId(int node) => _processes[node]!.Id;

    /// <summary>Where a node keeps its data.</summary>
    public string Folder(int node) => Path.Combine(_folder, Name(node));

    /// <summary>Starts a node.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="settings">Settings that it alone has, <c>key=value</c> each.</param>
    public void Start(int node, params string[] settings)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in Arguments(node, settings)) start.ArgumentList.Add(argument);
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        // Read, so that a full pipe never stops a node, and kept for whoever asks why a test failed.
        process.OutputDataReceived += (_, line) => Said(node, line.Data);
        process.ErrorDataReceived += (_, line) => Said(node, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes[node] = process;
    }

    /// <summary>What the nodes said so far, oldest first.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>kill -9.</summary>
    public async Task Kill(int node)
    {
        _processes[node]!.Kill();
        await _processes[node]!.WaitForExitAsync();
    }

    /// <summary>The port of a node that the others talk to.</summary>
    public int RemotePort(int node) => _remotePorts[node];

    /// <summary>Completes with the exit code of a process that ends by itself.</summary>
    public async Task<int> WhenEnded(int node)
    {
        await UntilOrLog(() => Task.FromResult(_processes[node] is { HasExited: true }));
        await _processes[node]!.WaitForExitAsync();
        return _processes[node]!.ExitCode;
    }

    /// <summary>SIGTERM; completes with the exit code when the process has ended.</summary>
    public async Task<int> Terminate(int node)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{ProcessId(node)}"]);
        await _processes[node]!.WaitForExitAsync();
        return _processes[node]!.ExitCode;
    }

    /// <summary>SIGTERM to all that are alive.</summary>
    public Task TerminateAll() => Task.WhenAll(Alive.ToArray().Select(Terminate));

    /// <summary>Completes when each node that is alive reaches exactly the members that are alive.</summary>
    public Task WhenSettled() => UntilOrLog(async () =>
    {
        foreach (var node in Alive)
        {
            if (await Membership.Seen(Url(node)) is not { } seen) return false;
            if (!seen.Members.Contains(Name(node))) continue;
            if (!seen.Reachable.SequenceEqual(seen.Members.Where(name => Alive.Any(i => Name(i) == name)))) return false;
        }

        return true;
    });

    /// <summary>Completes when these nodes, all alive, work by the ring that has exactly them as members and have copied and dropped what they must.</summary>
    public Task WhenTheRingIs(params int[] nodes) => UntilOrLog(async () =>
    {
        foreach (var node in nodes)
        {
            if (await Membership.Seen(Url(node)) is not { IsChanging: false, TransfersLeft: 0 } seen) return false;
            if (!seen.Members.SequenceEqual(nodes.Select(Name).Order(StringComparer.Ordinal))) return false;
        }

        return true;
    });

    /// <summary>Completes when a node that is alive serves HTTP.</summary>
    public Task WhenUp(int node) => UntilOrLog(async () => await Membership.Seen(Url(node)) is not null);

    /// <summary>Completes when a node has said something.</summary>
    public Task WhenSaid(int node, string text) => UntilOrLog(() => Task.FromResult(_log.Any(line =>
        line.StartsWith($"{Name(node)}: ", StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal))));

    /// <summary>Completes when no node that is alive keeps a hint for another that is alive.</summary>
    public Task WhenHintsAreDrained() => UntilOrLog(async () =>
    {
        foreach (var node in Alive)
        {
            if (await Admin(node, "/admin/node") is not { } status) return false;
            foreach (var hints in status.GetProperty("hints").EnumerateObject())
                if (hints.Value.GetInt64() > 0 && Alive.Any(i => Name(i) == hints.Name)) return false;
        }

        return true;
    });

    /// <summary>Completes when no node that is alive keeps a hint for a node.</summary>
    public Task WhenNobodyKeepsHintsFor(int owner) => UntilOrLog(async () =>
    {
        foreach (var node in Alive)
        {
            if (await Admin(node, "/admin/node") is not { } status) return false;
            if (status.GetProperty("hints").TryGetProperty(Name(owner), out var hints) && hints.GetInt64() > 0) return false;
        }

        return true;
    });

    /// <summary>The owners of a key, as a live node computes them.</summary>
    public async Task<string[]> Owners(string bucket, string key)
    {
        var preflist = await Admin(Alive.First(), $"/admin/preflist/{bucket}/{key}");
        return [.. preflist!.Value.GetProperty("primaries").EnumerateArray().Select(static p => p.GetProperty("node").GetString()!)];
    }

    /// <summary>Waits for a condition; tells what the nodes said when it does not come.</summary>
    public async Task UntilOrLog(Func<Task<bool>> condition)
    {
        try
        {
            await Until(condition);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(
                $"Alive: {string.Join(", ", Alive.Select(Name))}. The nodes said:\n{Log}");
        }
    }

    public static async Task Until(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await condition()) await Task.Delay(100, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Alive.ToArray()) await Kill(node);
        foreach (var process in _processes) process?.Dispose();
        _http.Dispose();
        Membership.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Said(int node, string? line)
    {
        if (line is not null) _log.Enqueue($"{Name(node)}: {line}");
    }

    private string[] Arguments(int node, string[] settings) =>
    [
        Program,
        .. Config.Length > 0 ? (string[])["--config", Config] : [],
        "-D", $"dynamo.node.name={Name(node)}",
        "-D", $"dynamo.http.port={_httpPorts[node]}",
        "-D", $"dynamo.storage.folder={Folder(node)}",
        "-D", "dynamo.cluster.partitions=64",
        "-D", $"dynamo.cluster.members=[{_members}]",
        .. node < _founders ? (string[])[] : ["-D", $"dynamo.node.address=127.0.0.1:{_remotePorts[node]}"],
        .. node == 0 && FirstRehearses ? (string[])[] : ["-D", "dynamo.node.rehearsal=off"],
        // Requests wait where a dozen nodes share two processors, and what is waited for here is background work.
        "-D", "dynamo.background.queue-target=1s",
        .. _settings.Concat(settings).SelectMany(static setting => (string[])["-D", setting]),
    ];

    /// <summary>A node's answer to a GET; null while there is none.</summary>
    public async Task<JsonElement?> Admin(int node, string path)
    {
        try
        {
            using var json = JsonDocument.Parse(await _http.GetStringAsync(new Uri(Url(node) + path)));
            return json.RootElement.Clone();
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    // Below the range from which the system gives out ports of its own: a node that dials others must not be handed one meanwhile.
    private static int[] FreePorts(int count)
    {
        var ports = new List<int>();
        while (ports.Count < count)
        {
            var port = Random.Shared.Next(12_000, 32_000);
            if (!ports.Contains(port) && IsFree(port)) ports.Add(port);
        }

        return [.. ports];
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
