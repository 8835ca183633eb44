using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Dynamo.Bench.Figures;
using Dynamo.Bench.Processes;
using Dynamo.Chaos.Beds;

namespace Dynamo.Bench.Scenarios;

/// <summary>
/// The paper's table 2 on links that take time: gets that the client coordinates and puts that go straight to an owner, beside requests
/// that go to any node, as through a load balancer. Source: DeCandia et al., Dynamo (SOSP 2007), section 6.4.
/// </summary>
/// <remarks>
/// Every node and the client are in network namespaces of their own, and each packet between two of them waits a millisecond, once, since
/// there is one queue in a path and not one at each end:
/// <code>
///   get    client-driven   client -> owners -> client                               2 links   2 ms
///          server-driven   client -> any node -> owners -> node -> client           4         4
///   put    client-driven   client -> owner -> owners -> owner -> client             4         4
///          server-driven   likewise where the node owns the key (3 of 5 times)      4
///                          client -> node -> owner -> owners and back               6         4.8 on average
/// </code>
/// The rate is low, so that it is the links and not the processors that are compared; and both are measured at once, on the same nodes and
/// under keys of their own, so that whatever else happens to the machine happens to both.
/// </remarks>
internal static class LinksScenario
{
    /// <summary>The samples' names.</summary>
    public const string Client = "links client-driven", Server = "links server-driven";

    private const int Nodes = RateScenarios.Nodes, PerSecond = 100, Connections = 21;

    // Another run may be under way, so its namespaces bear the number of its process.
    private const string Prefix = "dynbench";
    private static readonly string OwnPrefix = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-");
    private static readonly Line Link = new(0, TimeSpan.FromMilliseconds(1), TimeSpan.Zero);

    /// <summary>A sentence about why namespaces cannot be made here; "" when they can.</summary>
    public static string WhyNot()
    {
        Leftovers.RemoveNamespaces(IsLeft);
        using var bed = NamespaceBed.TryMake(OwnPrefix, 1, 1, out var reason);
        return bed is null ? $"links needs network namespaces, which usually only root on Linux may make: {reason}" : "";
    }

    public static async IAsyncEnumerable<Sample> Round(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var bed = NamespaceBed.TryMake(OwnPrefix, Nodes, 1, out var reason) ?? throw new BenchException(reason);
        bed.Switch.SetAll(Link);
        await using var fleet = await NodeFleet.Start(place, Nodes, "sqlite", cancel, bed: bed);
        yield return new Sample("links", ("round_trip_ms", await RoundTrip(bed, cancel)));
        var samples = await Task.WhenAll(
            Measure(Client, "--bucket", "client-driven", "--coordinate-gets", "true"),
            Measure(Server, "--bucket", "server-driven", "--routing", "AnyNode"));
        fleet.CheckAlive();
        foreach (var sample in samples) yield return sample;

        async Task<Sample> Measure(string name, params string[] options) => Sample.Of(name, await Load.Run(
            place, [.. OurScenarios.Client(fleet), "--host", bed.ClientHost],
            [.. RateScenarios.AtRate(place, PerSecond, times: 2), .. options], cancel, bed: bed, log: name));
    }

    /// <summary>Whether a namespace of this name is one of a run that has ended without removing it.</summary>
    internal static bool IsLeft(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name.IndexOf('-', StringComparison.Ordinal) is not (var end and > 0)) return false;
        if (!int.TryParse(name.AsSpan(Prefix.Length, end - Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var process))
            return false;
        // Where this is asked nothing is under way here, so one with the own number is of an earlier process that had it.
        return process == Environment.ProcessId || !Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}"));
    }

    // The middle one of some connections' times: each is one packet there and one back, and nobody has to be woken for it.
    private static async Task<double> RoundTrip(NamespaceBed bed, CancellationToken cancel)
    {
        List<double> took = [];
        for (var i = 0; i < Connections; i++)
        {
            using var socket = bed.ClientSocket();
            var began = Stopwatch.GetTimestamp();
            await socket.ConnectAsync(IPAddress.Parse(bed.Host(i % Nodes)), bed.HttpPort(i % Nodes), cancel);
            took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return Math.Round(Spread.Of(took)!.Value.Median, 3);
    }
}
