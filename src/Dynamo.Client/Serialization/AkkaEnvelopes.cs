using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe.Serialization;
using Akka.Remote.Serialization;

namespace Dynamo.Client;

/// <summary>Akka's serializer of selections, with a bound on how deep they nest.</summary>
/// <param name="system">The actor system.</param>
public sealed class AkkaSelections(ExtendedActorSystem system) : MessageContainerSerializer(system)
{
    /// <inheritdoc/>
    public override int Identifier => 6;

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type type) => Nesting.Within(() => base.FromBinary(bytes, type));
}

/// <summary>Akka's serializer of what goes through its mediator and receptionist, with a bound on how deep it nests.</summary>
/// <param name="system">The actor system.</param>
public sealed class AkkaPublications(ExtendedActorSystem system) : DistributedPubSubMessageSerializer(system)
{
    /// <inheritdoc/>
    public override int Identifier => 9;

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => Nesting.Within(() => base.FromBinary(bytes, manifest));
}
