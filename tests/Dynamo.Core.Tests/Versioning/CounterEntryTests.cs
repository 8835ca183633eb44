using System.Collections.Immutable;
using System.Text;

namespace Dynamo.Core.Tests;

/// <summary>The entry of a counter as a value: exact, strict and never thrown off by what others write.</summary>
public class CounterEntryTests
{
    [Theory]
    [InlineData(0, 0, "+0 -0")]
    [InlineData(17, 3, "+17 -3")]
    [InlineData(ulong.MaxValue, ulong.MaxValue, "+18446744073709551615 -18446744073709551615")]
    public void It_is_a_text_and_comes_back(ulong up, ulong down, string text)
    {
        var entry = new CounterEntry(up, down);
        Assert.Equal(text, Encoding.ASCII.GetString(entry.ToValue().Body.Span));
        Assert.True(CounterEntry.TryRead(entry.ToValue(), out var read));
        Assert.Equal(entry, read);
        Assert.Equal("", entry.ToValue().Check());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("+1")]
    [InlineData("+1 -")]
    [InlineData("+ -1")]
    [InlineData("1 2")]
    [InlineData("+1 +2")]
    [InlineData("-1 +2")]
    [InlineData("+01 -2")]
    [InlineData("+1 -02")]
    [InlineData("++1 -2")]
    [InlineData("+-1 -2")]
    [InlineData("+1 --2")]
    [InlineData("+1  -2")]
    [InlineData("+1 -2 ")]
    [InlineData("+1 -2\n")]
    [InlineData("+1.0 -2")]
    [InlineData("+1e3 -2")]
    [InlineData("+0x1 -2")]
    [InlineData("+18446744073709551616 -0")]
    [InlineData("+99999999999999999999999999999999999999999999999999 -0")]
    public void Anything_else_is_none(string text) =>
        Assert.False(CounterEntry.TryRead(Value(text), out _));

    [Fact]
    public void Altered_bytes_never_throw_and_what_is_read_is_spelled_in_one_way_only()
    {
        var random = new Prng(7);
        int read = 0, refused = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var (up, down) = (random.Next() >> random.Below(64), random.Next() >> random.Below(64));
            var body = new CounterEntry(up, down).ToValue().Body.ToArray();
            body[random.Below(body.Length)] = random.Chance(0.5) ? (byte)"+- 09"[random.Below(5)] : (byte)random.Next();
            var value = new Value { ContentType = CounterEntry.ContentType, Body = body };
            if (CounterEntry.TryRead(value, out var entry))
            {
                read++;
                Assert.Equal(value, entry.ToValue());
            }
            else
            {
                refused++;
            }
        }

        Assert.True(read > 5_000 && refused > 5_000, $"{read} were entries, {refused} were none");
    }

    [Fact]
    public void Another_content_type_or_an_encoding_is_none()
    {
        var entry = new CounterEntry(1, 0).ToValue();
        Assert.False(CounterEntry.TryRead(null, out _));
        Assert.False(CounterEntry.TryRead(new Value { ContentType = "text/plain", Body = entry.Body }, out _));
        Assert.False(CounterEntry.TryRead(
            new Value { ContentType = CounterEntry.ContentType, ContentEncoding = "gzip", Body = entry.Body }, out _));
    }

    [Fact]
    public void It_counts_both_ways_up_to_64_bits()
    {
        Assert.True(CounterEntry.Zero.TryAdd(5, out var entry));
        Assert.True(entry.TryAdd(-7, out entry));
        Assert.True(entry.TryAdd(0, out entry));
        Assert.Equal((new CounterEntry(5, 7), -2), (entry, entry.Net));
        Assert.True(CounterEntry.Zero.TryAdd(long.MinValue, out var lowest));
        Assert.Equal((Int128)long.MinValue, lowest.Net);
        Assert.True(lowest.TryAdd(long.MinValue + 1, out lowest));
        Assert.Equal(ulong.MaxValue, lowest.Down);
        Assert.False(lowest.TryAdd(-1, out _));
        Assert.True(lowest.TryAdd(1, out _));
    }

    [Fact]
    public void A_counter_is_the_sum_of_its_entries_and_of_nothing_else()
    {
        Assert.Null(Counter.ValueOf([]));
        Assert.Null(Counter.ValueOf(Siblings(null, Value("12"), new Value())));
        Assert.Equal(0, Counter.ValueOf(Siblings(Value("+3 -3"))));
        Assert.Equal(-1, Counter.ValueOf(Siblings(Value("+3 -3"), null, Value("nonsense"), Value("+1 -2"))));
        Assert.Equal(
            (Int128)ulong.MaxValue * 3,
            Counter.ValueOf(Siblings([.. Enumerable.Repeat(new CounterEntry(ulong.MaxValue, 0).ToValue(), 3)])));
    }

    private static Value Value(string text) =>
        new() { ContentType = CounterEntry.ContentType, Body = Encoding.UTF8.GetBytes(text) };

    private static ImmutableArray<Sibling> Siblings(params Value?[] values) =>
        [.. values.Select(static (value, i) => new Sibling(new Dot(new ReplicaId(new NodeId("a"), 1), (ulong)i + 1), 1, value))];
}
