using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace Dynamo.Client;

/// <summary>Those of Akka's everyday messages that name no types and stop nobody: identities, references, heartbeats.</summary>
/// <remarks>
/// Akka's own serializer under this number also reads failures, and for an exception it calls a constructor of whatever type the
/// sender names, with what the sender says; and configurations and routers, which nobody sends here. PoisonPill and Kill are refused because untrusted
/// mode lets Kill pass.
/// </remarks>
/// <param name="system">The actor system.</param>
public sealed class AkkaMiscMessages(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    // Akka's names for Identify, ActorIdentity, a reference, and the two heartbeats of remote death watch.
    private static readonly string[] Plain = ["ID", "AID", "AR", "RWHB", "RWHR"];
    private readonly MiscMessageSerializer _akkas = new(system);

    /// <inheritdoc/>
    public override int Identifier => 16;

    /// <inheritdoc/>
    public override string Manifest(object o) => Checked(_akkas.Manifest(o));

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        Manifest(obj);
        return _akkas.ToBinary(obj);
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        Checked(manifest);
        return Nesting.Within(() => _akkas.FromBinary(bytes, manifest));
    }

    private static string Checked(string manifest) => Array.IndexOf(Plain, manifest) >= 0
        ? manifest
        : throw new SerializationException($"Akka's message {manifest} can name types or stop actors, and is refused.");
}
