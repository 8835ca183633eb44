namespace Dynamo.Client;

/// <summary>What both ends of the client protocol must agree on.</summary>
public static class ClientProtocol
{
    /// <summary>
    /// Where every node's gateway is, below the address of its actor system; also its name at the receptionist.
    /// </summary>
    public const string GatewayPath = "/user/dynamo/client";

    /// <summary>The number that Akka knows <see cref="ClientSerializer"/> by; it never changes.</summary>
    public const int SerializerId = 7302;

    /// <summary>
    /// The HOCON that binds the protocol's messages to their serializer; an actor system at either end needs it.
    /// </summary>
    public const string Hocon = """
        akka.actor {
          serializers.dynamo-client = "Dynamo.Client.ClientSerializer, Dynamo.Client"
          serialization-bindings {
            "Dynamo.Client.ClientRequests, Dynamo.Client" = dynamo-client
            "Dynamo.Client.ClientReplies, Dynamo.Client" = dynamo-client
            "Dynamo.Client.ClientChunk, Dynamo.Client" = dynamo-client
            "Dynamo.Client.RingRequest, Dynamo.Client" = dynamo-client
            "Dynamo.Client.RingSnapshot, Dynamo.Client" = dynamo-client
          }
        }
        """;
}
