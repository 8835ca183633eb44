namespace Dynamo.Core.Tests;

/// <summary>
/// What was cut comes out whole, and nothing that a sender does makes more than the bounds stay in memory.
/// </summary>
public sealed class ChunkAssemblerTests
{
    private const int Most = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly Instant Now = new(1_000_000);
    private readonly ChunkAssembler<int> _assembler = new(Most, 2 * Most, Patience);

    [Theory]
    [InlineData(1)]
    [InlineData(Chunks.MaxBytes)]
    [InlineData(Chunks.MaxBytes * 3 + 7)]
    [InlineData(Most)]
    public void What_was_split_comes_out_whole(int length)
    {
        var whole = Bytes(length);
        byte[]? put = null;
        foreach (var chunk in Chunks.Split(9, whole, room: 1000))
        {
            Assert.Null(put);
            Assert.True(chunk.Length <= Chunks.MaxBytes - 1000);
            Assert.Equal("", Add(1, chunk, out put));
        }

        Assert.Equal(whole, put);
        Assert.Equal(0, _assembler.Bytes);
    }

    [Fact]
    public void Senders_do_not_mix()
    {
        byte[] a = Bytes(100_000), b = [.. Bytes(100_000).Reverse()];
        var pairs = Chunks.Split(1, a, 0).Zip(Chunks.Split(1, b, 0)).ToList();
        byte[]? wholeA = null, wholeB = null;
        foreach (var (first, second) in pairs)
        {
            Add(1, first, out wholeA);
            Add(2, second, out wholeB);
        }

        Assert.Equal(a, wholeA);
        Assert.Equal(b, wholeB);
    }

    [Fact]
    public void A_transfer_with_a_gap_is_forgotten_and_the_next_one_works()
    {
        var chunks = Chunks.Split(1, Bytes(200_000), 0).ToList();
        Add(1, chunks[0], out _);
        Assert.NotEqual("", Add(1, chunks[2], out _));
        Assert.NotEqual("", Add(1, chunks[1], out _));
        Assert.Equal(0, _assembler.Bytes);
        byte[]? whole = null;
        foreach (var chunk in Chunks.Split(2, Bytes(200_000), 0)) Add(1, chunk, out whole);
        Assert.Equal(Bytes(200_000), whole);
    }

    [Fact]
    public void A_new_transfer_ends_the_one_that_its_sender_had_begun()
    {
        Add(1, Chunks.Split(1, Bytes(200_000), 0).First(), out _);
        byte[]? whole = null;
        foreach (var chunk in Chunks.Split(2, Bytes(100_000), 0)) Assert.Equal("", Add(1, chunk, out whole));
        Assert.Equal(Bytes(100_000), whole);
    }

    [Fact]
    public void Bounds_hold_and_waiting_has_an_end()
    {
        Assert.NotEqual("", Add(1, Chunks.Split(1, Bytes(Most + 1), 0).First(), out _));
        for (var sender = 0; sender < 100; sender++)
            foreach (var chunk in Chunks.Split(1, Bytes(Most), 0).SkipLast(1)) Add(sender, chunk, out _);
        Assert.InRange(_assembler.Bytes, Most, 2 * Most);
        _assembler.Expire(Now + Patience);
        Assert.Equal(0, _assembler.Bytes);
    }

    [Fact]
    public void Garbage_is_refused_with_a_sentence()
    {
        var prng = new Prng(1);
        for (var i = 0; i < 2_000; i++)
        {
            var garbage = new byte[prng.Below(40)];
            for (var at = 0; at < garbage.Length; at++) garbage[at] = (byte)prng.Below(256);
            Add(prng.Below(3), garbage, out _);
            Assert.InRange(_assembler.Bytes, 0, 2 * Most);
        }

        Assert.NotEqual("", Add(1, [], out _));
        Assert.NotEqual("", Add(1, [255, 255, 255], out _));
        // Right so far, but without a byte of content: it would never end.
        Assert.NotEqual("", Add(1, [1, 5, 0], out _));
    }

    private string Add(int sender, byte[] chunk, out byte[]? whole)
    {
        _assembler.Add(sender, chunk, Now, out whole, out var error);
        return error;
    }

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(static i => (byte)(i * 31 >> 3))];
}
