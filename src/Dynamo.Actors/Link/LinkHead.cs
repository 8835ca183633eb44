using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// What stands before everything that one link sends to another: which cluster, which node, which process, where.
/// </summary>
/// <remarks>
/// <code>
///   8 bytes  cluster: a hash of the founding and of the cluster's key
///   8 bytes  identity of the node's data folder      8 bytes  incarnation of the process
///   text     node                                    text     address of its actor system
/// </code>
/// It is in each frame, not in a handshake, because a connection may be made anew at any moment and by either side.
/// Nothing in it is proof against a liar: it keeps accidents apart, the transport's TLS and the network keep strangers
/// out.
/// </remarks>
internal readonly ref struct LinkHead
{
    private const int MaxAddressBytes = 400;

    private LinkHead(ulong cluster, ulong identity, ulong incarnation, NodeId node, ReadOnlySpan<byte> address)
    {
        Cluster = cluster;
        Identity = identity;
        Incarnation = incarnation;
        Node = node;
        Address = address;
    }

    public ulong Cluster { get; }

    public ulong Identity { get; }

    public ulong Incarnation { get; }

    public NodeId Node { get; }

    /// <summary>UTF-8; made into a string only when it is not the one already known.</summary>
    public ReadOnlySpan<byte> Address { get; }

    /// <summary>The head of everything that this process sends.</summary>
    public static byte[] Make(NodeWiring wiring, string address)
    {
        var writer = new WireWriter();
        writer.Fixed64(ClusterHash(wiring.Options));
        writer.Fixed64(wiring.Identity.Identity);
        writer.Fixed64(wiring.Identity.Incarnation);
        writer.Text(wiring.Self.Name);
        writer.Text(address);
        return writer.ToArray();
    }

    /// <summary>Reads a head; the reader fails when there is none.</summary>
    public static LinkHead Read(ref WireReader from)
    {
        var cluster = from.Fixed64();
        var identity = from.Fixed64();
        var incarnation = from.Fixed64();
        var node = from.Node();
        if (node.IsNone || incarnation == 0) from.Fail("The head names no sender.");
        return new LinkHead(cluster, identity, incarnation, node, from.Bytes(MaxAddressBytes));
    }

    /// <summary>
    /// What nodes of one cluster have in common: the founding, and the key that their contexts are made with.
    /// </summary>
    public static ulong ClusterHash(DynamoActorOptions options) => BinaryPrimitives.ReadUInt64BigEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{options.Founding.ClusterId} {options.ClusterKey}")));
}
