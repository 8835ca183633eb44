using Xunit.Abstractions;
using static Dynamo.Core.Tests.Membership.AnyMembership;

namespace Dynamo.Core.Tests.Membership;

/// <summary>Who gets and who loses which replica, against a list of all pairs.</summary>
public class RingTransitionTests(ITestOutputHelper output)
{
    [Fact]
    public void Gains_and_losses_are_the_differences_of_the_preference_lists()
    {
        int gains = 0, losses = 0, reordered = 0;
        for (var seed = 1; seed <= 120; seed++)
        {
            var random = new Prng((ulong)seed);
            var history = Founded(random);
            var from = history.Fold().Current.Ring;
            for (var i = 0; i < 3; i++) history = history.Add(Commit(random, history));
            var to = history.Fold().Current.Ring;
            var n = 1 + random.Below(4);
            var transition = new RingTransition(from, to, n);
            var before = Pairs(from, n);
            var after = Pairs(to, n);
            foreach (var node in "abcdefgh".Select(c => Node($"{c}")))
            {
                var gained = after.Except(before).Where(x => x.Node == node).Select(x => x.Partition);
                var lost = before.Except(after).Where(x => x.Node == node).Select(x => x.Partition);
                Assert.Equal(gained, transition.Gains(node));
                Assert.Equal(lost, transition.Losses(node));
                gains += transition.Gains(node).Count;
                losses += transition.Losses(node).Count;
            }

            for (var p = 0; p < from.PartitionCount; p++)
            {
                var partition = new PartitionId(p);
                var old = from.PreferenceList(partition, n);
                var now = to.PreferenceList(partition, n);
                Assert.Equal(old.AsEnumerable(), transition.Before(partition));
                Assert.Equal(now.AsEnumerable(), transition.After(partition));
                Assert.Equal(now.Except(old), transition.Gainers(partition));
                Assert.Equal(old.Except(now), transition.Losers(partition));
                var isChanged = now.Except(old).Any() || old.Except(now).Any();
                Assert.Equal(isChanged, transition.Changed.Contains(partition));
                if (!isChanged && !old.SequenceEqual(now)) reordered++;
            }
        }

        output.WriteLine($"{gains} gains, {losses} losses, {reordered} lists that only changed their order.");
        Assert.True(gains > 100 && losses > 100 && reordered > 10);
    }

    [Fact]
    public void A_ring_changes_nothing_against_itself_and_strangers_gain_nothing()
    {
        var ring = History("a b c d").Fold().Current.Ring;
        var transition = new RingTransition(ring, ring, 3);
        Assert.Empty(transition.Changed);
        Assert.Empty(transition.Gains(Node("x")));
        Assert.Empty(transition.Losses(default));
        Assert.Throws<InvariantException>(() => new RingTransition(ring, History("a", 8).Fold().Current.Ring, 3));
    }

    private static List<(NodeId Node, PartitionId Partition)> Pairs(Ring ring, int n) =>
        [.. Enumerable.Range(0, ring.PartitionCount).Select(p => new PartitionId(p))
            .SelectMany(p => ring.PreferenceList(p, n).Select(node => (node, p)))];
}
