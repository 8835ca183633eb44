using System.Collections.Immutable;

namespace Dynamo.Core.Tests;

public class ReplicaTargetsTests
{
    private const int Partitions = 64;

    [Fact]
    public void A_view_gives_every_request_the_same_choice_and_fallbacks_of_its_own()
    {
        var view = View(out var away);
        Assert.True(Founded.Length - away.Length > 3);
        for (var round = 0; round < 2; round++)
        {
            for (var p = 0; p < Partitions; p++)
            {
                // The slot of a partition is taken by one n after the other.
                foreach (var n in (int[])[3, 1, 3, 2])
                {
                    var partition = new PartitionId(p);
                    var (given, anew) = (view.TargetsOf(partition, n), ReplicaTargets.Choose(view, partition, n));
                    Assert.Equal(anew.Primaries.AsEnumerable(), given.Primaries);
                    Assert.Equal(anew.Targets.AsEnumerable(), given.Targets);
                    Assert.Equal(anew.Uncovered.AsEnumerable(), given.Uncovered);
                    Assert.Equal(anew.ReachablePrimaries, given.ReachablePrimaries);
                    for (var k = 0; k < Founded.Length; k++) Assert.Equal(anew.NextFallback(), given.NextFallback());
                    Assert.True(given.NextFallback().IsNone);
                }
            }
        }
    }

    [Fact]
    public void Who_may_coordinate_is_told_the_same_in_both_ways()
    {
        var view = View(out _);
        var yes = 0;
        for (var p = 0; p < Partitions; p++)
        {
            var targets = view.TargetsOf(new PartitionId(p), 3);
            foreach (var node in Founded)
            {
                Assert.Equal(targets.Coordinators().Contains(node), targets.IsCoordinator(node));
                Assert.Equal(targets.Targets.Any(target => target.Node == node), targets.Includes(node));
                if (targets.IsCoordinator(node)) yes++;
            }
        }

        Assert.InRange(yes, 1, (Partitions * Founded.Length) - 1);
    }

    private static readonly NodeId[] Founded = [.. Enumerable.Range(1, 7).Select(static i => new NodeId($"n{i}"))];

    private static ClusterView View(out NodeId[] away)
    {
        Assert.True(Founding.TryCreate("dynamo", Partitions, 3, Founded.Select(static node => new RingMember(node)), out var founding, out _));
        var silent = away = [Founded[1], Founded[4]];
        return new ClusterView(
            Founded[0], founding.ToRing(), node => !silent.Contains(node), ImmutableSortedDictionary<string, PropertyEntry>.Empty);
    }
}
