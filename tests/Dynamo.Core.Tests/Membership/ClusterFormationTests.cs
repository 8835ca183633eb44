using Step = Dynamo.Core.ClusterFormation.Step;

namespace Dynamo.Core.Tests;

/// <summary>Who founds an island of Akka.Cluster, who joins one, and who leaves a smaller one.</summary>
public sealed class ClusterFormationTests
{
    private static readonly TimeSpan Long = ClusterFormation.Patience;

    // A peer is written name[!][:island]; ! says that it cannot be reached.
    [Theory]
    [InlineData("n1", "n2 n3", false, Step.Found, "")]
    [InlineData("n2", "n1 n3", false, Step.Wait, "")]
    [InlineData("n2", "n1 n3", true, Step.Wait, "")]
    [InlineData("n1", "n2 n3!", false, Step.Wait, "")]
    [InlineData("n1", "n2 n3!", true, Step.Found, "")]
    [InlineData("n2", "n1! n3", true, Step.Found, "")]
    [InlineData("n2", "n1! n3", false, Step.Wait, "")]
    [InlineData("n1", "n2! n3!", true, Step.Found, "")]
    [InlineData("n1", "", false, Step.Found, "")]
    [InlineData("n1", "n2 n3:a", false, Step.Join, "n3")]
    [InlineData("n1", "n2! n3:a", false, Step.Join, "n3")]
    [InlineData("n1", "n2:a! n3", true, Step.Found, "")]
    [InlineData("n1", "n2:b n3:a n4:a", false, Step.Join, "n3")]
    [InlineData("n1", "n2:b n3:a", false, Step.Join, "n3")]
    public void A_node_without_an_island(string self, string peers, bool waitedLong, Step step, string contact)
    {
        var decided = ClusterFormation.Decide(new NodeId(self), Peers(peers), waitedLong ? Long : TimeSpan.Zero, isMember: true);
        Assert.Equal((step, contact.Length == 0 ? default : new NodeId(contact)), decided);
    }

    [Theory]
    [InlineData("n1", "n2! n3!", Step.Wait, "")]
    [InlineData("n1", "", Step.Wait, "")]
    [InlineData("n1", "n2 n3", Step.Wait, "")]
    [InlineData("n4", "n2! n3:a", Step.Join, "n3")]
    public void A_node_that_waits_to_be_a_member_founds_no_island(string self, string peers, Step step, string contact)
    {
        var decided = ClusterFormation.Decide(new NodeId(self), Peers(peers), Long, isMember: false);
        Assert.Equal((step, contact.Length == 0 ? default : new NodeId(contact)), decided);
    }

    [Theory]
    [InlineData("n1", "a", "n2:a n3:a", false)]
    [InlineData("n1", "a", "n2:b n3:b", true)]
    [InlineData("n1", "a", "n2:b n3:b!", false)]
    [InlineData("n1", "b", "n2:a", true)]
    [InlineData("n1", "a", "n2:b", false)]
    [InlineData("n2", "a", "n1:a n3:b n4:b n5:b", false)]
    [InlineData("n1", "a", "n2:a n3:b n4:b n5:b", true)]
    [InlineData("n2", "a", "n1:a! n3:b n4:b n5:b", true)]
    public void A_node_in_an_island_yields_to_a_larger_one_when_it_is_its_turn(
        string self, string island, string peers, bool yields) =>
        Assert.Equal(yields, ClusterFormation.Yields(new NodeId(self), island, Peers(peers)));

    [Fact]
    public void Two_islands_never_both_yield()
    {
        foreach (var mine in new[] { 1, 2, 3 })
        {
            foreach (var theirs in new[] { 1, 2, 3 })
            {
                var all = Enumerable.Range(1, mine).Select(static i => new ClusterFormation.Peer(new NodeId($"m{i}"), true, "a"))
                    .Concat(Enumerable.Range(1, theirs).Select(static i => new ClusterFormation.Peer(new NodeId($"t{i}"), true, "b")))
                    .ToList();
                var yielding = all.Where(p => ClusterFormation.Yields(p.Node, p.Island, [.. all.Where(o => o != p)]));
                Assert.Single(yielding);
            }
        }
    }

    private static List<ClusterFormation.Peer> Peers(string text) =>
    [
        .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static peer =>
        {
            var parts = peer.TrimEnd('!').Split(':');
            var reachable = !peer.Contains('!', StringComparison.Ordinal);
            return new ClusterFormation.Peer(new NodeId(parts[0].TrimEnd('!')), reachable, parts.Length > 1 ? parts[1] : "");
        }),
    ];
}
