using System.Collections.Immutable;
using System.Text;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>What a node must know before its actors start.</summary>
public sealed record DynamoActorOptions
{
    /// <summary>The node; a member of <see cref="Founding"/>.</summary>
    public required NodeId Self { get; init; }

    /// <summary>The cluster.</summary>
    public required Founding Founding { get; init; }

    /// <summary>Where the members' actor systems are at first; a node that speaks from elsewhere is believed.</summary>
    public required ImmutableSortedDictionary<NodeId, NodeEndpoint> Endpoints { get; init; }

    /// <summary>
    /// Nodes, each with an endpoint, that a node which is to join turns to beside the first members: they may have gone. None by default.
    /// </summary>
    public ImmutableArray<NodeId> Contacts { get; init; } = [];

    /// <summary>
    /// The secret that context tokens are made with, the same on every node; "" takes the cluster's id.
    /// </summary>
    public string ClusterKey { get; init; } = "";

    /// <summary>Times and limits; as documented by default.</summary>
    public NodeSettings Settings { get; init; } = NodeSettings.Standard;

    /// <summary>Whether traces name keys, and not buckets alone; off by default, since a key may be a person's name.</summary>
    public bool TraceKeys { get; init; }

    internal ContextCodec Contexts =>
        ClusterKey.Length == 0 ? ContextCodec.For(Founding) : new ContextCodec(Encoding.UTF8.GetBytes(ClusterKey));
}

/// <summary>Where an actor system listens.</summary>
/// <param name="Host">A host name or an IP address.</param>
/// <param name="Port">The port, 1..65535.</param>
public readonly record struct NodeEndpoint(string Host, int Port);
