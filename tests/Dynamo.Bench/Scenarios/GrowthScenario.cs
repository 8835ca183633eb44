using System.Runtime.CompilerServices;
using Dynamo.Bench.Figures;
using Dynamo.Bench.Processes;

namespace Dynamo.Bench.Scenarios;

/// <summary>What a request costs when there is more: a hundred times as many keys, or three times as many nodes.</summary>
/// <remarks>
/// Latency is measured on SQLite, since that is what people run, and since a store is where many keys could cost something: its pages no
/// longer fit into its cache. Messages are counted in memory, where nothing but the number of nodes differs, and at a rate that nine nodes
/// on a small machine bear: a node that is silent for too long is replaced by another one, which costs messages. How many of them share
/// a frame depends on the rate, so their number is the cost, and the frames are told beside.
/// </remarks>
internal static class GrowthScenario
{
    /// <summary>The names of figures.</summary>
    public const string MessagesPerOperation = "messages_per_op", BytesPerIdleKey = "bytes_per_idle_key";

    private const int InFlightWriting = 256, CountedPerSecond = 200, Connections = 18, Nodes = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);
    private static readonly int[] NodeCounts = [Nodes, 9];

    public static async IAsyncEnumerable<Sample> Round(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var sample in Keys(place, "sqlite", isTimed: true, cancel)) yield return sample;
        await foreach (var sample in Keys(place, "memory", isTimed: false, cancel)) yield return sample;
        foreach (var nodes in NodeCounts)
            await foreach (var sample in Messages(place, nodes, cancel)) yield return sample;
    }

    /// <summary>The name of the sample about so many keys.</summary>
    public static string OfKeys(int keys) => $"growth keys {keys}";

    /// <summary>The name of the sample about so many nodes, and whether clients send requests to owners.</summary>
    public static string OfNodes(int nodes, bool isClientDriven) => $"growth {(isClientDriven ? "client" : "server")}-driven {nodes}";

    private static async IAsyncEnumerable<Sample> Keys(
        Place place, string engine, bool isTimed, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var fleet = await NodeFleet.Start(place, Nodes, engine, cancel);
        FleetStats? few = null;
        foreach (var keys in place.GrowthKeys)
        {
            // After the writing the same load at both sizes, as many requests in flight as the nodes are likely to see: so it has made
            // code as quick and heaps as large as they become, and what differs afterwards is the keys'.
            await Load.Run(
                place, OurScenarios.Client(fleet),
                ["--keys", $"{keys}", "--in-flight", $"{InFlightWriting}", "--seconds", $"{place.WarmUp}", "--warm-up", "0"], cancel);
            await Settle(place, fleet, cancel);
            if (isTimed)
            {
                yield return await Load.Measure(
                    place, OfKeys(keys), fleet, OurScenarios.Client(fleet),
                    [
                        "--keys", $"{keys}", "--no-load", "true", "--rate", $"{RateScenarios.PerSecond}",
                        "--warm-up", $"{place.LongSeconds / 2}", "--seconds", $"{place.LongSeconds}",
                    ],
                    cancel);
            }

            var now = await WhenQuiet(fleet, cancel);
            if (few is not null) yield return Memory(engine, few, now);
            few ??= now;
        }
    }

    private static Sample Memory(string engine, FleetStats few, FleetStats many) => new(
        $"growth memory {engine}", (BytesPerIdleKey, Math.Round(many.BytesPerCopy(few), 1)),
        ("mib_per_node_few_keys", Mebibytes(few)), ("mib_per_node_many_keys", Mebibytes(many)));

    private static double Mebibytes(FleetStats stats) => Math.Round(stats.Memory / (double)Nodes / (1 << 20), 1);

    // What a start and so many writes leave behind is not the cost of keys that lie there: each pair of stores is compared, the log is
    // copied into the file, what was garbage is collected, and the disk is rested.
    private static async Task Settle(Place place, NodeFleet fleet, CancellationToken cancel)
    {
        await fleet.Until(() => fleet.HasCompared(cancel), "pairs were left to be compared", cancel, Patience);
        await WhenQuiet(fleet, cancel);
        await Task.Delay(place.Rest, cancel);
    }

    private static async Task<FleetStats> WhenQuiet(NodeFleet fleet, CancellationToken cancel)
    {
        FleetStats? stats = null;
        await fleet.Until(
            async () => (stats = await fleet.Stats(cancel)) is { UnderWay: 0 }, "requests, writes or hints were left", cancel, Patience);
        return stats!;
    }

    private static async IAsyncEnumerable<Sample> Messages(Place place, int nodes, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var fleet = await NodeFleet.Start(place, nodes, "memory", cancel);
        await Load.Run(place, OurScenarios.Client(fleet), ["--rate", $"{CountedPerSecond}"], cancel);
        yield return await Count(OfNodes(nodes, isClientDriven: true), async mix =>
        {
            var report = await Load.Run(
                place, OurScenarios.Client(fleet),
                ["--rate", $"{CountedPerSecond}", "--no-load", "true", "--warm-up", "0", "--mix", mix], cancel);
            return (report.Measured.All?.Count, report.Measured.Errors);
        });
        // A balancer in front of all nodes knows no owners: each connection goes to the next node. What was sent over HTTP is never sent
        // again, so the operations are the requests that have come in.
        yield return await Count(OfNodes(nodes, isClientDriven: false), async mix =>
        {
            var sample = await ToolBench.Run(
                place with { WarmUp = 0 }, "http", Connections,
                ["--nodes", fleet.Urls, "--rate", $"{CountedPerSecond}", "--no-load", "--mix", mix], cancel);
            return (null, sample.Errors);
        });

        async Task<Sample> Count(string name, Func<string, Task<(long? Succeeded, IReadOnlyDictionary<string, long> Errors)>> drive)
        {
            var (get, put) = (await CountOf("get"), await CountOf("put"));
            return new Sample(
                name, (MessagesPerOperation, Math.Round((get.Messages + put.Messages) / 2, 3)),
                ("messages_per_get", Math.Round(get.Messages, 3)), ("messages_per_put", Math.Round(put.Messages, 3)),
                ("frames_per_op", Math.Round((get.Frames + put.Frames) / 2, 3)))
            {
                Errors = get.Errors.Count > 0 ? get.Errors : put.Errors,
            };

            // Nothing is under way when the counters are read, so all that is counted belongs to these operations.
            async Task<(double Messages, double Frames, IReadOnlyDictionary<string, long> Errors)> CountOf(string mix)
            {
                var before = await WhenQuiet(fleet, cancel);
                var (succeeded, errors) = await drive(mix);
                var after = await WhenQuiet(fleet, cancel);
                fleet.CheckAlive();
                var operations = succeeded + errors.Values.Sum() ?? after.Requests - before.Requests;
                if (operations == 0) throw new BenchException($"{name}: no operation was carried out.");
                return (after.MessagesPerOperation(before, operations), (after.Frames - before.Frames) / (double)operations, errors);
            }
        }
    }
}
