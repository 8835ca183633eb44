using Akka.Actor;
using Akka.Configuration;
using Dynamo.Actors.Tests;

namespace Dynamo.Client.Tests;

/// <summary>
/// A cluster of three nodes and an actor system outside of it, shared by tests that leave the nodes alone.
/// </summary>
public sealed class ThreeNodes : IAsyncLifetime
{
    private readonly List<ActorSystem> _outside = [];

    internal LoopbackCluster Cluster { get; } = LoopbackCluster.Of(3);

    /// <summary>An actor system outside the cluster, with the settings that an application would have.</summary>
    public ActorSystem Outside(string hocon = "")
    {
        var own = ConfigurationFactory.ParseString("akka.loglevel = ERROR\n" + hocon);
        var system = ActorSystem.Create("shop", own.WithFallback(DynamoClient.DefaultConfig()));
        lock (_outside) _outside.Add(system);
        return system;
    }

    /// <summary>The address of a node, as a contact.</summary>
    public string Contact(int number)
    {
        var endpoint = Cluster.Endpoints[LoopbackCluster.Name(number)];
        return $"{endpoint.Host}:{endpoint.Port}";
    }

    public DynamoClient Client(params int[] contacts) =>
        DynamoClient.Start(Outside(), new DynamoClientOptions { Contacts = [.. contacts.Select(Contact)] });

    public Task InitializeAsync() => Cluster.StartAll();

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_outside.Select(static s => s.Terminate()));
        await Cluster.DisposeAsync();
    }
}
