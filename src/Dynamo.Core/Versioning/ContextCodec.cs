using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Dynamo.Core;

/// <summary>Turns contexts into opaque tokens and back, refusing what this cluster did not make for this key.</summary>
/// <remarks>
/// <code>
///   1 byte   format version (2)
///   8 bytes  checksum: SipHash-2-4 over both lengths, bucket, key and everything after it
///   text     the fastest replica's name, empty for none
///   signed   the highest timestamp seen
///   vector   see RecordCodec
/// </code>
/// The checksum's key belongs to the cluster. It keeps accidents out (a token of another key, of another cluster,
/// cut or altered); it authenticates nobody. Version 1, whose checksum was an HMAC-SHA256, cut, is read as well.
/// </remarks>
public sealed class ContextCodec
{
    /// <summary>The longest token, in bytes; a longer one is refused unread.</summary>
    public const int MaxTokenBytes = 64 * 1024;

    private const byte Version = 2, VersionWithHmac = 1;
    private const int ChecksumBytes = 8;

    [ThreadStatic]
    private static WireWriter? t_scratch;

    private readonly byte[] _clusterKey;
    private readonly SipHash _checksum;

    /// <summary>A codec for one cluster.</summary>
    /// <param name="clusterKey">1 byte or more, the same on every node; never empty.</param>
    public ContextCodec(ReadOnlySpan<byte> clusterKey)
    {
        if (clusterKey.IsEmpty) throw new ArgumentException("A cluster key must not be empty.", nameof(clusterKey));
        _clusterKey = clusterKey.ToArray();
        _checksum = new SipHash(SHA256.HashData(clusterKey).AsSpan(0, SipHash.KeyBytes));
    }

    /// <summary>The codec of a cluster that has no key of its own configured: the cluster's id is the key.</summary>
    public static ContextCodec For(Founding founding) => new(System.Text.Encoding.ASCII.GetBytes(founding.ClusterId));

    /// <summary>The token of a context, for <paramref name="key"/> alone.</summary>
    public byte[] Encode(Key key, CausalContext context)
    {
        var body = t_scratch ??= new WireWriter();
        body.Clear();
        body.Text(context.FastestReplica.Name);
        body.Signed(context.Timestamp);
        RecordCodec.Write(body, context.Vector);
        return Seal(key, body.Written);
    }

    /// <summary>A token with a good checksum around any bytes: what somebody can make who knows the cluster's key.</summary>
    internal byte[] Seal(Key key, ReadOnlySpan<byte> body)
    {
        var token = new byte[1 + ChecksumBytes + body.Length];
        token[0] = Version;
        body.CopyTo(token.AsSpan(1 + ChecksumBytes));
        BinaryPrimitives.WriteUInt64BigEndian(token.AsSpan(1), Checksum(Version, key, body));
        return token;
    }

    /// <summary>Reads a token from outside; <paramref name="error"/> is one sentence when false.</summary>
    public bool TryDecode(Key key, ReadOnlySpan<byte> token, out CausalContext context, out string error)
    {
        context = CausalContext.Empty;
        error = token.Length switch
        {
            <= 1 + ChecksumBytes => "The context is cut short.",
            > MaxTokenBytes => $"The context has more than {MaxTokenBytes} bytes.",
            _ when token[0] is not (Version or VersionWithHmac) =>
                $"The context has format version {token[0]}; this node reads versions {VersionWithHmac} and {Version}.",
            _ => "",
        };
        if (error.Length > 0) return false;

        var body = token[(1 + ChecksumBytes)..];
        if (BinaryPrimitives.ReadUInt64BigEndian(token[1..]) != Checksum(token[0], key, body))
        {
            error = "The context is damaged, or was made for another bucket, key or cluster.";
            return false;
        }

        var reader = new WireReader(body);
        var fastest = reader.Node();
        var timestamp = reader.Signed();
        var vector = RecordCodec.ReadVector(ref reader);
        reader.End();
        error = reader.Error ?? "";
        if (reader.Failed) return false;
        context = new CausalContext(vector, fastest, timestamp);
        return true;
    }

    // Both lengths go in, else a token of one key could pass for a shorter token of a longer key.
    private ulong Checksum(byte version, Key key, ReadOnlySpan<byte> body)
    {
        const int lengthBytes = 3;
        var length = lengthBytes + key.BucketUtf8.Length + key.Name.Length + body.Length;
        var input = length <= 1024 ? stackalloc byte[length] : new byte[length];
        input[0] = (byte)key.BucketUtf8.Length;
        BinaryPrimitives.WriteUInt16BigEndian(input[1..], (ushort)key.Name.Length);
        key.BucketUtf8.CopyTo(input[lengthBytes..]);
        key.Name.CopyTo(input[(lengthBytes + key.BucketUtf8.Length)..]);
        body.CopyTo(input[(length - body.Length)..]);
        if (version == Version) return _checksum.Of(input);
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_clusterKey, input, digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }
}
