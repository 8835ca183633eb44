namespace Dynamo.Core.Tests;

public class QuorumSizeTests
{
    [Theory]
    [InlineData("default", 3, 2)]
    [InlineData("quorum", 1, 1)]
    [InlineData("quorum", 2, 2)]
    [InlineData("quorum", 3, 2)]
    [InlineData("quorum", 4, 3)]
    [InlineData("quorum", 5, 3)]
    [InlineData("all", 3, 3)]
    [InlineData("one", 3, 1)]
    [InlineData("0", 3, 0)]
    [InlineData("2", 3, 2)]
    [InlineData("255", 3, 255)]
    public void Words_and_numbers_resolve(string text, int n, int expected)
    {
        Assert.True(QuorumSize.TryParse(text, out var size));
        Assert.Equal(expected, size.Resolve(n));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("256")]
    [InlineData("-1")]
    [InlineData(" 1")]
    [InlineData("Quorum")]
    [InlineData("two")]
    [InlineData("1.0")]
    public void Other_texts_are_none(string? text)
    {
        Assert.False(QuorumSize.TryParse(text, out var size));
        Assert.True(size.IsDefault);
    }

    [Fact]
    public void Every_size_prints_what_it_is_read_from()
    {
        QuorumSize[] sizes =
            [QuorumSize.Default, QuorumSize.Quorum, QuorumSize.All, .. Enumerable.Range(0, 256).Select(QuorumSize.Of)];
        Assert.Equal(sizes.Length, sizes.Distinct().Count());
        foreach (var size in sizes)
        {
            Assert.True(QuorumSize.TryParse(size.ToString(), out var read));
            Assert.Equal(size, read);
        }

        Assert.Equal(QuorumSize.Of(1), QuorumSize.One);
        Assert.Equal(QuorumSize.Of(0), QuorumSize.Zero);
        Assert.Equal(default, QuorumSize.Default);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(256)]
    [InlineData(int.MaxValue)]
    public void A_number_outside_0_to_255_is_a_programming_error(int number) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => QuorumSize.Of(number));

    [Fact]
    public void Words_have_no_number_and_default_gives_way()
    {
        Assert.Equal(3, QuorumSize.Of(3).Number);
        Assert.Null(QuorumSize.All.Number);
        Assert.Null(QuorumSize.Quorum.Number);
        Assert.Null(QuorumSize.Default.Number);
        Assert.Equal(QuorumSize.Zero, QuorumSize.Zero.Or(QuorumSize.All));
        Assert.Equal(QuorumSize.All, QuorumSize.Default.Or(QuorumSize.All));
    }
}
