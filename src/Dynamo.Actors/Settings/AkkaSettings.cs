using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sqlite;
using Dynamo.Client;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>The Akka.NET settings of a node's actor system.</summary>
public sealed record AkkaSettings
{
    /// <summary>The name that every node's actor system bears; addresses contain it.</summary>
    public const string SystemName = "dynamo";

    /// <summary>The node.</summary>
    public required NodeId Self { get; init; }

    /// <summary>The host that the others reach it at.</summary>
    public required string Host { get; init; }

    /// <summary>The port, 0..65535; 0 takes any free one.</summary>
    public required int Port { get; init; }

    /// <summary>The address to listen on; "" listens on <see cref="Host"/>.</summary>
    public string BindHost { get; init; } = "";

    /// <summary>The file of the ring's history; "" keeps it in memory, for as long as the process lives.</summary>
    public string JournalFile { get; init; } = "";

    /// <summary>The certificate file (PKCS #12) when Akka.Remote uses TLS, else "".</summary>
    public string TlsCertificate { get; init; } = "";

    /// <summary>The certificate file's password.</summary>
    public string TlsPassword { get; init; } = "";

    /// <summary>Whether this node speaks only to those whose certificate this machine trusts and that bears the same name as its own.</summary>
    public bool TlsVerifies { get; init; }

    /// <summary>The settings as HOCON, on top of what a user has configured.</summary>
    /// <param name="user">
    /// The user's configuration; what is below <c>akka</c> in it overrides all that Dynamo does not insist on.
    /// </param>
    public Config ToConfig(Config? user = null)
    {
        var config = ConfigurationFactory.ParseString(Insisted());
        if (user is not null && !user.IsEmpty) config = config.WithFallback(user);
        return config
            .WithFallback(ConfigurationFactory.ParseString(ClientProtocol.Hocon))
            .WithFallback(ConfigurationFactory.ParseString(Resource.Text("akka.conf")))
            .WithFallback(ClusterClientReceptionist.DefaultConfig())
            .WithFallback(DistributedPubSub.DefaultConfig())
            .WithFallback(SqlitePersistence.DefaultConfiguration())
            .WithFallback(Persistence.DefaultConfig());
    }

    /// <summary>Makes the node's actor system.</summary>
    /// <param name="user">See <see cref="ToConfig"/>.</param>
    /// <exception cref="PortException">The port cannot be listened on.</exception>
    /// <exception cref="ConfigException">Something else below <c>akka</c> is wrong.</exception>
    public ActorSystem CreateSystem(Config? user = null)
    {
        try
        {
            return ActorSystem.Create(SystemName, ToConfig(user));
        }
        catch (Exception fault) when (SocketFault(fault) is { } socket)
        {
            throw new PortException(socket.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"Port {Port} on {Host} is in use by another process."
                : $"Port {Port} on {Host} cannot be listened on: {socket.Message}.");
        }
        catch (Exception fault)
        {
            // Twice: what an aggregate calls its base may be an invocation that has failed for a reason of its own.
            throw new ConfigException([$"The settings below akka cannot be used: {fault.GetBaseException().GetBaseException().Message}"]);
        }
    }

    private static SocketException? SocketFault(Exception? fault) => fault switch
    {
        null => null,
        SocketException socket => socket,
        AggregateException many => many.InnerExceptions.Select(SocketFault).FirstOrDefault(static f => f is not null),
        _ => SocketFault(fault.InnerException),
    };

    // No serializer is left that makes objects of types which a sender names, or that lets one in on a node's own actors.
    private const string ClosedSerializers = """
        akka.actor.serializers {
          json = "Dynamo.Client.RefusingSerializer, Dynamo.Client"
          proto = "Dynamo.Client.RefusingSerializer, Dynamo.Client"
          daemon-create = "Dynamo.Client.RefusingSerializer, Dynamo.Client"
          reliable-delivery = "Dynamo.Client.RefusingSerializer, Dynamo.Client"
          akka-system-msg = "Dynamo.Client.RefusingSerializer, Dynamo.Client"
          akka-persistence-message = "Dynamo.Client.RefusingSerializer, Dynamo.Client"
          akka-persistence-snapshot = "Dynamo.Client.RefusingSerializer, Dynamo.Client"
          akka-misc = "Dynamo.Client.AkkaMiscMessages, Dynamo.Client"
          akka-containers = "Dynamo.Client.AkkaSelections, Dynamo.Client"
          akka-pubsub = "Dynamo.Client.AkkaPublications, Dynamo.Client"
          akka-cluster = "Dynamo.Actors.AkkaClusterMessages, Dynamo.Actors"
        }
        """;

    private string Insisted()
    {
        var persistence = JournalFile.Length == 0
            ? """
              akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
              akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
              """
            : $"""
              akka.persistence.journal.plugin = "akka.persistence.journal.sqlite"
              akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.sqlite"
              akka.persistence.journal.sqlite.connection-string = {HoconText.Quote("Data Source=" + JournalFile)}
              akka.persistence.snapshot-store.sqlite.connection-string = {HoconText.Quote("Data Source=" + JournalFile)}
              """;
        var tls = TlsCertificate.Length == 0
            ? ""
            : $$"""
              akka.remote.dot-netty.tcp {
                transport-class = {{HoconText.Quote(ClientProtocol.AkkaTransport)}}
                enable-ssl = true
                ssl {
                  suppress-validation = {{(TlsVerifies ? "off" : "on")}}
                  certificate.path = {{HoconText.Quote(TlsCertificate)}}
                  certificate.password = {{HoconText.Quote(TlsPassword)}}
                }
              }
              """;
        return $$"""
            akka.remote.dot-netty.tcp {
              hostname = {{HoconText.Quote(BindHost.Length == 0 ? Host : BindHost)}}
              public-hostname = {{HoconText.Quote(Host)}}
              port = {{Port}}
            }
            akka.remote.untrusted-mode = on
            {{ClosedSerializers}}
            akka.cluster.downing-provider-class = "Akka.Cluster.NoDowning, Akka.Cluster"
            akka.cluster.run-coordinated-shutdown-when-down = off
            akka.cluster.roles = [{{HoconText.Quote(IslandActor.RolePrefix + Self.Name)}}]
            {{persistence}}
            {{tls}}
            """;
    }
}
