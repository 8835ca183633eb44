using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Table 2: requests coordinated at the client's end against requests through a node that the client picked at random.</summary>
/// <remarks>
/// <code>
///   server-driven get   client -> any node -> owners -> any node -> client                  4 links
///   client-driven get   client -> owners -> client                                          2 links
///   server-driven put   client -> any node -> owner -> owners -> owner -> any node -> client  6 links
///   client-driven put   client -> owner -> owners -> owner -> client                        4 links
/// </code>
/// The same requests in the same order in two worlds. At the client's end runs the real <see cref="GetCoordinator"/>; a put goes to
/// an owner, since a dot is an owner's to issue. Source: DeCandia et al., Dynamo (SOSP 2007), section 6.4.
/// </remarks>
internal sealed class CoordinationCost
{
    private const int Partitions = 4096, KeysToRead = 2_000;
    private const double MicrosecondsBetween = 50, LinkTail = 200, LongestStall = 30_000, Stalls = 0.0005;
    private static readonly double[] Published = [3.9, 68.9, 4.02, 68.5, 1.55, 30.4, 1.9, 30.4];

    public required ulong Seed { get; init; }

    /// <summary>The nodes.</summary>
    public int Nodes { get; init; } = 200;

    /// <summary>Requests measured in each world, half of them gets.</summary>
    public int Requests { get; init; } = 100_000;

    /// <summary>Carries it out.</summary>
    public PaperReport Run()
    {
        var server = Measure(isClientDriven: false);
        var client = Measure(isClientDriven: true);
        double[] ours = [.. server, .. client];
        var holds = server.Zip(client).All(static pair => pair.Second < pair.First);
        int Cut(double[] of, int at) => (int)Math.Round(100 * (1 - (of[at + 4] / of[at])));
        return new PaperReport
        {
            Name = "table2",
            Seed = Seed,
            Setting =
            [
                $"{Nodes} nodes, (N, R, W) = (3, 2, 2), {Requests} requests, half gets and half puts, "
                    + $"{1e6 / MicrosecondsBetween:0} a second.",
                $"A link takes 1 ms and {LinkTail / 1000} ms more on average (exponential); "
                    + $"{Stalls:P2} of messages are held up for up to {LongestStall / 1000} ms.",
                "A node works 20 microseconds on each message, one after the other; a sync takes 0.5 to 1.5 ms and carries all that wait.",
                "The paper's client was linked into web servers, and its server-driven requests went through a load balancer; "
                    + "ours go to a random node.",
            ],
            Columns = ["coordination", "request", "figure", "published_ms", "ours_ms"],
            Rows =
            [
                .. Enumerable.Range(0, 8).Select(i => ImmutableArray.Create(
                    i < 4 ? "server" : "client", Request(i), i % 2 == 0 ? "mean" : "p999", $"{Published[i]}", $"{ours[i]:F3}")),
            ],
            Comparisons =
            [
                .. Enumerable.Range(0, 8).Select(i => new PaperComparison(
                    $"{(i < 4 ? "server-driven" : "client-driven")} {Request(i)}, {(i % 2 == 0 ? "mean" : "p99.9")}, ms",
                    $"{Published[i]}", $"{ours[i]:F2}")),
            ],
            Sentence = $"Coordination at the client's end takes {Cut(ours, 0)} % off the mean of gets "
                + $"and {Cut(ours, 2)} % off that of puts "
                + $"(published {Cut(Published, 0)} % and {Cut(Published, 2)} %), and {Cut(ours, 1)} % and {Cut(ours, 3)} % off their p99.9 "
                + $"(published {Cut(Published, 1)} % and {Cut(Published, 3)} %).",
            Holds = holds,
            Chart = new BarChart(
                "Client-driven and server-driven coordination (table 2)", "ms",
                ["published, server-driven", "published, client-driven", "ours, server-driven", "ours, client-driven"],
                [
                    .. Enumerable.Range(0, 4).Select(i => (
                        $"{Request(i)}, {(i % 2 == 0 ? "mean" : "p99.9")}",
                        ImmutableArray.Create(Published[i], Published[i + 4], ours[i], ours[i + 4]))),
                ]),
        };
    }

    private static string Request(int at) => at % 4 < 2 ? "get" : "put";

    // Mean and p99.9 of gets, then of puts, in milliseconds.
    private double[] Measure(bool isClientDriven)
    {
        var random = new Prng(Seed);
        var times = new Prng(random.Next());
        var world = new PaperWorld(
            Nodes, Partitions,
            new PaperTiming { Link = _ => Link(times), Sync = _ => 500 + times.Below(1_000), Work = 20 },
            random.Next(), NodeSettings.Standard);
        var client = new PaperClient(world, new NodeId("client"));
        var (gets, puts) = (new List<long>(), new List<long>());
        for (var i = 0; i < KeysToRead; i++)
        {
            var key = Key.Of("carts", $"read{i}");
            world.After((long)(i * MicrosecondsBetween), () => Put(world, world.OwnersOf(key)[0], key, null));
        }

        world.Run();
        var at = 0.0;
        for (var i = 0; i < Requests; i++)
        {
            at += Draws.Exponential(random, MicrosecondsBetween);
            var key = i % 2 == 0 ? Key.Of("carts", $"read{random.Below(KeysToRead)}") : Key.Of("carts", $"write{i}");
            var any = world.Nodes[random.Below(Nodes)];
            Action request = (i % 2, isClientDriven) switch
            {
                (0, true) => () => client.Get(key, gets),
                (0, false) => () => Get(world, any, key, gets),
                (_, true) => () => Put(world, world.OwnersOf(key)[0], key, puts),
                _ => () => Put(world, any, key, puts),
            };
            world.After((long)at, request);
        }

        world.Run();
        Invariant.Holds(gets.Count + puts.Count == Requests, "Every request is answered.");
        return [Mean(gets), Tail(gets), Mean(puts), Tail(puts)];
    }

    private static void Get(PaperWorld world, NodeId at, Key key, List<long> took)
    {
        var began = world.Now;
        world.Request(at, new GetRequest(key, GetOptions.None), outcome =>
        {
            Invariant.Holds(outcome is Found, "What was written is found.");
            took.Add(world.Now - began);
        });
    }

    private static void Put(PaperWorld world, NodeId at, Key key, List<long>? took)
    {
        var began = world.Now;
        var value = new Value { Body = new byte[100] };
        world.Request(at, new PutRequest(key, default, value, PutOptions.None), outcome =>
        {
            Invariant.Holds(outcome is Stored, "Where nothing fails a put is stored.");
            took?.Add(world.Now - began);
        });
    }

    private static long Link(Prng random)
    {
        var time = 1_000 + Draws.Exponential(random, LinkTail);
        if (random.Chance(Stalls)) time += random.Below((int)LongestStall);
        return (long)time;
    }

    private static double Mean(List<long> took) => took.Average() / 1000;

    private static double Tail(List<long> took)
    {
        took.Sort();
        return took[(int)(took.Count * 0.999)] / 1000.0;
    }
}
