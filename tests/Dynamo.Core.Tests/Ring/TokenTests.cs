namespace Dynamo.Core.Tests;

public class TokenTests
{
    private static readonly UInt128 Step = UInt128.One << 125; // One of 8 partitions.

    [Fact]
    public void A_partition_begins_at_its_first_token_and_ends_before_the_next()
    {
        for (var p = 0; p < 8; p++)
        {
            var first = Step * (UInt128)p;
            Assert.Equal(p, PartitionId.Of(new Token(first), 8).Index);
            Assert.Equal(p, PartitionId.Of(new Token(first + Step - 1), 8).Index);
        }

        Assert.Equal(7, PartitionId.Of(new Token(UInt128.MaxValue), 8).Index);
        Assert.Equal(65_535, PartitionId.Of(new Token(UInt128.MaxValue), 65_536).Index);
        Assert.Equal(0, PartitionId.Of(default, 65_536).Index);
    }

    [Theory]
    [InlineData(256, 0xde)]
    [InlineData(65_536, 0xde3e)]
    [InlineData(16, 0xd)]
    public void A_partition_is_the_top_bits_of_the_position(int q, int partition) =>
        Assert.Equal(partition, PartitionId.Of(Key.Of("b", "k").Position, q).Index); // de3eae59...

    [Theory]
    [InlineData(8, true)]
    [InlineData(256, true)]
    [InlineData(65_536, true)]
    [InlineData(4, false)]
    [InlineData(0, false)]
    [InlineData(-8, false)]
    [InlineData(100, false)]
    [InlineData(131_072, false)]
    public void Q_is_a_power_of_two_from_8_to_65536(int q, bool valid) =>
        Assert.Equal(valid, PartitionId.IsValidCount(q));

    [Fact]
    public void Tokens_are_ordered_as_unsigned_numbers()
    {
        Assert.True(new Token(UInt128.MaxValue).CompareTo(new Token(1)) > 0);
        Assert.Equal("000000000000000000000000000000ff", new Token(255).ToString());
    }

    [Theory]
    [InlineData("node1", true)]
    [InlineData("A-b_c.9", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("two words", false)]
    [InlineData("a/b", false)]
    [InlineData("été", false)]
    public void Node_names(string? text, bool valid)
    {
        Assert.Equal(valid, NodeId.TryParse(text, out var node));
        Assert.Equal(valid ? text : "", node.Name);
    }

    [Fact]
    public void A_node_name_has_at_most_64_characters()
    {
        Assert.True(NodeId.TryParse(new string('n', 64), out _));
        Assert.False(NodeId.TryParse(new string('n', 65), out _));
    }

    [Fact]
    public void Nodes_are_their_names()
    {
        var one = new NodeId("node1");
        var other = new NodeId(new string("node1"));
        Assert.True(one == other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.True(new NodeId("Z").CompareTo(new NodeId("a")) < 0); // Ordinal, whatever the culture.
        Assert.True(default(NodeId).CompareTo(one) < 0);
        Assert.NotEqual(default, one);
        Assert.True(default(NodeId).IsNone);
    }
}
