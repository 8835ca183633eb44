using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Dynamo.Chaos.Beds;

namespace Dynamo.Chaos;

/// <summary>The node processes of a run: starts, kills, stops and asks them.</summary>
internal sealed class Fleet : IDisposable
{
    /// <summary>How the nodes are set: what a run must know is written here and not read from them.</summary>
    public static readonly TimeSpan PingEvery = TimeSpan.FromMilliseconds(500), ReplicaTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>How many pings in a row a node must miss.</summary>
    public const int SuspectAfter = 5;

    /// <summary>How many nodes a get or a put needs: R and W of N = 3.</summary>
    public const int Quorum = 2;

    /// <summary>What contexts are made with.</summary>
    public const string ClusterKey = "chaos";

    /// <summary>How many partitions the ring has.</summary>
    public const int Partitions = 64;

    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(1);
    private readonly Bed _bed;
    private readonly string _program;
    private readonly string _logs;
    private readonly Process?[] _processes;
    private readonly SmallDisk[] _disks;
    private readonly HttpClient _http;
    private readonly string _members;

    /// <summary>A fleet none of whose nodes runs yet.</summary>
    public Fleet(Bed bed, int nodes, string program, string root, string logs, int diskMegabytes)
    {
        (_bed, _program, _logs) = (bed, program, logs);
        _processes = new Process?[nodes];
        _disks = [.. Enumerable.Range(0, nodes).Select(i => new SmallDisk(Path.Combine(root, Bed.NameOf(i)), diskMegabytes))];
        _http = new HttpClient(bed.HttpHandler()) { Timeout = TimeSpan.FromSeconds(5) };
        _members = string.Join(',', Enumerable.Range(0, nodes).Select(i => $"\"{Bed.NameOf(i)}@{bed.Host(i)}:{bed.RemotePort(i)}\""));
    }

    /// <summary>The longest that a node may take to notice that another one is silent.</summary>
    public static TimeSpan Detection => (PingEvery * SuspectAfter) + ReplicaTimeout;

    public int Count => _processes.Length;

    public Bed Bed => _bed;

    /// <summary>A node's disk.</summary>
    public SmallDisk Disk(int node) => _disks[node];

    /// <summary>Whether its process runs, be it stopped or not.</summary>
    public bool IsAlive(int node) => _processes[node] is { HasExited: false };

