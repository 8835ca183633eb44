using System.Collections.Immutable;
using Akka.Configuration;
using Akka.Remote.TestKit;
using Dynamo.Actors;
using Dynamo.Core;

namespace Dynamo.MultiNode.TestKit;

/// <summary>The cluster of a partition spec: which nodes there are, and how they are set.</summary>
/// <remarks>
/// Derive a class from it with a constructor that takes nothing: the test framework makes one to learn how many
/// processes to start, and every process makes one.
/// </remarks>
public abstract class PartitionConfig : MultiNodeConfig
{
    /// <summary>Makes the roles node1, node2 and so on; a node's name is its role's.</summary>
    /// <param name="founders">How many nodes found the cluster, 2 or more.</param>
    /// <param name="joiners">How many more there are, which are no members until a spec lets them join; 0 by default.</param>
    protected PartitionConfig(int founders, int joiners = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(founders, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(joiners);
        Nodes = [.. Enumerable.Range(1, founders + joiners).Select(i => Role($"node{i}"))];
        Founders = Nodes[..founders];
        // The kit's own actor system carries its barriers and is never cut; a barrier waits longer than any condition.
        CommonConfig = ConfigurationFactory.ParseString($"""
            akka.loglevel = WARNING
            akka.testconductor.barrier-timeout = {2 * Patience.TotalSeconds:0} s
            """);
    }

    /// <summary>
    /// Every node: the founders, then those that may join. Node1 conducts the spec and can be restarted, not killed.
    /// </summary>
    public ImmutableArray<RoleName> Nodes { get; }

    /// <summary>The first members.</summary>
    public ImmutableArray<RoleName> Founders { get; }

    /// <summary>Q, a power of two, 8..65536; 32 by default.</summary>
    public int Partitions { get; init; } = 32;

    /// <summary>The N of buckets that say nothing else, 1..16; 3 by default.</summary>
    public int NVal { get; init; } = 3;

    /// <summary>
    /// The nodes' times and limits; silence is noticed sooner than by default, so that a spec need not wait for it.
    /// </summary>
    public NodeSettings Settings { get; init; } = NodeSettings.Standard with
    {
        PingEvery = TimeSpan.FromMilliseconds(200),
        GossipEvery = TimeSpan.FromMilliseconds(200),
        RequestTimeout = TimeSpan.FromSeconds(15),
    };

    /// <summary>
    /// HOCON for the nodes' actor systems, such as the serializers of an application that lives in them; what Dynamo
    /// insists on goes before it.
    /// </summary>
    public string Hocon { get; init; } = "";

    /// <summary>How long a condition may take to come true, 1 s or more; 30 s.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    internal Founding Found()
    {
        var members = Founders.Select(static n => new RingMember(new NodeId(n.Name)));
        return Founding.TryCreate("partition", Partitions, NVal, members, out var founding, out var error)
            ? founding
            : throw new InvalidOperationException($"The cluster of {GetType().Name} cannot be founded: {error}");
    }
}
