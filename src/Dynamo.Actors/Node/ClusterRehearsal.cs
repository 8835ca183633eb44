using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.Client;
using Akka.Configuration;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>Has two actor systems become a cluster, so that .NET has compiled what Akka.Cluster does then when this node joins one.</summary>
/// <remarks>
/// They speak over Akka.Remote's transport in memory: no port is opened. Their settings are Dynamo's own, without the operator's, whose
/// extensions must not be started twice. See <see cref="Rehearsal"/> for the reason.
/// </remarks>
public static class ClusterRehearsal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Carries it out.</summary>
    /// <exception cref="TimeoutException">The two have not become one cluster in time.</exception>
    public static async Task Run()
    {
        using var limit = new CancellationTokenSource(Patience);
        var registry = Guid.NewGuid().ToString();
        var first = Make(1, registry);
        try
        {
            var address = Cluster.Get(first).SelfAddress;
            await Cluster.Get(first).JoinAsync(address, limit.Token);
            var second = Make(2, registry);
            try
            {
                await Cluster.Get(second).JoinAsync(address, limit.Token);
            }
            finally
            {
                await second.Terminate();
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("Two actor systems in memory have not become a cluster in time.");
        }
        finally
        {
            await first.Terminate();
        }
    }

    private static ActorSystem Make(int number, string registry)
    {
        var settings = new AkkaSettings { Self = new NodeId($"n{number}"), Host = "rehearsal", Port = number };
        var system = ActorSystem.Create("rehearsal", ConfigurationFactory.ParseString(
            $$"""
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            akka.loggers = []
            akka.cluster.gossip-interval = 100 ms
            akka.remote.enabled-transports = ["akka.remote.test"]
            akka.remote.test {
              transport-class = "Akka.Remote.Transport.TestTransport, Akka.Remote"
              applied-adapters = []
              registry-key = "{{registry}}"
              maximum-payload-bytes = 32000b
              scheme-identifier = test
              local-address = "test://rehearsal@rehearsal:{{number}}"
            }
            """).WithFallback(settings.ToConfig()));
        ClusterClientReceptionist.Get(system);
        return system;
    }
}
