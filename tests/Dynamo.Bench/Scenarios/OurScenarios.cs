using System.Runtime.CompilerServices;
using Dynamo.Bench.Figures;
using Dynamo.Bench.Processes;

namespace Dynamo.Bench.Scenarios;

/// <summary>Throughput of Dynamo itself, by each way in.</summary>
internal static class OurScenarios
{
    private const int Nodes = 3;

    public static IAsyncEnumerable<Sample> Memory(Place place, CancellationToken cancel) => OverClient(place, "memory", "memory", cancel);

    public static IAsyncEnumerable<Sample> Durable(Place place, CancellationToken cancel) => OverClient(place, "durable", "sqlite", cancel);

    public static async IAsyncEnumerable<Sample> Http(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var fleet = await NodeFleet.Start(place, Nodes, "memory", cancel);
        foreach (var inFlight in PeerScenarios.InFlight)
        {
            yield return await ToolBench.Run(place, $"http {inFlight}", inFlight, ["--nodes", fleet.Urls], cancel);
            fleet.CheckAlive();
        }
    }

    public static async IAsyncEnumerable<Sample> Embedded(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var inFlight in PeerScenarios.InFlight)
            yield return await ToolBench.Run(place, $"embedded {inFlight}", inFlight, ["--target", "embedded"], cancel);
    }

    public static async IAsyncEnumerable<Sample> Keys(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var fleet = await NodeFleet.Start(place, Nodes, "memory", cancel);
        foreach (var keys in place.KeyCounts)
        {
            yield return await Load.Measure(place, $"keys {keys}", fleet, Client(fleet), ["--in-flight", "256", "--keys", $"{keys}"], cancel);
        }
    }

    /// <summary>The command line of a client of these nodes.</summary>
    public static string[] Client(NodeFleet fleet) => ["client-bench", "--contacts", fleet.Contacts, "--http", fleet.UrlOf(0)];

    private static async IAsyncEnumerable<Sample> OverClient(
        Place place, string name, string engine, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var fleet = await NodeFleet.Start(place, Nodes, engine, cancel);
        foreach (var inFlight in PeerScenarios.InFlight)
        {
            yield return await Load.Measure(
                place, $"{name} {inFlight}", fleet, Client(fleet),
                ["--in-flight", $"{inFlight}", "--no-load", inFlight == PeerScenarios.InFlight[0] ? "false" : "true"], cancel);
        }
    }
}
