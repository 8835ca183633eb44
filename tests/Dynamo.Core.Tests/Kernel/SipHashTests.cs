namespace Dynamo.Core.Tests;

/// <summary>The vectors of SipHash-2-4: the paper's appendix A, and the first, second and ninth of the authors' reference table.</summary>
public sealed class SipHashTests
{
    private static readonly SipHash Hash = new([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

    [Theory]
    [InlineData(15, 0xa129ca6149be45e5)]
    [InlineData(0, 0x726fdb47dd0e0e31)]
    [InlineData(1, 0x74f839c593dc67fd)]
    [InlineData(8, 0x93f5f5799a932462)]
    public void It_gives_what_its_authors_publish(int length, ulong expected)
    {
        byte[] input = [.. Enumerable.Range(0, length).Select(static i => (byte)i)];
        Assert.Equal(expected, Hash.Of(input));
    }

    [Fact]
    public void A_key_has_sixteen_bytes() => Assert.Throws<ArgumentException>(static () => new SipHash(new byte[15]));
}
