using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Spectre.Console;

namespace Dynamo.Cli.Bench;

/// <summary>A benchmark of one cluster: its bucket is made ready, its keys are loaded, its runs are told.</summary>
internal sealed class BenchSession : IAsyncDisposable
{
    private const int LoadClients = 64;
    private static readonly int[] Ladder = [8, 16, 32, 64, 128, 256, 512];
    private readonly Terminal _terminal;
    private readonly IBenchTarget _target;
    private readonly int _valueBytes;
    private readonly NodeWatch _watch;
    private readonly bool _json;

    private BenchSession(Terminal terminal, IBenchTarget target, int valueBytes, NodeWatch watch, bool json) =>
        (_terminal, _target, _valueBytes, _watch, _json) = (terminal, target, valueBytes, watch, json);

    /// <summary>Starts a cluster in this process, whose memory and processor time are then those of nodes and benchmark together.</summary>
    public static async Task<BenchSession> OpenEmbedded(Terminal terminal, string bucket, int valueBytes, bool json, CancellationToken cancel) => new(
        terminal, await EmbeddedTarget.Start(bucket, HttpTarget.MakeValue(valueBytes), cancel), valueBytes, NodeWatch.OfThisProcess(), json);

    /// <summary>Makes the bucket of nodes over HTTP ready and finds the nodes' processes.</summary>
    /// <exception cref="CommandFailure">A node does not answer, or refuses.</exception>
    public static async Task<BenchSession> Open(
        Terminal terminal, IReadOnlyList<Uri> nodes, string bucket, int valueBytes, string? token, bool json, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        if (token is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var props = new StringContent("""{"props":{"allow_mult":false}}""", Encoding.UTF8, "application/json");
            using var answer = await http.PutAsync(new Uri(nodes[0], $"/buckets/{bucket}/props"), props, cancel);
            if (!answer.IsSuccessStatusCode)
                throw new CommandFailure(ExitCode.Failure, (await answer.Content.ReadAsStringAsync(cancel)).Trim());
            List<(EndPoint, string)> ends = [];
            foreach (var node in nodes)
                ends.Add((new IPEndPoint((await Dns.GetHostAddressesAsync(node.Host, cancel))[0], node.Port), node.Authority));
            var target = new HttpTarget(ends, bucket, valueBytes, token);
            return new BenchSession(terminal, target, valueBytes, await NodeWatch.Find(nodes, http, cancel), json);
        }
        catch (Exception fault) when (fault is HttpRequestException or System.Net.Sockets.SocketException)
        {
            throw new CommandFailure(ExitCode.Unreachable, $"A node of {string.Join(' ', nodes)} does not answer: {fault.Message}.");
        }
    }

    /// <summary>Writes each key once; one that is refused is written again.</summary>
    public Task Load(long keys, CancellationToken cancel) => _terminal.IsInteractive && !_json
        ? _terminal.Pretty.Progress().StartAsync(context =>
        {
            var task = context.AddTask($"loading {keys} keys", maxValue: keys);
            return Load(keys, () => task.Increment(1), cancel);
        })
        : Load(keys, static () => { }, cancel);

    /// <summary>Carries a plan out and tells how it went; success when anything was answered and nothing failed.</summary>
    public async Task<int> Run(BenchPlan plan, CancellationToken cancel)
    {
        var report = await Measure(plan, isTold: !_json, cancel);
        if (_json) _terminal.Json(report);
        else Tell(report);
        return report.Stretches.All(static s => s.Outcomes is { Failed: 0, TimedOut: 0, Accepted: not null })
            ? ExitCode.Success : ExitCode.Failure;
    }

    /// <summary>Doubles the clients until throughput rises by less than a twentieth, and tells the best.</summary>
    public async Task<int> FindLimit(BenchPlan plan, CancellationToken cancel)
    {
        List<BenchReport> runs = [];
        foreach (var clients in Ladder)
        {
            var run = await Measure(
                plan with { Clients = clients, Stretches = [.. plan.Stretches.Select(static s => new Stretch(s.Rate, s.Length, s.IsWarmUp))] },
                isTold: false, cancel);
            if (!_json) _terminal.Text.WriteLine($"{clients,4} clients: {BenchReport.Describe(run.Stretches[0])}");
            runs.Add(run with { Timeline = [] });
            if (runs.Count > 1 && Throughput(run) < Throughput(runs[^2]) * 1.05) break;
        }

        var best = runs.MaxBy(Throughput)!;
        if (_json) _terminal.Json(new { Limit = Throughput(best), best.Clients, Runs = runs });
        else _terminal.Text.WriteLine($"limit: {Throughput(best):0} ops/s, with {best.Clients} clients");
        return Throughput(best) > 0 ? ExitCode.Success : ExitCode.Failure;

        static double Throughput(BenchReport run) => run.Stretches[0].OpsPerSecond;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        if (_target is IAsyncDisposable owned) await owned.DisposeAsync();
    }

    private void Tell(BenchReport report)
    {
        foreach (var stretch in report.Stretches)
        {
            _terminal.Text.WriteLine(BenchReport.Describe(stretch));
            LatencyPlot.Draw(_terminal, stretch);
        }

        _terminal.Text.WriteLine($"the benchmark itself kept {report.ClientProcessors:0.00} processors busy");
    }

    private async Task<BenchReport> Measure(BenchPlan plan, bool isTold, CancellationToken cancel)
    {
        List<SecondReport> timeline = [];
        var run = new BenchRun(_target, plan);
        await run.CarryOut(OnSecond, cancel);
        return new BenchReport(
            plan.Mix.Name, plan.Keys, plan.KeyCount, _valueBytes, plan.Clients, Math.Round(run.OwnProcessors, 2),
            [.. plan.Stretches.Where(static s => !s.IsWarmUp).Select(Report)], timeline);

        void OnSecond(int second, Tally tally, Stretch stretch)
        {
            var (memory, busy) = _watch.Look();
            timeline.Add(new SecondReport(second, RateOf(stretch), Ended.Of(tally), memory, busy));
            if (isTold) _terminal.Text.WriteLine(BenchReport.Describe(second, tally, $"{string.Join(' ', memory.Select(static m => $"{m:0}"))} MiB"));
        }

        static double? RateOf(Stretch stretch) => stretch.Rate > 0 ? stretch.Rate : null;
        static StretchReport Report(Stretch s) => new(
            RateOf(s), s.Length.TotalSeconds, Math.Round(s.Tally.Answered / s.Length.TotalSeconds, 1), Ended.Of(s.Tally));
    }

    private async Task Load(long keys, Action onKey, CancellationToken cancel)
    {
        var next = -1L;
        await Task.WhenAll(Enumerable.Range(0, LoadClients).Select(number => Task.Run(() => Client(number), cancel)));

        async Task Client(int number)
        {
            using var connection = _target.Connect(number);
            for (var key = Interlocked.Increment(ref next); key < keys; key = Interlocked.Increment(ref next))
            {
                for (var tries = 0; await connection.Put(key, asRead: false) != Ending.Ok; tries++)
                {
                    if (tries == 100) throw new CommandFailure(ExitCode.Unavailable, $"Key {key} could not be stored in 100 tries.");
                    await Task.Delay(50, cancel);
                }

                onKey();
            }
        }
    }
}
