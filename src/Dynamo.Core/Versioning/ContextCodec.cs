using System.Security.Cryptography;

namespace Dynamo.Core;

/// <summary>Turns contexts into opaque tokens and back, refusing what this cluster did not make for this key.</summary>
/// <remarks>
/// <code>
///   1 byte   format version (1)
///   8 bytes  checksum: HMAC-SHA256 over bucket length, bucket, key and everything after it, cut to 64 bits
///   text     the fastest replica's name, empty for none
///   vector   see RecordCodec
/// </code>
/// The checksum's key belongs to the cluster. It keeps accidents out (a token of another key, of another cluster,
/// cut or altered); it authenticates nobody.
/// </remarks>
public sealed class ContextCodec
{
    /// <summary>The longest token, in bytes; a longer one is refused unread.</summary>
    public const int MaxTokenBytes = 64 * 1024;

    private const byte Version = 1;
    private const int ChecksumBytes = 8;
    private readonly byte[] _clusterKey;

    /// <summary>A codec for one cluster.</summary>
    /// <param name="clusterKey">1 byte or more, the same on every node; never empty.</param>
    public ContextCodec(ReadOnlySpan<byte> clusterKey)
    {
        if (clusterKey.IsEmpty) throw new ArgumentException("A cluster key must not be empty.", nameof(clusterKey));
        _clusterKey = clusterKey.ToArray();
    }

    /// <summary>The token of a context, for <paramref name="key"/> alone.</summary>
    public byte[] Encode(Key key, CausalContext context)
    {
        var body = new WireWriter();
        body.Text(context.FastestReplica.Name);
        RecordCodec.Write(body, context.Vector);
        var token = new byte[1 + ChecksumBytes + body.Length];
        token[0] = Version;
        body.Written.CopyTo(token.AsSpan(1 + ChecksumBytes));
        Checksum(key, body.Written, token.AsSpan(1, ChecksumBytes));
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
            _ when token[0] != Version => $"The context has format version {token[0]}; this node reads version {Version}.",
            _ => "",
        };
        if (error.Length > 0) return false;

        var body = token[(1 + ChecksumBytes)..];
        Span<byte> expected = stackalloc byte[ChecksumBytes];
        Checksum(key, body, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, token.Slice(1, ChecksumBytes)))
        {
            error = "The context is damaged, or was made for another bucket, key or cluster.";
            return false;
        }

        var reader = new WireReader(body);
        var name = reader.Text(NodeId.MaxLength);
        var fastest = default(NodeId);
        if (name.Length > 0 && !NodeId.TryParse(name, out fastest)) reader.Fail("The context's replica is not a node.");
        var vector = RecordCodec.ReadVector(ref reader);
        reader.End();
        error = reader.Error ?? "";
        if (reader.Failed) return false;
        context = new CausalContext(vector, fastest);
        return true;
    }

    private void Checksum(Key key, ReadOnlySpan<byte> body, Span<byte> into)
    {
        var length = 1 + key.BucketUtf8.Length + key.Name.Length + body.Length;
        var input = length <= 1024 ? stackalloc byte[length] : new byte[length];
        input[0] = (byte)key.BucketUtf8.Length;
        key.BucketUtf8.CopyTo(input[1..]);
        key.Name.CopyTo(input[(1 + key.BucketUtf8.Length)..]);
        body.CopyTo(input[(length - body.Length)..]);
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_clusterKey, input, digest);
        digest[..ChecksumBytes].CopyTo(into);
    }
}
