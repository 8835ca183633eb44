using System.Runtime.CompilerServices;
using Dynamo.Bench.Figures;
using Dynamo.Bench.Processes;
using Dynamo.Chaos.Beds;
using Dynamo.Testing;

namespace Dynamo.Bench.Scenarios;

/// <summary>What background work does to the latency of requests: each kind beside a calm time just before it.</summary>
internal static class BackgroundScenario
{
    private const int Nodes = 3, Last = Nodes - 1, Joiner = Nodes;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    public static async IAsyncEnumerable<Sample> Round(Place place, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var fleet = await NodeFleet.Start(place, Nodes, "sqlite", cancel, more: 1);
        yield return await Foreground("calm before hints", loads: true);
        await fleet.Kill(Last);
        await LeaveHints(place, fleet, cancel);
        fleet.Start(Last);
        await fleet.WhenConnected(Nodes, cancel);
        var hints = await Hints();
        yield return (await Foreground("hints")).With(("hints_at_first", hints), ("hints_at_last", await Hints()));
        await fleet.Until(async () => await Hints() == 0, "hints were left", cancel, Patience);

        await Task.Delay(place.Rest, cancel);
        yield return await Foreground("calm before repair");
        yield return await Foreground("repair", onMeasuring: async () =>
        {
            for (var node = 0; node < Nodes; node++) await fleet.Post(node, "/admin/repair", cancel);
        });
        await fleet.Until(() => fleet.HasCompared(cancel), "pairs were left to be compared", cancel, Patience);

        await Task.Delay(place.Rest, cancel);
        yield return await Foreground("calm before join");
        fleet.Start(Joiner);
        await fleet.Until(async () => await fleet.Ask(Joiner, "/admin/cluster", cancel) is not null, "the node that joins has not answered", cancel);
        using var administrator = new HttpMembership();
        // Whoever changes a cluster looks at it first; so this program is not compiled at the nodes' expense either.
        await administrator.Seen(fleet.UrlOf(0));
        await administrator.Owners(fleet.UrlOf(0));
        yield return await Foreground("join", onMeasuring: () =>
            administrator.Change(fleet.UrlOf(0), ("join", $$"""{"node":"{{Bed.NameOf(Joiner)}}"}""")));

        async Task<Sample> Foreground(string name, bool loads = false, Func<Task>? onMeasuring = null)
        {
            var report = await Load.Run(
                place, OurScenarios.Client(fleet),
                [
                    "--rate", $"{RateScenarios.PerSecond}", "--seconds", $"{Math.Max(10, place.LongSeconds / 3)}",
                    "--warm-up", $"{(loads ? place.WarmUp : place.WarmUp / 2)}", "--no-load", loads ? "false" : "true",
                ],
                cancel, onMeasuring);
            fleet.CheckAlive();
            return Sample.Of(name, report);
        }

        async Task<double> Hints()
        {
            var waiting = 0L;
            for (var node = 0; node < Nodes; node++)
            {
                if (await fleet.Ask(node, "/admin/node", cancel) is not { } answer) continue;
                waiting += answer.GetProperty("hints").EnumerateObject().Sum(static h => h.Value.GetInt64());
            }

            return waiting;
        }
    }

    // Each of as many keys is written once while its third owner is away.
    private static Task LeaveHints(Place place, NodeFleet fleet, CancellationToken cancel) => Load.Run(
        place, OurScenarios.Client(fleet), ["--bucket", "hints", "--keys", $"{place.Hints}", "--mix", "get", "--seconds", "1", "--warm-up", "0"], cancel);
}
