using System.Collections.Immutable;
using System.Numerics;
using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>The cluster as one node sees it: enough to know who owns a key and where to turn to.</summary>
/// <param name="Founding">How the cluster was founded.</param>
/// <param name="Version">
/// The number of the ring that the node has settled on: it grows with each membership change that has come to its end, and means the
/// same ring on every node; 0 for the ring of the founding.
/// </param>
/// <param name="Nodes">Every member of that ring, sorted by name.</param>
/// <param name="Owners">
/// For each partition the index of its owner among <see cref="Nodes"/>. Empty for the ring of the founding, which everybody
/// places himself, and when whoever asked knows them.
/// </param>
public sealed record RingSnapshot(
    Founding Founding, ulong Version, ImmutableArray<RingSnapshot.Node> Nodes, ImmutableArray<ushort> Owners)
{
    private const byte Format = 2;
    private const int MaxAddressBytes = 400;

    /// <summary>A member.</summary>
    /// <param name="Id">Its name.</param>
    /// <param name="Address">Its actor system, such as <c>akka.tcp://dynamo@127.0.0.1:9001</c>.</param>
    /// <param name="Reachable">Whether the node that answered can reach it.</param>
    public readonly record struct Node(NodeId Id, string Address, bool Reachable);

    /// <summary>The ring; null when the owners are not told.</summary>
    public Ring? Ring => Version == 0 ? Founding.ToRing()
        : Owners.IsEmpty ? null
        : new Ring(Nodes.Select(static node => new RingMember(node.Id)), [.. Owners.Select(owner => Nodes[owner].Id)]);

    /// <summary>Appends the binary form: version 2, founding, ring version, nodes, how many owners, the owners.</summary>
    /// <remarks>
    /// Each owner takes as many bits as the largest index needs, lowest bit first: 65,536 partitions of 1,000 nodes are 80 KiB, and
    /// fit into one frame with the addresses.
    /// </remarks>
    public void Write(WireWriter to)
    {
        to.Byte(Format);
        Founding.Write(to);
        to.Number(Version);
        to.Count(Nodes.Length);
        foreach (var node in Nodes)
        {
            to.Text(node.Id.Name);
            to.Text(node.Address);
            to.Bool(node.Reachable);
        }

        to.Count(Owners.Length);
        var (bits, pending, width) = (0, 0u, WidthOf(Nodes.Length));
        foreach (var owner in Owners)
        {
            pending |= (uint)owner << bits;
            for (bits += width; bits >= 8; bits -= 8, pending >>= 8) to.Byte((byte)pending);
        }

        if (bits > 0) to.Byte((byte)pending);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null when the bytes are not a snapshot.</summary>
    public static RingSnapshot? Read(ref WireReader from)
    {
        if (from.Byte() != Format) from.Fail("The ring snapshot has another format version.");
        if (Founding.Read(ref from) is not { } founding) return null;
        var version = from.Number();
        var count = from.Count(PartitionId.MaxCount);
        var nodes = ImmutableArray.CreateBuilder<Node>();
        for (var i = 0; i < count && !from.Failed; i++)
        {
            nodes.Add(new Node(from.Node(), from.Text(MaxAddressBytes), from.Bool()));
            if (i > 0 && nodes[i - 1].Id.CompareTo(nodes[i].Id) >= 0) from.Fail("The nodes of a ring snapshot are not in order.");
        }

        var owners = ReadOwners(ref from, founding.PartitionCount, nodes.Count);
        from.End();
        return from.Failed ? null : new RingSnapshot(founding, version, nodes.DrainToImmutable(), owners);
    }

    private static ImmutableArray<ushort> ReadOwners(ref WireReader from, int partitions, int nodes)
    {
        var count = from.Count(PartitionId.MaxCount);
        if (count == 0 || from.Failed) return [];
        var width = WidthOf(nodes);
        if (count != partitions || nodes == 0) from.Fail("The ring snapshot does not have one owner for each partition.");
        var owners = ImmutableArray.CreateBuilder<ushort>(count);
        var (bits, pending) = (0, 0u);
        for (var i = 0; i < count && !from.Failed; i++)
        {
            for (; bits < width; bits += 8) pending |= (uint)from.Byte() << bits;
            var owner = pending & ((1u << width) - 1);
            (pending, bits) = (pending >> width, bits - width);
            if (owner >= nodes) from.Fail("The ring snapshot names an owner that is none of its nodes.");
            owners.Add((ushort)owner);
        }

        return owners.DrainToImmutable();
    }

    // Bits that the index of any of so many nodes fits into.
    private static int WidthOf(int nodes) => Math.Max(1, BitOperations.Log2((uint)Math.Max(1, nodes - 1)) + 1);
}
