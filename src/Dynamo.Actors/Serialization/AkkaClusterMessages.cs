using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Cluster.Serialization;

namespace Dynamo.Actors;

/// <summary>
/// Akka.Cluster's own serializer, without the commands that nodes give themselves and that a stranger might send: to leave, to be
/// down, and routers.
/// </summary>
/// <param name="system">The actor system.</param>
public sealed class AkkaClusterMessages(ExtendedActorSystem system) : ClusterMessageSerializer(system)
{
    private static readonly string[] Refused =
    [
        "Akka.Cluster.ClusterUserAction+Leave, Akka.Cluster",
        "Akka.Cluster.ClusterUserAction+Down, Akka.Cluster",
        "Akka.Cluster.Routing.ClusterRouterPool, Akka.Cluster",
    ];

    /// <inheritdoc/>
    public override int Identifier => 5;

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => Array.IndexOf(Refused, manifest) < 0
        ? base.FromBinary(bytes, manifest)
        : throw new SerializationException($"Akka.Cluster's {manifest} is refused from afar.");
}
