using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Dynamo.Testing;

/// <summary>A steady load of puts and gets over HTTP that knows, key by key, what was acknowledged, and checks every get against it.</summary>
/// <remarks>
/// Each key has one writer, which numbers its writes and gives back the context of its last answer. A get that shows no
/// number as high as the last one acknowledged before it began is stale; a request that gets no success is a failure.
/// A worker rests between two requests: workers that do not take all of the processor from the nodes whose change they watch.
/// </remarks>
public sealed class HttpLoad : IAsyncDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _workers = [];
    private readonly Dictionary<string, LoadKey> _keys;
    private readonly string _query;
    private IReadOnlyList<string> _urls;
    private LoadPhase _phase = new("");

    /// <summary>A load that has not begun.</summary>
    /// <param name="bucket">The bucket to use.</param>
    /// <param name="keys">How many keys.</param>
    /// <param name="urls">The nodes to talk to.</param>
    /// <param name="query">Query of every request, such as "w=1&amp;r=1"; empty for the bucket's own numbers.</param>
    public HttpLoad(string bucket, int keys, IReadOnlyList<string> urls, string query = "")
    {
        Bucket = bucket;
        _urls = urls;
        _query = query.Length == 0 ? "" : "?" + query;
        _keys = Enumerable.Range(0, keys).Select(i => new LoadKey($"key{i:0000}")).ToDictionary(static k => k.Name);
    }

    public string Bucket { get; }

    public IEnumerable<string> Keys => _keys.Keys;

    /// <summary>The highest number acknowledged for a key; 0 when none was.</summary>
    public int Acknowledged(string key) => _keys[key].Acknowledged;

    /// <summary>How many keys have at least one acknowledged write.</summary>
    public int KeysWritten => _keys.Values.Count(static k => k.Acknowledged > 0);

    /// <summary>What was counted since the last switch; it goes on counting.</summary>
    public LoadPhase Now => _phase;

    /// <summary>Begins with this many workers.</summary>
    public void Start(int workers)
    {
        var shares = _keys.Values.Chunk((_keys.Count + workers - 1) / workers);
        _workers.AddRange(shares.Select((share, i) => Task.Run(() => Work(share, i))));
    }

    /// <summary>From now on talk to these nodes, and count under this name; returns what was counted before.</summary>
    public LoadPhase Switch(string phase, IReadOnlyList<string>? urls = null)
    {
        if (urls is not null) Volatile.Write(ref _urls, urls);
        return Interlocked.Exchange(ref _phase, new LoadPhase(phase)).Ended();
    }

    /// <summary>Stops, and says what was counted since the last switch.</summary>
    public async Task<LoadPhase> Stop()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
        return _phase.Ended();
    }

    /// <summary>The numbers a node shows for a key: those of its siblings.</summary>
    public async Task<(HttpStatusCode Status, int[] Numbers, string Context)> Read(string url, string key, string query = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{url}/buckets/{Bucket}/keys/{key}{query}");
        request.Headers.Accept.ParseAdd("multipart/mixed");
        request.Headers.Accept.ParseAdd("*/*;q=0.5");
        using var response = await _http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        var context = response.Headers.TryGetValues("X-Riak-Vclock", out var values) ? values.First() : "";
        int[] numbers = response.StatusCode is HttpStatusCode.OK or HttpStatusCode.MultipleChoices
            ? [.. body.Split('\n').Select(static line => line.Trim()).Where(static line => line.StartsWith("n=", StringComparison.Ordinal))
                .Select(static line => int.Parse(line.AsSpan(2), CultureInfo.InvariantCulture))]
            : [];
        return (response.StatusCode, numbers, context);
    }

    /// <summary>The numbers in one node's own store, as an owner, asked of nobody else.</summary>
    public async Task<int[]> ReadLocal(string url, string key)
    {
        using var response = await _http.GetAsync(new Uri($"{url}/admin/local/{Bucket}/{key}"));
        if (!response.IsSuccessStatusCode) return [];
        using var json = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
        var numbers = new List<int>();
        if (json.RootElement.TryGetProperty("record", out var record) && record.ValueKind == JsonValueKind.Object)
            foreach (var sibling in record.GetProperty("siblings").EnumerateArray())
                if (sibling.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String)
                    numbers.Add(int.Parse(Encoding.UTF8.GetString(value.GetBytesFromBase64()).AsSpan(2), CultureInfo.InvariantCulture));
        return [.. numbers];
    }

    /// <summary>JSON of an administration path.</summary>
    public async Task<JsonElement> Admin(string url, string path)
    {
        using var json = JsonDocument.Parse(await _http.GetStringAsync(new Uri(url + path)));
        return json.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task Work(LoadKey[] share, int worker)
    {
        var random = new Random(worker);
        while (!_stop.IsCancellationRequested)
        {
            var key = share[random.Next(share.Length)];
            var phase = _phase;
            var urls = Volatile.Read(ref _urls);
            var url = urls[random.Next(urls.Count)];
            try
            {
                if (random.Next(2) == 0) await Put(url, key, phase);
                else await Get(url, key, phase);
            }
            catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or IOException)
            {
                phase.Failures.Enqueue($"{url} {key.Name}: {fault.Message}");
            }

            await Task.Delay(Rest);
        }
    }

    private async Task Put(string url, LoadKey key, LoadPhase phase)
    {
        var number = ++key.Written;
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{url}/buckets/{Bucket}/keys/{key.Name}{_query}")
        {
            Content = new StringContent($"n={number}\n", Encoding.UTF8, "text/plain"),
        };
        if (key.Context.Length > 0) request.Headers.Add("X-Riak-Vclock", key.Context);
        using var response = await _http.SendAsync(request);
        if (response.IsSuccessStatusCode)
        {
            key.Context = response.Headers.GetValues("X-Riak-Vclock").First();
            key.Acknowledged = number;
            Interlocked.Increment(ref phase.PutsField);
        }
        else
        {
            phase.Failures.Enqueue($"PUT {url} {key.Name}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }

    private async Task Get(string url, LoadKey key, LoadPhase phase)
    {
        var expected = key.Acknowledged;
        var (status, numbers, context) = await Read(url, key.Name, _query);
        if (status is not (HttpStatusCode.OK or HttpStatusCode.MultipleChoices or HttpStatusCode.NotFound))
        {
            phase.Failures.Enqueue($"GET {url} {key.Name}: {(int)status}");
            return;
        }

        Interlocked.Increment(ref phase.GetsField);
        if (numbers.Length > 0) Interlocked.Increment(ref phase.FoundField);
        else if (expected > 0) Interlocked.Increment(ref phase.NotFoundField);
        if (numbers.DefaultIfEmpty(0).Max() < expected)
            phase.Stale.Enqueue($"{url} {key.Name}: {expected} was acknowledged, [{string.Join(",", numbers)}] was read");
        else if (numbers.Length > 1) key.Context = context;
    }

    private sealed class LoadKey(string name)
    {
        public string Name { get; } = name;
        public int Written { get; set; }
        public int Acknowledged { get; set; }
        public string Context { get; set; } = "";
    }
}

/// <summary>What a load counted between two switches.</summary>
public sealed class LoadPhase(string name)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    internal int PutsField, GetsField, FoundField, NotFoundField;

    public string Name { get; } = name;

    public int Puts => PutsField;

    public int Gets => GetsField;

    /// <summary>Gets that showed a value.</summary>
    public int Found => FoundField;

    /// <summary>Gets that showed none though a write of the key was acknowledged before; they are stale as well.</summary>
    public int NotFound => NotFoundField;

    /// <summary>Requests without success, a line each.</summary>
    public ConcurrentQueue<string> Failures { get; } = new();

    /// <summary>Gets that missed an acknowledged write, a line each.</summary>
    public ConcurrentQueue<string> Stale { get; } = new();

    /// <summary>Requests that were answered as they should be.</summary>
    public int Done => Puts + Gets;

    /// <summary>Whether every request was answered, and no get missed what was acknowledged.</summary>
    public bool IsClean => Failures.IsEmpty && Stale.IsEmpty && NotFound == 0;

    internal LoadPhase Ended()
    {
        _watch.Stop();
        return this;
    }

    public override string ToString() =>
        $"{Name}: {_watch.Elapsed.TotalSeconds:0.0} s, {Puts} puts, {Gets} gets ({Found} values), {Failures.Count} failures, {NotFound} not found, {Stale.Count} stale"
        + string.Concat(Failures.Take(3).Concat(Stale.Take(3)).Select(static line => $"\n    {line}"));
}
