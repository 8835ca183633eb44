using System.Globalization;
using System.Text;
using System.Text.Json;
using Dynamo.Chaos.Beds;
using Dynamo.Chaos.Faults;
using Dynamo.Core;

namespace Dynamo.Chaos;

/// <summary>What one half of the set test came to.</summary>
/// <param name="Bucket">How the bucket resolves.</param>
/// <param name="Adds">Adds that clients tried.</param>
/// <param name="Acknowledged">Those that were acknowledged.</param>
/// <param name="Lost">Acknowledged adds that are not in the set at the end.</param>
/// <param name="FailedInPartition">Adds that failed while the network was cut.</param>
/// <param name="Differing">Nodes that show another set than the first one at the end.</param>
internal sealed record SetFigures(string Bucket, int Adds, int Acknowledged, IReadOnlyList<int> Lost, int FailedInPartition, int Differing);

/// <summary>What both halves came to.</summary>
internal sealed record SetReport(ulong Seed, string Where, bool WasCut, SetFigures Siblings, SetFigures LastWriteWins) : IReport
{
    /// <remarks>Last-write-wins loses adds by its nature; the test would tell nothing if it lost none there.</remarks>
    public bool IsClean => Siblings is { Lost.Count: 0, Differing: 0 } && LastWriteWins.Lost.Count > 0;

    public string ToJson() => JsonSerializer.Serialize(this, ChaosReport.Format);

    public IEnumerable<string> Describe()
    {
        foreach (var half in (SetFigures[])[Siblings, LastWriteWins])
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{half.Bucket}: {half.Adds} adds, {half.Acknowledged} acknowledged, {half.Lost.Count} of them lost "
                + $"({100.0 * half.Lost.Count / Math.Max(1, half.Acknowledged):0.0} %), {half.FailedInPartition} failed in the partition, {half.Differing} nodes differ");
        if (LastWriteWins.Lost.Count == 0) yield return "Last-write-wins lost nothing, so the clients did not quarrel and the test tells nothing.";
        yield return IsClean ? "clean" : "wrong";
    }
}

/// <summary>Jepsen's test of Riak over node processes: clients add numbers to one set by reading, adding and writing, R = W = 1.</summary>
/// <remarks>
/// One client at each node; {node1, node2} are cut from the others from a quarter to half of the adds. Once with siblings that readers
/// unite, where no acknowledged add may be lost; once with last-write-wins, which loses most of them.
/// Source: Kingsbury, "Call me maybe: Riak" (2013).
/// </remarks>
internal sealed class SetTest : IDisposable
{
    private const string Key = "set";

    // So slow that the partition lasts more than twice as long as the failure detector needs.
    private const int LongestPauseMilliseconds = 120;
    private readonly Fleet _fleet;
    private readonly string _bucket;
    private readonly int _adds;
    private readonly HttpClient _http;
    private readonly StreamWriter _history;
    private readonly HashSet<int> _acknowledged = [];
    private int _begun, _failedInPartition;
    private bool _isCut;

    private SetTest(Fleet fleet, string bucket, int adds, string histories)
    {
        (_fleet, _bucket, _adds) = (fleet, bucket, adds);
        _http = new HttpClient(fleet.Bed.HttpHandler()) { Timeout = TimeSpan.FromSeconds(12) };
        _history = new StreamWriter(Path.Combine(histories, $"set-{bucket}.txt"));
    }

    /// <summary>Carries out both halves.</summary>
    public static async Task<SetReport> Run(ChaosOptions options, Bed bed, string run, int adds, Action<string> say, CancellationToken cancel)
    {
        if (bed.Switch is null) say("The network cannot be cut here: the set test runs without its partition.");
        using var fleet = new Fleet(bed, options.Nodes, options.NodeProgram, run, options.Histories, diskMegabytes: 256);
        int[] all = [.. Enumerable.Range(0, options.Nodes)];
        foreach (var node in all) fleet.Start(node);
        await fleet.WhenConnected(all, cancel);
        using var properties = new StringContent("""{"props":{"last_write_wins":true}}""", Encoding.UTF8, "application/json");
        var (status, answer) = await fleet.Put(0, "/buckets/latest/props", properties);
        if (status is not (200 or 204)) throw new ChaosException($"The bucket could not be set up: {status} {answer}");
        await Task.Delay(TimeSpan.FromSeconds(5), cancel); // Gossip tells every node of the property.
        using var siblings = new SetTest(fleet, "united", adds, options.Histories);
        using var latest = new SetTest(fleet, "latest", adds, options.Histories);
        return new SetReport(
            options.Seed, bed.Description, bed.Switch is not null,
            await siblings.Live("siblings", options.Seed, say, cancel), await latest.Live("last-write-wins", options.Seed + 1, say, cancel));
    }

