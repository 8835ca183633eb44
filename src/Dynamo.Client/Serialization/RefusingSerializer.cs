using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Dynamo.Client;

/// <summary>
/// Stands where Akka has JSON for any object, and refuses: on the wire, in the journal and in snapshots.
/// </summary>
/// <remarks>
/// Akka's default writes type names into its JSON and makes whatever type a sender names. It takes the default's place
/// under the name <c>json</c> and the number 1, so that bytes which claim to be such JSON are refused as well. Akka's
/// own messages have serializers of their own and never come here.
/// </remarks>
public sealed class RefusingSerializer : Serializer
{
    /// <summary>The serializer of an actor system.</summary>
    public RefusingSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    /// <summary>
    /// The same; Akka's own settings for the serializer named json are passed in, and say nothing here.
    /// </summary>
    public RefusingSerializer(ExtendedActorSystem system, Config settings)
        : base(system)
    {
        _ = settings;
    }

    /// <inheritdoc/>
    public override int Identifier => 1;

    /// <inheritdoc/>
    public override bool IncludeManifest => false;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) =>
        throw new SerializationException(
            $"{obj.GetType().FullName} has no serializer, and JSON for any object is switched off.");

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type type) =>
        throw new SerializationException(
            "Bytes without a known serializer are refused; JSON for any object is switched off.");
}
