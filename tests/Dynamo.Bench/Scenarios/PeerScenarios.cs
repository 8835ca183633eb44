using System.Runtime.CompilerServices;
using Dynamo.Bench.Figures;
using Dynamo.Bench.Processes;

namespace Dynamo.Bench.Scenarios;

/// <summary>What Dynamo is measured against, over Akka.Remote.</summary>
internal static class PeerScenarios
{
    /// <summary>Requests in flight that throughput is compared at.</summary>
    public static readonly IReadOnlyList<int> InFlight = [64, 256];

    public static IAsyncEnumerable<Sample> Skeleton(Place place, CancellationToken cancel) =>
        Frames(place, "skeleton", "skeleton", 3, isBatched: true, cancel);

    public static IAsyncEnumerable<Sample> Single(Place place, CancellationToken cancel) =>
        Frames(place, "single", "skeleton", 3, isBatched: false, cancel);

    public static IAsyncEnumerable<Sample> PingPong(Place place, CancellationToken cancel) =>
        Frames(place, "ping-pong", "ping-pong", 1, isBatched: true, cancel);

    public static async IAsyncEnumerable<Sample> DistributedData(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var keys in place.KeyCounts)
        {
            // A hundred entries to a dictionary: each request carries a whole one and each is gossiped by itself; with ten, or one, it
            // was no faster, and writing all keys at first took several times as long.
            await using var fleet = await FrameFleet.Start(place, "ddata", 3, ["--top-level", $"{keys / 100}"], cancel);
            yield return await Load.Measure(
                place, $"ddata {keys}", fleet, fleet.Client("ddata"), ["--in-flight", "256", "--keys", $"{keys}"], cancel);
        }
    }

    private static async IAsyncEnumerable<Sample> Frames(
        Place place, string name, string program, int nodes, bool isBatched, [EnumeratorCancellation] CancellationToken cancel)
    {
        string[] batched = ["--batched", isBatched ? "true" : "false"];
        await using var fleet = await FrameFleet.Start(place, program, nodes, batched, cancel);
        foreach (var inFlight in InFlight)
        {
            yield return await Load.Measure(
                place, $"{name} {inFlight}", fleet, fleet.Client(program, batched),
                ["--in-flight", $"{inFlight}", "--no-load", inFlight == InFlight[0] ? "false" : "true"], cancel);
        }
    }
}
