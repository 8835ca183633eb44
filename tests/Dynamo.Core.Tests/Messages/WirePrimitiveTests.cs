using System.Text;

namespace Dynamo.Core.Tests;

public class WirePrimitiveTests
{
    [Theory]
    [InlineData(0UL, "00")]
    [InlineData(127UL, "7F")]
    [InlineData(128UL, "8001")]
    [InlineData(300UL, "AC02")]
    [InlineData(ulong.MaxValue, "FFFFFFFFFFFFFFFFFF01")]
    public void Number(ulong value, string hex)
    {
        var writer = new WireWriter(0);
        writer.Number(value);
        Assert.Equal(hex, Convert.ToHexString(writer.Written));
        var reader = new WireReader(writer.Written);
        Assert.Equal(value, reader.Number());
        Assert.Equal(0, reader.Remaining);
    }

    [Theory]
    [InlineData(0L, "00")]
    [InlineData(-1L, "01")]
    [InlineData(1L, "02")]
    [InlineData(long.MaxValue, "FEFFFFFFFFFFFFFFFF01")]
    [InlineData(long.MinValue, "FFFFFFFFFFFFFFFFFF01")]
    public void Signed(long value, string hex)
    {
        var writer = new WireWriter();
        writer.Signed(value);
        Assert.Equal(hex, Convert.ToHexString(writer.Written));
        var reader = new WireReader(writer.Written);
        Assert.Equal(value, reader.Signed());
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFFFF02")]
    [InlineData("80808080808080808080")]
    [InlineData("FFFFFFFFFFFFFFFFFFFF01")]
    public void A_number_of_more_than_64_bits_is_refused(string hex)
    {
        var reader = new WireReader(Convert.FromHexString(hex));
        Assert.Equal(0UL, reader.Number());
        Assert.Equal("A number has more than 64 bits.", reader.Error);
    }

    [Fact]
    public void Text_of_every_length_and_width_comes_back()
    {
        foreach (var letter in new[] { "a", "é", "€", "\U0001F600" })
            for (var count = 0; count < 200; count++)
            {
                var text = new StringBuilder().Insert(0, letter, count).ToString();
                var writer = new WireWriter(1);
                writer.Text(text);
                var reader = new WireReader(writer.Written);
                Assert.Equal(text, reader.Text(1000));
                reader.End();
                Assert.Null(reader.Error);
            }
    }

    [Fact]
    public void A_failed_reader_gives_nothing_more_and_keeps_its_first_sentence()
    {
        var reader = new WireReader([7, 1, 2, 3]);
        Assert.False(reader.Bool());
        Assert.Equal("A truth value is neither 0 nor 1.", reader.Error);
        Assert.Equal(0, reader.Remaining);
        Assert.Equal(0UL, reader.Number());
        Assert.Equal(0UL, reader.Fixed64());
        Assert.Equal("", reader.Text(10));
        Assert.True(reader.Bytes(10).IsEmpty);
        Assert.True(reader.Node().IsNone);
        reader.End();
        Assert.Equal("A truth value is neither 0 nor 1.", reader.Error);
    }

    [Fact]
    public void A_node_that_comes_again_is_the_same_string()
    {
        var writer = new WireWriter();
        writer.Text("node-of-this-test");
        writer.Text("node-of-this-test");
        var reader = new WireReader(writer.Written);
        Assert.Same(reader.Node().Name, reader.Node().Name);
    }

    [Fact]
    public void Names_that_share_a_slot_or_are_too_long_to_remember_are_still_read_right()
    {
        // More names than there are slots, twice, so that each is met when another lies in its place.
        for (var round = 0; round < 2; round++)
            for (var i = 0; i < 3000; i++)
            {
                var text = $"{new string('p', i % 90)}{i}";
                Assert.Equal(text, KnownName.Of(Encoding.UTF8.GetBytes(text))?.Text);
            }

        Assert.Null(KnownName.Of([0xC3, 0x28]));
        Assert.False(KnownName.Of("a node/"u8)!.IsNode);
    }
}
