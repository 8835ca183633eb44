namespace Dynamo.Simulation.Tests;

/// <summary>Strategies 1 and 2 of the paper's section 6.2 against a model that looks at every token each time.</summary>
public class TokenRingTests
{
    private const int N = 3;

    // Tokens and positions at multiples of this lie on the bounds of 256 equal partitions.
    private static readonly UInt128 Slot = UInt128.One << 120;

    [Fact]
    public void A_preference_list_is_the_nearest_distinct_nodes_clockwise()
    {
        var random = new Prng(1);
        int wrapped = 0, skipped = 0, hit = 0, fewer = 0;
        for (var round = 0; round < 2_000; round++)
        {
            var (ring, tokens) = DrawOnBounds(random);
            var position = new Token(Slot * (UInt128)random.Below(256) + (UInt128)(ulong)random.Below(2));
            var expected = Nearest(tokens, position);

            var list = new int[N];
            var found = ring.PreferenceList(position, list);

            Assert.Equal(expected, list[..found]);
            if (tokens.All(t => t.Token.CompareTo(position) < 0)) wrapped++;
            if (tokens.Any(t => t.Token == position)) hit++;
            if (found < N) fewer++;
            var ahead = tokens.OrderBy(t => unchecked(t.Token.Value - position.Value)).Select(static t => t.Node).ToList();
            if (ahead.Take(found).Distinct().Count() < found) skipped++;
        }

        Assert.All([wrapped, skipped, hit, fewer], static seen => Assert.True(seen > 20, $"only {seen} rounds were of that kind"));
    }

    [Fact]
    public void What_each_node_serves_is_what_the_model_counts_slot_by_slot()
    {
        var random = new Prng(2);
        for (var round = 0; round < 300; round++)
        {
            var (ring, tokens) = DrawOnBounds(random);
            var expected = new double[ring.Nodes];
            for (var slot = 0; slot < 256; slot++)
                foreach (var node in Nearest(tokens, new Token(unchecked(Slot * (UInt128)(slot + 1))))) expected[node] += 1 / 256.0;

            Assert.Equal(expected, ring.Served(N), Near);
            // With every token on a bound of a partition strategy 2 is strategy 1.
            Assert.Equal(expected, new TokenPartitions(ring, 256).Served(N), Near);
        }
    }

    [Fact]
    public void A_partition_is_held_by_the_nodes_that_follow_its_end_and_not_by_those_inside_it()
    {
        // Node 0 has its token inside partition 0, node 1 on its end.
        var ring = new TokenRing(2, [(new Token(Slot / 2), 0), (new Token(Slot), 1)]);
        Span<int> list = stackalloc int[1];

        new TokenPartitions(ring, 256).PreferenceList(new PartitionId(0), list);
        Assert.Equal(1, list[0]);
        new TokenPartitions(ring, 256).PreferenceList(new PartitionId(255), list);
        Assert.Equal(0, list[0]);
    }

    private static bool Near(double x, double y) => Math.Abs(x - y) < 1e-9;

    private static (TokenRing Ring, List<(Token Token, int Node)> Tokens) DrawOnBounds(Prng random)
    {
        var nodes = 1 + random.Below(6);
        var slots = new SortedSet<int>();
        for (var i = 1 + random.Below(20); i > 0; i--) slots.Add(random.Below(256));
        List<(Token Token, int Node)> tokens = [.. slots.Select(slot => (new Token(Slot * (UInt128)slot), random.Below(nodes)))];
        return (new TokenRing(nodes, tokens.AsEnumerable().Reverse()), tokens);
    }

    private static int[] Nearest(List<(Token Token, int Node)> tokens, Token position) =>
        [.. tokens.OrderBy(t => unchecked(t.Token.Value - position.Value)).Select(static t => t.Node).Distinct().Take(N)];
}
