using System.Net.Http.Json;
using System.Text.Json;
using Dynamo.Chaos.Beds;

namespace Dynamo.Bench.Processes;

/// <summary>A cluster of node processes on this machine, as its users would start it but for addresses and ports.</summary>
internal sealed class NodeFleet : IDriven, IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);
    private readonly Place _place;
    private readonly string _folder, _engine;
    private readonly Bed _bed;
    private readonly ChildProcess?[] _processes;
    private readonly HttpClient _http;
    private readonly int _founders;

    private NodeFleet(Place place, int founders, int nodes, string engine, Bed? bed)
    {
        (_place, _founders, _engine) = (place, founders, engine);
        _folder = place.EmptyFolder();
        _bed = bed ?? new LoopbackBed(nodes);
        _http = new HttpClient(_bed.HttpHandler()) { Timeout = TimeSpan.FromSeconds(30) };
        _processes = new ChildProcess?[nodes];
    }

    /// <summary>Akka.Remote's addresses of the first members, for clients.</summary>
    public string Contacts => string.Join(',', Enumerable.Range(0, _founders).Select(RemoteOf));

    /// <summary>HTTP addresses of the first members.</summary>
    public string Urls => string.Join(',', Enumerable.Range(0, _founders).Select(_bed.Url));

    /// <summary>Starts nodes and waits until each reaches all others.</summary>
    /// <param name="place">Where.</param>
    /// <param name="nodes">How many first members.</param>
    /// <param name="engine">"sqlite" or "memory".</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="more">How many places to keep for nodes that join later.</param>
    /// <param name="bed">Where they live, which is not theirs to dispose of; on 127.0.0.1 when null.</param>
    public static async Task<NodeFleet> Start(
        Place place, int nodes, string engine, CancellationToken cancel, int more = 0, Bed? bed = null)
    {
        var fleet = new NodeFleet(place, nodes, nodes + more, engine, bed);
        try
        {
            for (var node = 0; node < nodes; node++) fleet.Start(node);
            await fleet.WhenConnected(nodes, cancel);
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>A node's HTTP address.</summary>
    public string UrlOf(int node) => _bed.Url(node);

    /// <summary>Starts a node: a first member, or one that is to join.</summary>
    public void Start(int node)
    {
        var members = string.Join(',', Enumerable.Range(0, _founders).Select(i => $"\"{Bed.NameOf(i)}@{RemoteOf(i)}\""));
        List<string> settings =
        [
            $"dynamo.node.name={Bed.NameOf(node)}", $"dynamo.http.host={_bed.Host(node)}",
            $"dynamo.http.port={_bed.HttpPort(node)}", "dynamo.http.token=",
            $"dynamo.storage.folder={Path.Combine(_folder, Bed.NameOf(node))}", $"dynamo.storage.engine={_engine}", $"dynamo.cluster.members=[{members}]",
        ];
        if (node >= _founders) settings.Add($"dynamo.node.address=\"{RemoteOf(node)}\"");
        _processes[node] = ChildProcess.Start(
            Bed.NameOf(node), _place,
            _bed.Command(node, [_place.Host, _place.Programs.Node, .. settings.SelectMany(static s => (string[])["-D", s])]), isQuiet: true);
    }

    /// <summary>Kills a node as a crash does.</summary>
    public async Task Kill(int node)
    {
        var process = _processes[node]!;
        await process.Kill();
        await process.DisposeAsync();
        _processes[node] = null;
    }

    /// <inheritdoc/>
    public TimeSpan Processor => _processes.OfType<ChildProcess>().Aggregate(TimeSpan.Zero, static (sum, p) => sum + p.Processor);

    /// <inheritdoc/>
    public void CheckAlive()
    {
        if (_processes.FirstOrDefault(static p => p is { IsLost: true }) is { } lost) throw lost.Lost();
    }

    /// <summary>Waits until so many of the first nodes answer and reach each other.</summary>
    public Task WhenConnected(int nodes, CancellationToken cancel) => Until(
        async () =>
        {
            for (var node = 0; node < nodes; node++)
                if (await Ask(node, "/admin/cluster", cancel) is not { } cluster || Reachable(cluster) < nodes) return false;
            return true;
        },
        "the nodes have not reached each other", cancel, StartPatience * Math.Max(1, nodes / 3.0));

    /// <summary>Waits for a condition, for a generous time.</summary>
    public async Task Until(Func<Task<bool>> condition, string otherwise, CancellationToken cancel, TimeSpan? patience = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(patience ?? StartPatience);
        try
        {
            while (!await condition())
            {
                CheckAlive();
                await Task.Delay(100, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new BenchException($"After {(patience ?? StartPatience).TotalSeconds:0} seconds {otherwise}.");
        }
    }

    /// <summary>A node's answer to a GET; null while there is none.</summary>
    public async Task<JsonElement?> Ask(int node, string path, CancellationToken cancel)
    {
        try
        {
            return await _http.GetFromJsonAsync<JsonElement>(new Uri(UrlOf(node) + path), cancel);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>What all first members tell of themselves; null while one does not answer.</summary>
    public async Task<FleetStats?> Stats(CancellationToken cancel)
    {
        List<JsonElement> answers = [];
        for (var node = 0; node < _founders; node++)
        {
            if (await Ask(node, "/stats", cancel) is not { } answer) return null;
            answers.Add(answer);
        }

        return FleetStats.Sum(answers);
    }

    /// <summary>Whether the first members have compared all that they were to compare soon: after a start, a return, or for a repair.</summary>
    public async Task<bool> HasCompared(CancellationToken cancel)
    {
        for (var node = 0; node < _founders; node++)
        {
            if (await Ask(node, "/admin/repair", cancel) is not { } answer) return false;
            if (answer.GetProperty("pairs_left").GetInt32() > 0) return false;
        }

        return true;
    }

    /// <summary>Has a node do something.</summary>
    /// <exception cref="BenchException">It refuses.</exception>
    public async Task Post(int node, string path, CancellationToken cancel, string? json = null)
    {
        using var body = json is null ? null : new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri(UrlOf(node) + path), body, cancel);
        if (!answer.IsSuccessStatusCode)
            throw new BenchException($"POST {path} is answered {(int)answer.StatusCode}: {(await answer.Content.ReadAsStringAsync(cancel)).Trim()}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.OfType<ChildProcess>()) await process.DisposeAsync();
        _http.Dispose();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private string RemoteOf(int node) => $"{_bed.Host(node)}:{_bed.RemotePort(node)}";

    private static int Reachable(JsonElement cluster) =>
        cluster.GetProperty("members").EnumerateArray().Count(static m => m.GetProperty("reachable").GetBoolean());
}
