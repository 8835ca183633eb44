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

    /// <summary>Akka's own transport, which a system that speaks TLS keeps: the setting <c>akka.remote.dot-netty.tcp.transport-class</c>.</summary>
    public const string AkkaTransport = "Akka.Remote.Transport.DotNetty.TcpTransport,Akka.Remote";

    /// <summary>The dispatcher of the actors that requests pass at either end.</summary>
    public const string Dispatcher = "akka.actor.dynamo-requests";

    /// <summary>
    /// What an actor system at either end needs, as HOCON: the serializer of the protocol's messages, threads for those who pass them
    /// on, and a transport that goes on where it has read.
    /// </summary>
    public const string Hocon = """
        akka.remote {
          # What comes from the network goes on where it was read.
          use-dispatcher = "akka.actor.dynamo-requests"
          dot-netty.tcp.transport-class = "Dynamo.Client.SocketTransport, Dynamo.Client"
        }
        akka.actor {
          # Every request passes several actors, each of which has little to do: they have threads of their own, so that a step
          # wakes nobody else. What may take long stays on Akka's default dispatcher.
          dynamo-requests {
            type = Dispatcher
            executor = "Dynamo.Client.RequestThreadsConfigurator, Dynamo.Client"
            # At least one; rounded.
            threads-per-core = 1.0
            throughput = 100
          }
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
