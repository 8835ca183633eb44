using System.Collections.Immutable;
using Akka.Configuration;
using Akka.Remote.TestKit;
using Dynamo.Actors;
using Dynamo.Core;

namespace Dynamo.MultiNode.Tests;

/// <summary>The nodes of a partition spec: node1 to nodeN, each with the settings that a node process has.</summary>
/// <remarks>A spec derives from it with a constructor that takes nothing: the test framework makes one to learn how
/// many processes to start.</remarks>
public abstract class PartitionConfig : MultiNodeConfig
{
    /// <summary>Makes the roles.</summary>
    /// <param name="count">How many nodes, 2 or more.</param>
    protected PartitionConfig(int count)
    {
        Nodes = [.. Enumerable.Range(1, count).Select(i => Role($"node{i}"))];
        // Blackholes need the transport adapters of the test kit; they show in the addresses,
        // akka.trttl.gremlin.tcp://.
        TestTransport = true;
        CommonConfig = DebugConfig(false)
            .WithFallback(ConfigurationFactory.ParseString("akka.loglevel = INFO"));
        foreach (var node in Nodes)
        {
            var settings = new AkkaSettings { Self = new NodeId(node.Name), Host = "127.0.0.1", Port = 0 };
            NodeConfig([node], [settings.ToConfig(Insisted)]);
        }
    }

    /// <summary>The roles; a node's name is its role's.</summary>
    public ImmutableArray<RoleName> Nodes { get; }

    // A cut is noticed sooner than in production, so that the spec does not wait for it.
    private static Config Insisted => ConfigurationFactory.ParseString("""
        akka.cluster.failure-detector.acceptable-heartbeat-pause = 2 s
        akka.loggers = ["Akka.TestKit.TestEventListener, Akka.TestKit"]
        """);
}
