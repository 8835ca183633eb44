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
    private readonly int[] _httpPorts;
    private readonly string _members;
    private readonly string[] _settings;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>Nodes of which none runs yet.</summary>
    /// <param name="nodes">How many.</param>
    /// <param name="settings">What else their configuration says, such as <c>dynamo.tombstones.reap-every=1s</c>.</param>
    public NodeProcesses(int nodes, params string[] settings)
    {
        _settings = settings;
        _processes = new Process?[nodes];
        var ports = FreePorts(nodes * 2);
        _httpPorts = ports[..nodes];
        _members = string.Join(',', Enumerable.Range(0, nodes).Select(i => $"\"{Name(i)}@127.0.0.1:{ports[nodes + i]}\""));
    }

    public int Count => _processes.Length;

    public IEnumerable<int> Alive => Enumerable.Range(0, Count).Where(i => _processes[i] is { HasExited: false });

    public static string Program { get; } = Path.Combine(
        AppContext.BaseDirectory.Replace(
            Path.Combine("tests", "Dynamo.Node.Tests"), Path.Combine("src", "Dynamo.Node"), StringComparison.Ordinal),
        "Dynamo.Node.dll");

    public static string Name(int node) => $"node{node + 1}";

    public string Url(int node) => $"http://127.0.0.1:{_httpPorts[node]}";

    public string[] Urls(IEnumerable<int> nodes) => [.. nodes.Select(Url)];

    public int ProcessId(int node) => _processes[node]!.Id;

    public void Start(int node)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in Arguments(node)) start.ArgumentList.Add(argument);
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

    /// <summary>Completes when each node that is alive reaches exactly the nodes that are alive.</summary>
    public Task WhenSettled() => UntilOrLog(async () =>
    {
        foreach (var node in Alive)
        {
            if (await Admin(node, "/admin/cluster") is not { } cluster) return false;
            foreach (var member in cluster.GetProperty("members").EnumerateArray())
            {
                var index = Enumerable.Range(0, Count).First(i => Name(i) == member.GetProperty("name").GetString());
                if (member.GetProperty("reachable").GetBoolean() != Alive.Contains(index)) return false;
            }
        }

        return true;
    });

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

    /// <summary>The owners of a key, as a live node computes them.</summary>
    public async Task<string[]> Owners(string bucket, string key)
    {
        var preflist = await Admin(Alive.First(), $"/admin/preflist/{bucket}/{key}");
        return [.. preflist!.Value.GetProperty("primaries").EnumerateArray().Select(static p => p.GetProperty("node").GetString()!)];
    }

    /// <summary>Waits for a condition; what the nodes said is in the failure.</summary>
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
        while (!await condition()) await Task.Delay(50, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Alive.ToArray()) await Kill(node);
        foreach (var process in _processes) process?.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Said(int node, string? line)
    {
        if (line is not null) _log.Enqueue($"{Name(node)}: {line}");
    }

    private string[] Arguments(int node) =>
    [
        Program,
        "-D", $"dynamo.node.name={Name(node)}",
        "-D", $"dynamo.http.port={_httpPorts[node]}",
        "-D", $"dynamo.storage.folder={Path.Combine(_folder, Name(node))}",
        "-D", "dynamo.cluster.partitions=64",
        "-D", $"dynamo.cluster.members=[{_members}]",
        .. _settings.SelectMany(static setting => (string[])["-D", setting]),
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

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(static l => ((IPEndPoint)l.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Stop();
        return ports;
    }
}