    /// <summary>Starts a node.</summary>
    public void Start(int node)
    {
        _processes[node]?.Dispose();
        var command = _bed.Command(node, ["dotnet", .. Arguments(node)]);
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.OutputDataReceived += (_, line) => Keep(node, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(node, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes[node] = process;
    }

    /// <summary>Sends a signal to a node's process.</summary>
    public void Signal(int node, int signal)
    {
        if (IsAlive(node)) Kernel.Signal(_processes[node]!.Id, signal);
    }

    /// <summary>Kills a node as a crash does.</summary>
    public async Task Kill(int node)
    {
        if (!IsAlive(node)) return;
        _processes[node]!.Kill();
        await _processes[node]!.WaitForExitAsync();
    }

    /// <summary>Ends a node in order; the exit code.</summary>
    public async Task<int> Terminate(int node)
    {
        Signal(node, Kernel.SigTerm);
        await _processes[node]!.WaitForExitAsync().WaitAsync(StartPatience);
        return _processes[node]!.ExitCode;
    }

    /// <summary>Waits until these nodes serve, and each reaches all of them.</summary>
    public async Task WhenConnected(IReadOnlyList<int> nodes, CancellationToken cancel)
    {
        var names = nodes.Select(Bed.NameOf).Order(StringComparer.Ordinal).ToArray();
        await Until(async () =>
        {
            foreach (var node in nodes)
            {
                if (!IsAlive(node)) throw new ChaosException($"{Bed.NameOf(node)} has ended by itself; its log is {LogOf(node)}.");
                if (await Ask(node, "/admin/cluster") is not { } answer) return false;
                if (answer.GetProperty("membership") is not { ValueKind: JsonValueKind.Object } membership) return false;
                var reached = membership.GetProperty("nodes").EnumerateArray()
                    .Where(static n => n.GetProperty("reachable").GetBoolean()).Select(static n => n.GetProperty("name").GetString()!);
                if (names.Except(reached).Any()) return false;
            }

            return true;
        }, $"not all of {string.Join(", ", names)} reach each other", cancel);
    }

    /// <summary>Waits for a condition, for a generous time.</summary>
    public static async Task Until(Func<Task<bool>> condition, string otherwise, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(StartPatience);
        try
        {
            while (!await condition()) await Task.Delay(100, limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new ChaosException($"After {StartPatience.TotalSeconds:0} seconds {otherwise}.");
        }
    }

    /// <summary>What a node says is wrong with its store, empty for nothing; null when it does not answer.</summary>
    public async Task<string?> StorageError(int node) =>
        await Ask(node, "/admin/node") is { } answer ? answer.GetProperty("storage").GetProperty("error").GetString() ?? "" : null;

    /// <summary>The owner of each partition.</summary>
    public async Task<string[]> Owners() =>
        [.. (await Ask(0, "/admin/ring"))!.Value.GetProperty("owners").EnumerateArray().Select(static o => o.GetString()!)];

    /// <summary>A node's answer to a GET; null while there is none.</summary>
    public async Task<JsonElement?> Ask(int node, string path)
    {
        try
        {
            using var json = JsonDocument.Parse(await _http.GetStringAsync(new Uri(_bed.Url(node) + path)));
            return json.RootElement.Clone();
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>A node's answer to a POST without a body; null while there is none.</summary>
    public async Task<JsonElement?> Post(int node, string path)
    {
        try
        {
            using var response = await _http.PostAsync(new Uri(_bed.Url(node) + path), null);
            using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            return json.RootElement.Clone();
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Sends a body to a node; the status, 0 for no answer, and what it said.</summary>
    public async Task<(int Status, string Body)> Put(int node, string path, HttpContent body)
    {
        try
        {
            using var response = await _http.PutAsync(new Uri(_bed.Url(node) + path), body);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or IOException)
        {
            return (0, fault.Message);
        }
    }

    /// <summary>Where what a node prints is kept.</summary>
    public string LogOf(int node) => Path.Combine(_logs, Bed.NameOf(node) + ".log");

    /// <summary>Ends whatever still runs, and lets go of the disks.</summary>
    public void Dispose()
    {
        for (var node = 0; node < Count; node++)
        {
            if (!IsAlive(node)) continue;
            _processes[node]!.Kill();
            _processes[node]!.WaitForExit(5_000);
        }

        foreach (var process in _processes) process?.Dispose();
        foreach (var disk in _disks) disk.Dispose();
        _http.Dispose();
    }

    private void Keep(int node, string? line)
    {
        if (line is null) return;
        lock (_disks[node])
            File.AppendAllText(LogOf(node), string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.fff} {line}\n"));
    }

    private string[] Arguments(int node)
    {
        string[] settings =
        [
            $"dynamo.node.name={Bed.NameOf(node)}",
            $"dynamo.http.host={_bed.Host(node)}",
            $"dynamo.http.port={_bed.HttpPort(node)}",
            $"dynamo.http.token=",
            $"dynamo.storage.folder={_disks[node].Folder}",
            $"dynamo.cluster.partitions={Partitions}",
            $"dynamo.cluster.key={ClusterKey}",
            $"dynamo.cluster.members=[{_members}]",
            $"dynamo.requests.replica-timeout={ReplicaTimeout.TotalMilliseconds}ms",
            $"dynamo.failure-detector.ping-every={PingEvery.TotalMilliseconds}ms",
            $"dynamo.failure-detector.suspect-after={SuspectAfter}",
            // So often that in a few minutes tombstones do go, and owners are compared between two faults.
            "dynamo.tombstones.reap-after=5s",
            "dynamo.anti-entropy.round=30s",
            "dynamo.anti-entropy.after-return=5s",
        ];
        return [_program, .. settings.SelectMany(static setting => (string[])["-D", setting])];
    }
}
