using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Client;

/// <summary>The cluster as one node sees it: enough to know who owns a key and where to turn to.</summary>
/// <param name="Founding">How the cluster was founded; its ring follows from it.</param>
/// <param name="Version">Grows with each membership change; 0 for the ring of the founding.</param>
/// <param name="Nodes">Every ring member, sorted by name.</param>
public sealed record RingSnapshot(Founding Founding, ulong Version, ImmutableArray<RingSnapshot.Node> Nodes)
{
    private const int MaxAddressBytes = 400;

    /// <summary>A member.</summary>
    /// <param name="Id">Its name.</param>
    /// <param name="Address">Its actor system, such as <c>akka.tcp://dynamo@127.0.0.1:9001</c>.</param>
    /// <param name="Reachable">Whether the node that answered can reach it.</param>
    public readonly record struct Node(NodeId Id, string Address, bool Reachable);

    /// <summary>Appends the binary form: version 1, founding, ring version, nodes.</summary>
    public void Write(WireWriter to)
    {
        to.Byte(1);
        Founding.Write(to);
        to.Number(Version);
        to.Count(Nodes.Length);
        foreach (var node in Nodes)
        {
            to.Text(node.Id.Name);
            to.Text(node.Address);
            to.Bool(node.Reachable);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null when the bytes are not a snapshot.</summary>
    public static RingSnapshot? Read(ref WireReader from)
    {
        if (from.Byte() != 1) from.Fail("The ring snapshot has another format version.");
        if (Founding.Read(ref from) is not { } founding) return null;
        var version = from.Number();
        var count = from.Count(PartitionId.MaxCount);
        var nodes = ImmutableArray.CreateBuilder<Node>();
        for (var i = 0; i < count && !from.Failed; i++)
            nodes.Add(new Node(from.Node(), from.Text(MaxAddressBytes), from.Bool()));
        from.End();
        return from.Failed ? null : new RingSnapshot(founding, version, nodes.DrainToImmutable());
    }
}
