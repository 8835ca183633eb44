using Akka.Actor;
using Akka.Serialization;

namespace Dynamo.Actors.Benchmarks.Frames;

/// <summary>What a batch holds.</summary>
internal enum FrameKind
{
    /// <summary>A client's gets and puts.</summary>
    Requests,

    /// <summary>How they ended.</summary>
    Replies,

    /// <summary>A coordinator's gets and puts, for a replica.</summary>
    Asks,

    /// <summary>What the replica says to them.</summary>
    Answers,
}

/// <summary>A batch of entries, or a single one.</summary>
/// <remarks>
/// <code>
///   Requests, Asks      number, 0, key         a get          number, 1, key, value     a put
///   Replies, Answers    number, 0, value       done           number, 1, value          failed
/// </code>
/// Numbers are LEB128, keys and values carry their length in front.
/// </remarks>
/// <param name="Kind">What it holds.</param>
/// <param name="Bytes">The entries.</param>
internal sealed record Frame(FrameKind Kind, byte[] Bytes)
{
    /// <summary>The longest key and value.</summary>
    public const int MaxKey = 64, MaxValue = 32 << 10;
}

/// <summary>The serializer of frames, and of nothing else: the bytes are the message, its kind is the manifest.</summary>
internal sealed class FrameSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly string[] Manifests = ["q", "a", "r", "s"];

    public override int Identifier => 7390;

    public override string Manifest(object o) => Manifests[(int)((Frame)o).Kind];

    public override byte[] ToBinary(object obj) => ((Frame)obj).Bytes;

    public override object FromBinary(byte[] bytes, string manifest) => new Frame((FrameKind)Array.IndexOf(Manifests, manifest), bytes);
}
