using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Dynamo.Core;

/// <summary>What a value is stored under: a bucket and a key in it, with their position on the ring.</summary>
/// <remarks>
/// Ordered by bucket (UTF-8 bytes), then key bytes: the order of every scan and listing.
/// The position is MD5 over the bucket, length-prefixed with one byte, and the key, so that ("ab","c") and ("a","bc")
/// differ. It is computed once, when the key is made, also from bytes off the wire: nobody's word is taken for it. A key
/// that was met lately is the same object (<see cref="RecentKeys"/>).
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.2.
/// </remarks>
public sealed class Key : IEquatable<Key>, IComparable<Key>
{
    /// <summary>The longest bucket, in UTF-8 bytes.</summary>
    public const int MaxBucketBytes = 255;

    /// <summary>The longest key, in bytes.</summary>
    public const int MaxNameBytes = 4096;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private static readonly RecentKeys Recent = new();
    private readonly byte[] _bucketUtf8;
    private readonly byte[] _name;

    private Key(string bucket, byte[] bucketUtf8, byte[] name)
        : this(bucket, bucketUtf8, name, Hash(bucketUtf8, name))
    {
    }

    private Key(string bucket, byte[] bucketUtf8, byte[] name, Token position)
    {
        Bucket = bucket;
        _bucketUtf8 = bucketUtf8;
        _name = name;
        Position = position;
    }

    /// <summary>The bucket: UTF-8 text, 1..255 bytes.</summary>
    public string Bucket { get; }

    /// <summary>The bucket's UTF-8 bytes.</summary>
    public ReadOnlySpan<byte> BucketUtf8 => _bucketUtf8;

    /// <summary>The key: any bytes, 1..4096 of them.</summary>
    public ReadOnlySpan<byte> Name => _name;

    /// <summary>Where the key lies on the ring.</summary>
    public Token Position { get; }

    /// <summary>The key as text; bytes that are not UTF-8 appear as U+FFFD.</summary>
    public string NameText => Encoding.UTF8.GetString(_name);

    /// <summary>A key from trusted text.</summary>
    /// <exception cref="ArgumentException">The bucket or the key is empty, too long or not valid UTF-16.</exception>
    public static Key Of(string bucket, string name) =>
        TryCreate(bucket, StrictUtf8.GetBytes(name), out var key, out var error)
            ? key
            : throw new ArgumentException(error);

    /// <summary>Checks a bucket and key from outside; <paramref name="error"/> is one sentence when false.</summary>
    public static bool TryCreate(string bucket, ReadOnlySpan<byte> name, out Key key, out string error)
    {
        key = null!;
        error = CheckBucket(bucket, out var utf8);
        if (error.Length > 0) return false;
        if (name.Length == 0) error = "The key is empty; a key has 1 to 4096 bytes.";
        else if (name.Length > MaxNameBytes) error = $"The key has {name.Length} bytes; at most {MaxNameBytes} are allowed.";
        else key = Recent.Find(utf8, name, out var hash) ?? Recent.Keep(new Key(bucket, utf8, name.ToArray()), hash);
        return error.Length == 0;
    }

    /// <summary>A key whose bucket has 1..255 bytes and whose name has 1..4096; the caller has made sure.</summary>
    internal static Key OfChecked(KnownName bucket, ReadOnlySpan<byte> name) =>
        Recent.Find(bucket.Utf8, name, out var hash) ?? Recent.Keep(new Key(bucket.Text, bucket.Utf8, name.ToArray()), hash);

    /// <summary>As <see cref="OfChecked"/>, with a position that another node of the cluster has computed.</summary>
    /// <remarks>To look for one that was met lately would take longer than to make it: nothing is hashed here.</remarks>
    internal static Key OfPlaced(KnownName bucket, ReadOnlySpan<byte> name, Token position) =>
        new(bucket.Text, bucket.Utf8, name.ToArray(), position);

    /// <summary>Checks a bucket name from outside: "" when it is good, else one sentence.</summary>
    public static string CheckBucket(string? bucket) => CheckBucket(bucket, out _);

    /// <inheritdoc/>
    public bool Equals(Key? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Position == other.Position
            && Name.SequenceEqual(other.Name) && BucketUtf8.SequenceEqual(other.BucketUtf8));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Key);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(uint)Position.Value;

    /// <inheritdoc/>
    public int CompareTo(Key? other)
    {
        if (other is null) return 1;
        var byBucket = BucketUtf8.SequenceCompareTo(other.BucketUtf8);
        return byBucket != 0 ? byBucket : Name.SequenceCompareTo(other.Name);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Bucket}/{NameText}";

    private static string CheckBucket(string? bucket, out byte[] utf8)
    {
        utf8 = [];
        if (string.IsNullOrEmpty(bucket)) return "The bucket is empty; a bucket has 1 to 255 bytes.";
        try
        {
            utf8 = StrictUtf8.GetBytes(bucket);
        }
        catch (EncoderFallbackException)
        {
            return "The bucket is not valid UTF-8 text.";
        }

        return utf8.Length > MaxBucketBytes
            ? $"The bucket has {utf8.Length} bytes; at most {MaxBucketBytes} are allowed."
            : "";
    }

#pragma warning disable CA5351 // MD5 spreads keys over the ring, as in the paper; nothing secret rests on it.
    private static Token Hash(byte[] bucket, byte[] name)
    {
        Span<byte> input = stackalloc byte[1 + bucket.Length + name.Length]; // 4.4 KB at most.
        input[0] = (byte)bucket.Length;
        bucket.CopyTo(input[1..]);
        name.CopyTo(input[(1 + bucket.Length)..]);
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(input, digest);
        return new Token(BinaryPrimitives.ReadUInt128BigEndian(digest));
    }
#pragma warning restore CA5351
}
