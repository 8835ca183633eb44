using Akka.Actor;
using Dynamo.Client;

namespace Dynamo.Actors;

/// <summary>A head and a frame of Core's wire codec: what travels between the links of two nodes.</summary>
internal sealed record LinkFrame(ReadOnlyMemory<byte> Bytes) : ILaneMessage;

/// <summary>A head and a chunk of a frame that is too large to travel at once.</summary>
internal sealed record LinkChunk(ReadOnlyMemory<byte> Bytes);

/// <summary>A head and what a node says about itself from time to time; see <see cref="Hello"/>.</summary>
internal sealed record LinkHello(ReadOnlyMemory<byte> Bytes);

/// <summary>A head and the reason why hellos of the receiver are refused: so its own log tells, and not only another node's.</summary>
internal sealed record LinkRefusal(ReadOnlyMemory<byte> Bytes);

/// <summary>The link tells itself that what has gathered is to leave.</summary>
internal sealed class LinkFlush : INoSerializationVerificationNeeded
{
    public static readonly LinkFlush Instance = new();
}

/// <summary>The link tells itself to greet everybody.</summary>
internal sealed class LinkGreeting : INoSerializationVerificationNeeded
{
    public static readonly LinkGreeting Instance = new();
}
