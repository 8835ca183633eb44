namespace Dynamo.Core;

/// <summary>What a client asks of a node; any node takes any request.</summary>
public abstract record ClientRequest
{
    private protected ClientRequest()
    {
    }
}

/// <summary>Reads a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Options">Overrides of the bucket's properties.</param>
public sealed record GetRequest(Key Key, GetOptions Options) : ClientRequest;

/// <summary>Asks one owner what it holds, for a client that coordinates the get itself; answered with <see cref="OwnerRead"/>.</summary>
/// <remarks>
/// Whoever is no owner of the key by the ring that the client goes by, or works by another ring, or sees one coming, refuses. Source:
/// DeCandia et al., Dynamo (SOSP 2007), section 6.4.
/// </remarks>
/// <param name="Key">The key.</param>
/// <param name="RingVersion">The number of the settled ring that the client goes by; 0 for the founding's.</param>
/// <param name="ShowUpTo">Values are shown when they have this many bytes together or fewer; else only their versions are named.</param>
/// <param name="Options">Overrides of the bucket's properties, for the counts that the answer names.</param>
public sealed record OwnerReadRequest(Key Key, ulong RingVersion, int ShowUpTo, GetOptions Options) : ClientRequest;

/// <summary>Writes a value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Context">The token a read of this key returned; empty for a blind write.</param>
/// <param name="Value">The value; null writes a tombstone.</param>
/// <param name="Options">Overrides of the bucket's properties.</param>
public sealed record PutRequest(Key Key, ReadOnlyMemory<byte> Context, Value? Value, PutOptions Options) : ClientRequest;

/// <summary>Deletes a key: reads it first when there is no context, then writes a tombstone.</summary>
/// <param name="Key">The key.</param>
/// <param name="Context">The token a read of this key returned; empty to cover what the node reads now.</param>
/// <param name="Options">Overrides for the write.</param>
/// <param name="ReadOptions">Overrides for the read that goes before when there is no context.</param>
public sealed record DeleteRequest(Key Key, ReadOnlyMemory<byte> Context, PutOptions Options, GetOptions ReadOptions)
    : ClientRequest;

/// <summary>Adds to a counter; reading one is a get, of whose siblings <see cref="Counter.ValueOf"/> makes the value.</summary>
/// <remarks>
/// An acknowledged increment counts exactly once. One that ended as a time-out, or with MayTakeEffect, counts once or not at
/// all; whoever sends it again may count twice. Refused in a bucket that keeps no siblings.
/// </remarks>
/// <param name="Key">The key.</param>
/// <param name="Delta">What to add; negative takes away, and 0 makes a counter where there is none.</param>
/// <param name="Options">Overrides of the bucket's properties; with ReturnBody the answer shows the entries after the write.</param>
public sealed record IncrementRequest(Key Key, long Delta, PutOptions Options) : ClientRequest
{
    /// <summary>Why a bucket that resolves by time refuses it: all entries but one would be thrown away.</summary>
    public const string NeedsSiblings =
        "Counters require bucket property 'allow_mult=true' and 'last_write_wins=false'.";
}

/// <summary>Lists the keys of a bucket, or the buckets when <see cref="Bucket"/> is null, page by page.</summary>
/// <param name="Bucket">The bucket; null lists buckets.</param>
/// <param name="Timeout">How long the whole listing may take.</param>
public sealed record ListRequest(string? Bucket, TimeSpan? Timeout = null) : ClientRequest;

/// <summary>Overrides of a get.</summary>
public sealed record GetOptions
{
    /// <summary>No overrides.</summary>
    public static readonly GetOptions None = new();

    /// <inheritdoc cref="BucketProperties.R"/>
    public QuorumSize R { get; init; }

    /// <inheritdoc cref="BucketProperties.PR"/>
    public QuorumSize PR { get; init; }

    /// <inheritdoc cref="BucketProperties.NotFoundOk"/>
    public bool? NotFoundOk { get; init; }

    /// <inheritdoc cref="BucketProperties.BasicQuorum"/>
    public bool? BasicQuorum { get; init; }

    /// <summary>When to give up, 1 ms..1 h; the node's setting when null.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>Overrides of a put or delete.</summary>
public sealed record PutOptions
{
    /// <summary>No overrides.</summary>
    public static readonly PutOptions None = new();

    /// <inheritdoc cref="BucketProperties.W"/>
    public QuorumSize W { get; init; }

    /// <inheritdoc cref="BucketProperties.PW"/>
    public QuorumSize PW { get; init; }

    /// <inheritdoc cref="BucketProperties.DW"/>
    public QuorumSize DW { get; init; }

    /// <summary>When to give up, 1 ms..1 h; the node's setting when null.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether the answer shows all siblings after the write, with a context that covers them.</summary>
    public bool ReturnBody { get; init; }
}
