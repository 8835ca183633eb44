namespace Dynamo.Client;

/// <summary>
/// A batch of client requests on its way to a node's gateway (<see cref="ClientProtocol.GatewayPath"/>).
/// </summary>
/// <remarks>
/// The gateway answers each request to the sender of its batch, in a <see cref="ClientReplies"/> of its own batching,
/// so the order of answers says nothing; a listing is answered page by page. A batch that does not fit into a frame
/// travels as <see cref="ClientChunk"/>s.
/// </remarks>
/// <param name="Bytes">See <see cref="ClientCodec"/>.</param>
public sealed record ClientRequests(ReadOnlyMemory<byte> Bytes) : ILaneMessage;

/// <summary>A batch of outcomes on its way back.</summary>
/// <param name="Bytes">See <see cref="ClientCodec"/>.</param>
public sealed record ClientReplies(ReadOnlyMemory<byte> Bytes) : ILaneMessage;

/// <summary>
/// A piece of a batch that is too large for one frame, in either direction; see <see cref="Core.Chunks"/>.
/// </summary>
/// <param name="Bytes">A chunk of the bytes of <see cref="ClientRequests"/> or <see cref="ClientReplies"/>.</param>
public sealed record ClientChunk(ReadOnlyMemory<byte> Bytes);

/// <summary>Asks a gateway for the ring, which it answers with a <see cref="RingSnapshot"/>.</summary>
/// <param name="Known">The version whose owners need not be told again; null for none.</param>
public sealed record RingRequest(ulong? Known);
