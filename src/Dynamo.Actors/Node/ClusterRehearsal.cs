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

    /// <summary>Carries it out; false when the two did not become one cluster in time.</summary>
    public static async Task<bool> Run()
    {
        using var limit = new CancellationTokenSource(Patience);
        var registry = Guid.NewGuid().ToString();
        var (first, second) = (Make(1, registry), Make(2, registry));
        try
        {
            await Cluster.Get(first).JoinAsync(Cluster.Get(first).SelfAddress, limit.Token);
            await Cluster.Get(second).JoinAsync(Cluster.Get(first).SelfAddress, limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            await Task.WhenAll(first.Terminate(), second.Terminate());
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
