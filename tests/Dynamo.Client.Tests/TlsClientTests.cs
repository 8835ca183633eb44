using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Dynamo.Actors;
using Dynamo.Actors.Tests;
using Dynamo.Cli.Certificates;
using Dynamo.Core;
using Dynamo.Storage;

namespace Dynamo.Client.Tests;

/// <summary>A client of a node that speaks TLS.</summary>
public sealed class TlsClientTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dynamo-tls-").FullName;
    private readonly List<ActorSystem> _systems = [];
    private readonly MemoryEngine _store = new();
    private string _contact = "";

    private string Certificate => DevelopmentCertificates.NodeFile(_folder, "node");

    public async Task InitializeAsync()
    {
        // A password with what HOCON would read otherwise.
        DevelopmentCertificates.Create(
            new CertificateOptions { Folder = _folder, Hosts = ["localhost"], Password = "a\"b\\c${d}" }, DateTimeOffset.UtcNow);
        var self = new NodeId("node1");
        var endpoints = LoopbackCluster.FreePorts(self);
        var akka = new AkkaSettings
        {
            Self = self, Host = endpoints[self].Host, Port = endpoints[self].Port, TlsCertificate = Certificate, TlsPassword = "a\"b\\c${d}",
        };
        var system = akka.CreateSystem();
        _systems.Add(system);
        var options = new DynamoActorOptions { Self = self, Founding = LoopbackCluster.Found("tls", 1), Endpoints = endpoints };
        var node = await DynamoSystem.StartAsync(system, options, _store);
        Assert.StartsWith("akka.ssl.tcp://", node.Address, StringComparison.Ordinal);
        _contact = $"{akka.Host}:{akka.Port}";
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_systems.Select(static s => s.Terminate()));
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_with_TLS_gets_what_it_put_directly_or_by_the_receptionist(bool useClusterClient)
    {
        await using var client = Client(DynamoClient.TlsConfig(Certificate, "a\"b\\c${d}"), useClusterClient, seconds: 60);
        Assert.IsType<Stored>((await client.Put("b", "k", "milk"u8.ToArray())).Outcome);
        Assert.IsType<Found>((await client.Get("b", "k")).Outcome);
    }

    [Fact]
    public async Task A_client_without_TLS_is_not_heard()
    {
        await using var plain = Client(ConfigurationFactory.Empty, useClusterClient: false);
        var write = plain.Put("b", "plain", "milk"u8.ToArray());
        await using var client = Client(DynamoClient.TlsConfig(Certificate, "a\"b\\c${d}"), useClusterClient: false, seconds: 60);
        Assert.IsType<Stored>((await client.Put("b", "k", "milk"u8.ToArray())).Outcome);
        Assert.IsNotType<Stored>((await write).Outcome);
        Assert.IsType<NotFound>((await client.Get("b", "plain")).Outcome);
    }

    [Fact]
    public async Task A_client_that_verifies_speaks_to_no_node_whose_certificate_the_machine_does_not_trust()
    {
        await using var client = Client(DynamoClient.TlsConfig(Certificate, "a\"b\\c${d}", verifyDialled: true), useClusterClient: false);
        Assert.IsNotType<Stored>((await client.Put("b", "verified", "milk"u8.ToArray())).Outcome);
    }

    private DynamoClient Client(Config tls, bool useClusterClient, int seconds = 5)
    {
        var system = ActorSystem.Create(
            "shop", ConfigurationFactory.ParseString("akka.loglevel = OFF\nakka.stdout-loglevel = OFF").WithFallback(tls).WithFallback(DynamoClient.DefaultConfig()));
        _systems.Add(system);
        return DynamoClient.Start(
            system, new DynamoClientOptions { Contacts = [_contact], UseClusterClient = useClusterClient, Timeout = TimeSpan.FromSeconds(seconds) });
    }
}
