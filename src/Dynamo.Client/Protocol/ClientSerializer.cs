using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>The serializer of what travels between clients and gateways, and of nothing else.</summary>
/// <param name="system">The actor system.</param>
public sealed class ClientSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string Requests = "q", Replies = "a", Chunk = "k", Ring = "r", Snapshot = "s";

    /// <inheritdoc/>
    public override int Identifier => ClientProtocol.SerializerId;

    /// <inheritdoc/>
    public override string Manifest(object o) => o switch
    {
        ClientRequests => Requests,
        ClientReplies => Replies,
        ClientChunk => Chunk,
        RingRequest => Ring,
        RingSnapshot => Snapshot,
        _ => throw new SerializationException($"{o.GetType().Name} is no message between clients and nodes."),
    };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => obj switch
    {
        ClientRequests m => ArrayOf(m.Bytes),
        ClientReplies m => ArrayOf(m.Bytes),
        ClientChunk m => ArrayOf(m.Bytes),
        RingRequest m => Written(m),
        RingSnapshot m => Written(m),
        _ => throw new SerializationException($"{obj.GetType().Name} is no message between clients and nodes."),
    };

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        Requests => new ClientRequests(bytes),
        Replies => new ClientReplies(bytes),
        Chunk => new ClientChunk(bytes),
        Ring => ReadRequest(bytes),
        Snapshot => Read(bytes),
        _ => throw new SerializationException($"No message between clients and nodes has the manifest {manifest}."),
    };

    // A batch is made for one frame and not touched again, so its array itself can go.
    private static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array is { } array && array.Length == bytes.Length
            ? array
            : bytes.ToArray();

    private static byte[] Written(RingRequest request)
    {
        var writer = new WireWriter();
        writer.Bool(request.Known is not null);
        if (request.Known is { } known) writer.Number(known);
        return writer.ToArray();
    }

    private static RingRequest ReadRequest(byte[] bytes)
    {
        var reader = new WireReader(bytes);
        var request = new RingRequest(reader.Bool() ? reader.Number() : null);
        reader.End();
        return reader.Failed ? throw new SerializationException(reader.Error) : request;
    }

    private static byte[] Written(RingSnapshot snapshot)
    {
        var writer = new WireWriter();
        snapshot.Write(writer);
        return writer.ToArray();
    }

    private static RingSnapshot Read(byte[] bytes)
    {
        var reader = new WireReader(bytes);
        return RingSnapshot.Read(ref reader) ?? throw new SerializationException(reader.Error);
    }
}
