using Xunit.Abstractions;

namespace Dynamo.Core.Tests;

public class ContextCodecTests(ITestOutputHelper output)
{
    private const string Elsewhere = "The context is damaged, or was made for another bucket, key or cluster.";

    private static readonly ContextCodec Codec = new("cluster key"u8);
    private static readonly Key Key = Key.Of("carts", "alice");
    private static readonly CausalContext Context = new(
        VersionVector.Of(new DotRange(new ReplicaId(new NodeId("node1"), 0xABCDEF), 3, 9)), new NodeId("node2"));

    [Fact]
    public void Contexts_come_back_as_they_were()
    {
        var random = new Prng(51);
        var withFastest = 0;
        for (var i = 0; i < 2000; i++)
        {
            var key = Any.Key(random);
            var context = new CausalContext(Any.Vector(random), Any.MaybeNode(random), (long)random.Next());
            Assert.True(Codec.TryDecode(key, Codec.Encode(key, context), out var read, out var error), error);
            Assert.Equal(context, read);
            if (!context.FastestReplica.IsNone) withFastest++;
        }

        output.WriteLine($"{withFastest} of 2000 named the fastest replica.");
        Assert.InRange(withFastest, 1, 1999);
    }

    [Theory]
    [InlineData("carts", "bob", Elsewhere)]
    [InlineData("baskets", "alice", Elsewhere)]
    [InlineData("cart", "salice", Elsewhere)]
    [InlineData("carts", "alice", "")]
    public void A_token_is_good_for_its_key_alone(string bucket, string name, string expected)
    {
        var read = Codec.TryDecode(Key.Of(bucket, name), Codec.Encode(Key, Context), out var context, out var error);
        Assert.Equal(expected, error);
        Assert.Equal(expected.Length == 0, read);
        if (!read) Assert.Same(CausalContext.Empty, context);
    }

    [Fact]
    public void The_end_of_a_key_cannot_pass_for_the_beginning_of_a_token()
    {
        // A checksum without the key's length would be the same for ("k", body) and for ("k" + most of body, its end),
        // and this body ends in 01 'a' 00, which reads as a context of its own: fastest replica "a", no dots.
        var body = new DotRange(new ReplicaId(new NodeId("n"), 1), 'a', 'a');
        var token = Codec.Encode(Key.Of("b", "k"), new CausalContext(VersionVector.Of(body)));
        Assert.Equal([1, (byte)'a', 0], token[^3..]);
        Assert.True(Key.TryCreate("b", [(byte)'k', .. token[9..^3]], out var longer, out _));
        Assert.False(Codec.TryDecode(longer, [.. token[..9], .. token[^3..]], out _, out var error));
        Assert.Equal(Elsewhere, error);
    }

    [Fact]
    public void Another_cluster_refuses_it()
    {
        var elsewhere = new ContextCodec("another key"u8);
        Assert.False(elsewhere.TryDecode(Key, Codec.Encode(Key, Context), out _, out var error));
        Assert.Equal(Elsewhere, error);
    }

    [Fact]
    public void Every_changed_byte_is_noticed()
    {
        var token = Codec.Encode(Key, Context);
        for (var at = 1; at < token.Length; at++)
            for (var bit = 0; bit < 8; bit++)
            {
                var changed = token.ToArray();
                changed[at] ^= (byte)(1 << bit);
                Assert.False(Codec.TryDecode(Key, changed, out _, out var error));
                Assert.Equal(Elsewhere, error);
            }

        Assert.False(Codec.TryDecode(Key, [.. token, 0], out _, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    public void Cut_short(int length)
    {
        Assert.False(Codec.TryDecode(Key, Codec.Encode(Key, Context).AsSpan(0, length), out _, out var error));
        Assert.Equal("The context is cut short.", error);
    }

    [Fact]
    public void Another_version_and_an_oversize_token()
    {
        var token = Codec.Encode(Key, Context);
        token[0] = 3;
        Assert.False(Codec.TryDecode(Key, token, out _, out var error));
        Assert.Equal("The context has format version 3; this node reads versions 1 and 2.", error);
        Assert.False(Codec.TryDecode(Key, new byte[ContextCodec.MaxTokenBytes + 1], out _, out error));
        Assert.Equal("The context has more than 65536 bytes.", error);
    }

    [Fact]
    public void A_large_token_on_a_large_key()
    {
        var key = Key.Of(new string('b', 255), new string('k', 4096));
        var ranges = Enumerable.Range(1, 1000)
            .Select(static i => new DotRange(new ReplicaId(new NodeId("n"), (ulong)i), 1, 5));
        var context = new CausalContext(VersionVector.Of([.. ranges]));
        Assert.True(Codec.TryDecode(key, Codec.Encode(key, context), out var read, out var error), error);
        Assert.Equal(context, read);
    }

    [Fact]
    public void A_codec_needs_a_key() => Assert.Throws<ArgumentException>(static () => new ContextCodec([]));
}
