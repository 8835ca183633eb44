using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace Dynamo.Client;

/// <summary>Those of Akka's system messages that death watch needs across systems, and none that suspend, restart or stop actors.</summary>
/// <remarks>
/// The others are for actors that were deployed from afar. Akka's untrusted mode drops only one of them (Terminate), and those
/// that hold exceptions call a constructor of whatever type the sender names.
/// </remarks>
/// <param name="system">The actor system.</param>
public sealed class WatchMessages(ExtendedActorSystem system) : Serializer(system)
{
    private readonly SystemMessageSerializer _akkas = new(system);

    /// <inheritdoc/>
    public override int Identifier => 22;

    /// <inheritdoc/>
    public override bool IncludeManifest => true;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => _akkas.ToBinary(obj);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type type) =>
        type == typeof(Watch) || type == typeof(Unwatch) || type == typeof(DeathWatchNotification)
            ? _akkas.FromBinary(bytes, type)
            : throw new SerializationException($"The system message {type?.Name} is refused from afar.");
}
