using Xunit.Abstractions;

namespace Dynamo.Core.Tests;

/// <summary>Small rings, where trying everything tells how few partitions a change could have moved.</summary>
public class PlacementMinimumTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(8, 2)]
    [InlineData(8, 3)]
    [InlineData(16, 2)]
    [InlineData(16, 3)]
    public void A_change_moves_no_more_than_two_above_the_minimum(int q, int n)
    {
        int judged = 0, exact = 0, worst = 0;
        for (var seed = 1; seed <= 60; seed++)
        {
            var prng = new Prng((ulong)seed);
            var members = Enumerable.Range(0, 3 + prng.Below(3))
                .Select(i => new RingMember(new NodeId($"n{i}"), prng.Chance(0.6) ? 1 : 1 + prng.Below(2))).ToList();
            var before = Placement.Assign(members, q, n, default);
            for (var change = 0; change < 3; change++)
            {
                var i = prng.Below(members.Count);
                if (prng.Chance(0.3)) members[i] = members[i] with { Weight = 3 - members[i].Weight };
                else if (members.Count > 4 || members.Count > 3 && prng.Chance(0.5)) members.RemoveAt(i);
                else members.Add(new RingMember(new NodeId($"new{change}")));
                var after = Placement.Assign(members, q, n, before.Owners.AsSpan());
                // With N nodes there is one pattern only, and a capped node has no fair share to search for.
                if (members.Count > n && !after.Violations.Any(v => v.Demand == PlacementDemand.Shares))
                {
                    var least = Least(members, q, n, before);
                    var above = after.Moved - least;
                    Assert.True(above >= 0, $"the search missed {above}");
                    Assert.True(
                        above <= 2,
                        $"seed {seed}, change {change}: {after.Moved} moved, {least} would do");
                    judged++;
                    if (above == 0) exact++;
                    worst = Math.Max(worst, above);
                }

                before = after;
            }
        }

        output.WriteLine($"Q = {q}, N = {n}: {judged} changes, {exact} with the minimum, at worst {worst} above it");
        Assert.True(judged >= 100 && exact * 20 >= judged * 19, $"{exact} of {judged}");
    }

    /// <summary>The fewest moves of any fair assignment with distinct windows, by iterative deepening.</summary>
    private static int Least(List<RingMember> members, int q, int n, PlacementResult before)
    {
        var shares = Placement.Shares(members, q).ToDictionary(s => s.Node);
        var range = members.Select(m => shares[m.Node]).ToArray();
        var old = before.Owners.Select(o => members.FindIndex(m => m.Node == o)).ToArray();
        var owners = new int[q];
        var counts = new int[range.Length];
        for (var budget = 0; ; budget++)
            if (Search(0, budget)) return budget;

        bool Search(int p, int left)
        {
            if (range.Select((r, i) => Math.Max(0, r.Floor - counts[i])).Sum() > q - p) return false;
            if (p == q) return true;
            for (var node = 0; node < range.Length; node++)
            {
                var cost = old[p] == node ? 0 : 1;
                if (cost > left || counts[node] == range[node].Ceiling) continue;
                var clash = false;
                for (var d = 1; d < n && !clash; d++)
                    clash = p >= d && owners[p - d] == node || p + d >= q && owners[p + d - q] == node;
                if (clash) continue;
                owners[p] = node;
                counts[node]++;
                if (Search(p + 1, left - cost)) return true;
                counts[node]--;
            }

            return false;
        }
    }
}
