using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// The serializer of what travels between links and of what the ring's history holds, and of nothing else.
/// </summary>
/// <remarks>
/// Each class has a manifest of one letter, given once and never to another class; the bytes begin with a version or a
/// head.
/// </remarks>
/// <param name="system">The actor system.</param>
public sealed class DynamoSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The number that Akka knows the serializer by; it never changes.</summary>
    public const int Id = 7301;

    private const string Frame = "f", Chunk = "k", Hello = "h", Refusal = "r";
    private const string FoundedEvent = "F", PropertiesEvent = "P", MembershipEvent = "M", Snapshot = "S";

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <inheritdoc/>
    public override string Manifest(object o) => o switch
    {
        LinkFrame => Frame,
        LinkChunk => Chunk,
        LinkHello => Hello,
        LinkRefusal => Refusal,
        Founded => FoundedEvent,
        PropertiesChanged => PropertiesEvent,
        MembershipChanged => MembershipEvent,
        HistorySnapshot => Snapshot,
        _ => throw Foreign(o),
    };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => obj switch
    {
        LinkFrame m => ArrayOf(m.Bytes),
        LinkChunk m => ArrayOf(m.Bytes),
        LinkHello m => ArrayOf(m.Bytes),
        LinkRefusal m => ArrayOf(m.Bytes),
        Founded m => ArrayOf(m.Bytes),
        PropertiesChanged m => ArrayOf(m.Bytes),
        MembershipChanged m => ArrayOf(m.Bytes),
        HistorySnapshot m => Written(m),
        _ => throw Foreign(obj),
    };

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        Frame => new LinkFrame(bytes),
        Chunk => new LinkChunk(bytes),
        Hello => new LinkHello(bytes),
        Refusal => new LinkRefusal(bytes),
        FoundedEvent => new Founded(bytes),
        PropertiesEvent => new PropertiesChanged(bytes),
        MembershipEvent => new MembershipChanged(bytes),
        Snapshot => ReadSnapshot(bytes),
        _ => throw new SerializationException($"No message or event of nodes has the manifest {manifest}."),
    };

    // A frame is made once and not touched again, so its array itself can go.
    private static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array is { } array && array.Length == bytes.Length
            ? array
            : bytes.ToArray();

    private static SerializationException Foreign(object o) =>
        new($"{o.GetType().Name} is neither a message between nodes nor an event of theirs.");

    private static byte[] Written(HistorySnapshot snapshot)
    {
        var writer = new WireWriter();
        writer.Byte(2);
        writer.Bytes(snapshot.Founding.Span);
        writer.Bytes(snapshot.Properties.Span);
        writer.Bytes(snapshot.Membership.Span);
        return writer.ToArray();
    }

    private static HistorySnapshot ReadSnapshot(byte[] bytes)
    {
        var reader = new WireReader(bytes);
        var version = reader.Byte();
        if (version is not (1 or 2)) reader.Fail("The snapshot has another format version.");
        // The first version knew no membership.
        var snapshot = new HistorySnapshot(
            reader.Bytes(bytes.Length).ToArray(), reader.Bytes(bytes.Length).ToArray(),
            version == 1 ? default : reader.Bytes(bytes.Length).ToArray());
        reader.End();
        return reader.Failed ? throw new SerializationException(reader.Error) : snapshot;
    }
}