    public void Dispose()
    {
        _http.Dispose();
        _history.Dispose();
    }

    private async Task<SetFigures> Live(string name, ulong seed, Action<string> say, CancellationToken cancel)
    {
        say($"set        {_adds} adds, {name}");
        int[] all = [.. Enumerable.Range(0, _fleet.Count)];
        var clients = all.Select(node => Add(node, new Prng(seed + (ulong)node), cancel)).ToList();
        var cut = new CutFault([0, 1], bothWays: true);
        if (_fleet.Bed.Switch is not null)
        {
            await WhenBegun(_adds / 4, clients, cancel);
            say($"set        {cut.Description}");
            await cut.Begin(_fleet, cancel);
            _isCut = true;
            await WhenBegun(_adds / 2, clients, cancel);
            await cut.End(_fleet, cancel);
            _isCut = false;
            say("set        healed");
        }

        await Task.WhenAll(clients);
        await _fleet.WhenConnected(all, cancel);
        await Fleet.Until(async () =>
        {
            foreach (var node in all)
                if (await _fleet.Ask(node, "/admin/node") is not { } status
                    || status.GetProperty("hints").EnumerateObject().Any(static h => h.Value.GetInt64() > 0)) return false;
            return true;
        }, "hints are left", cancel);
        var sets = new List<SortedSet<int>>();
        foreach (var node in all)
            sets.Add((await Read(node, "?r=all")).Set ?? throw new ChaosException($"{Bed.NameOf(node)} cannot read the set when everything has healed."));
        return new SetFigures(
            name, _adds, _acknowledged.Count, [.. _acknowledged.Where(n => !sets[^1].Contains(n)).Order()], _failedInPartition,
            sets.Count(s => !s.SetEquals(sets[^1])));
    }

    private async Task WhenBegun(int count, IReadOnlyList<Task> clients, CancellationToken cancel)
    {
        while (Volatile.Read(ref _begun) < count && !clients.All(static c => c.IsCompleted)) await Task.Delay(10, cancel);
    }

    private async Task Add(int node, Prng random, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested && Interlocked.Increment(ref _begun) is var number && number <= _adds)
        {
            var (set, context) = await Read(node, "?r=1");
            // A client that cannot read cannot add; it goes on with the next number.
            var done = set is not null && await Write(node, set, number, context);
            lock (_acknowledged)
            {
                if (done) _acknowledged.Add(number);
                else if (_isCut) _failedInPartition++;
                _history.WriteLine($"{number} {Bed.NameOf(node)} {(done ? "ok" : "failed")}{(_isCut ? " cut" : "")}");
            }

            await Task.Delay(1 + random.Below(LongestPauseMilliseconds), cancel);
        }
    }

    private async Task<(SortedSet<int>? Set, string Context)> Read(int node, string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(node) + query);
        request.Headers.Accept.ParseAdd("multipart/mixed, */*;q=0.5");
        try
        {
            using var response = await _http.SendAsync(request);
            var context = response.Headers.TryGetValues("X-Riak-Vclock", out var values) ? values.First() : "";
            return (int)response.StatusCode switch
            {
                404 => ([], context),
                // Numbers between commas, so that no header is taken for some.
                200 or 300 => ([.. (await response.Content.ReadAsStringAsync()).Split('\n').Where(static l => l.StartsWith("set,", StringComparison.Ordinal))
                    .SelectMany(static l => l.Trim().Split(',').Skip(1)).Select(static n => int.Parse(n, CultureInfo.InvariantCulture))], context),
                _ => (null, ""),
            };
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or IOException)
        {
            return (null, "");
        }
    }

    private async Task<bool> Write(int node, SortedSet<int> set, int number, string context)
    {
        set.Add(number);
        using var request = new HttpRequestMessage(HttpMethod.Put, Url(node) + "?w=1")
        {
            Content = new StringContent("set," + string.Join(',', set), Encoding.ASCII, "text/plain"),
        };
        if (context.Length > 0) request.Headers.Add("X-Riak-Vclock", context);
        try
        {
            using var response = await _http.SendAsync(request);
            return response.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or IOException)
        {
            return false;
        }
    }

    private string Url(int node) => $"{_fleet.Bed.Url(node)}/buckets/{_bucket}/keys/{Key}";
}
