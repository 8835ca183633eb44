using System.Text.Json;
using Dynamo.Chaos.Beds;

namespace Dynamo.Chaos;

/// <summary>Waits until a cluster to which nothing happens any more has come to rest, without reading a key.</summary>
internal static class Rest
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Waits until hints are delivered, owners have been compared and tombstones are gone; what never comes is a finding.</summary>
    public static async Task Until(Fleet fleet, List<string> findings, CancellationToken cancel)
    {
        await Reach(fleet, "hints", findings, static (_, status) => status.GetProperty("hints").EnumerateObject().Sum(static h => h.Value.GetInt64()), cancel);
        var compared = new Dictionary<int, long>();
        for (var node = 0; node < fleet.Count; node++)
        {
            if (await fleet.Post(node, "/admin/repair") is not { } begun)
                throw new ChaosException($"{Bed.NameOf(node)} does not take the request for a repair.");
            compared[node] = begun.GetProperty("exchanges").GetInt64() + begun.GetProperty("pairs_of_repair").GetInt64();
        }

        await Reach(fleet, "pairs to compare", findings, (node, status) => Math.Max(0, compared[node] - status.GetProperty("exchanges").GetInt64()), cancel);
        await Reach(fleet, "tombstones", findings, static (_, status) => status.GetProperty("tombstones").GetInt64(), cancel);
    }

    private static async Task Reach(
        Fleet fleet, string what, List<string> findings, Func<int, JsonElement, long> left, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        for (var node = 0; node < fleet.Count; node++)
        {
            var remaining = 0L;
            try
            {
                while (await fleet.Ask(node, "/admin/node") is not { } status || (remaining = left(node, status)) > 0)
                    await Task.Delay(200, limit.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                findings.Add($"{Patience.TotalMinutes:0} minutes after everything had healed {Bed.NameOf(node)} has {remaining} {what} left.");
            }
        }
    }
}
