using System.Text;

namespace Dynamo.Core.Tests;

public class KeyTests
{
    // Computed with Python: hashlib.md5(bytes([len(bucket)]) + bucket + key).hexdigest().
    [Theory]
    [InlineData("b", "k", "de3eae59b816fa23d898a13675a79ae6")]
    [InlineData("ab", "c", "9887647ac98ea75eddd5f7e5ddf3f316")]
    [InlineData("a", "bc", "1083241950b0ae7a1bbc0bac319dacca")]
    [InlineData("shopping-carts", "customer/0001234567", "edf59d15031df0f553341ecc822db491")]
    [InlineData("été", "clé", "7b9af321e82b3df147b502bc0444260d")]
    public void Position_is_the_MD5_of_length_bucket_and_key(string bucket, string name, string position) =>
        Assert.Equal(position, Key.Of(bucket, name).Position.ToString());

    [Theory]
    [InlineData(53, "ffe8ba333ba8654be007d15ddfa4bcb4")] // 55 bytes: the last length whose padding fits in one block.
    [InlineData(54, "40c3374ec604dce420e29194a4902ca4")]
    [InlineData(62, "80432f980cc22301b6ae0daa2eb0af03")]
    public void Position_around_a_block_of_the_hash(int length, string position) =>
        Assert.Equal(position, Key.Of("a", new string('z', length)).Position.ToString());

    [Fact]
    public void Position_of_the_longest_key_and_of_bytes_that_are_no_text()
    {
        Assert.Equal(
            "81b601506d43d4a0aa4447e73cd6d5bf", Key.Of(new string('x', 255), new string('y', 4096)).Position.ToString());
        Assert.True(Key.TryCreate("b", [0x00, 0xFF, 0x80], out var key, out _));
        Assert.Equal("773c8758a10922d8462fae642ad2131f", key.Position.ToString());
        Assert.Equal("b/\0\uFFFD\uFFFD", key.ToString());
    }

    [Theory]
    [InlineData(1, 1, "")]
    [InlineData(255, 4096, "")]
    [InlineData(0, 1, "The bucket is empty; a bucket has 1 to 255 bytes.")]
    [InlineData(256, 1, "The bucket has 256 bytes; at most 255 are allowed.")]
    [InlineData(1, 0, "The key is empty; a key has 1 to 4096 bytes.")]
    [InlineData(1, 4097, "The key has 4097 bytes; at most 4096 are allowed.")]
    public void Limits(int bucketBytes, int nameBytes, string error)
    {
        var made = Key.TryCreate(new string('b', bucketBytes), new byte[nameBytes], out var key, out var actual);
        Assert.Equal(error, actual);
        Assert.Equal(error.Length == 0, made);
        Assert.Equal(made, key is not null);
        if (bucketBytes is 0 or 256) Assert.Equal(error, Key.CheckBucket(new string('b', bucketBytes)));
    }

    [Fact]
    public void Limits_count_bytes_not_characters()
    {
        Assert.Equal("", Key.CheckBucket(new string('é', 127)));
        Assert.Equal("The bucket has 256 bytes; at most 255 are allowed.", Key.CheckBucket(new string('é', 128)));
        Assert.Equal("The bucket is empty; a bucket has 1 to 255 bytes.", Key.CheckBucket(null));
        Assert.Equal("The bucket is not valid UTF-8 text.", Key.CheckBucket("\uD800"));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_key()
    {
        // Encoded with a replacement, all such keys would be one.
        Assert.ThrowsAny<ArgumentException>(static () => Key.Of("b", "\uD800"));
        Assert.ThrowsAny<ArgumentException>(static () => Key.Of("\uD800", "k"));
        Assert.ThrowsAny<ArgumentException>(static () => Key.Of("", "k"));
    }

    [Fact]
    public void Equality_and_order_are_those_of_the_bytes()
    {
        var random = new Prng(7);
        Key[] keys = [.. Enumerable.Range(0, 300).Select(_ => Any.Key(random))];
        foreach (var x in keys)
            foreach (var y in keys.Take(60))
            {
                var order = string.CompareOrdinal(Hex(x), Hex(y));
                Assert.Equal(Math.Sign(order), Math.Sign(x.CompareTo(y)));
                Assert.Equal(order == 0, x.Equals(y));
            }

        // Equal content in other objects: names of more than 64 bytes are never remembered.
        var name = new string('é', 40);
        var one = Key.Of("été", name);
        var other = Key.Of(new StringBuilder("été").ToString(), name);
        Assert.NotSame(one, other);
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(Key.Of("ab", "c"), Key.Of("a", "bc"));
        Assert.False(one.Equals(null));
        Assert.Equal(1, one.CompareTo(null));
    }

    // A space is lower than every digit, so a bucket comes before a longer one that begins with it.
    private static string Hex(Key key) =>
        $"{Convert.ToHexString(key.BucketUtf8)} {Convert.ToHexString(key.Name)}";
}
