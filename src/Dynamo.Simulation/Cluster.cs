using System.Runtime.CompilerServices;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>The foundings that runs are made over, each with its ring: thousands of seeds share a handful of them.</summary>
internal static class Cluster
{
    private const int TargetN = 3;
    private static readonly Dictionary<(int Nodes, int Partitions), Founding> Foundings = [];
    private static readonly ConditionalWeakTable<Founding, Ring> Rings = [];

    /// <summary>A cluster of nodes n1, n2, ….</summary>
    public static Founding Founding(int nodes, int partitions)
    {
        lock (Foundings)
        {
            if (Foundings.TryGetValue((nodes, partitions), out var known)) return known;
            // All names have one length, so that the order of names is the order of numbers.
            var width = nodes < 10 ? "0" : nodes < 100 ? "00" : "000";
            var members = Enumerable.Range(1, nodes).Select(i => new RingMember(new NodeId("n" + i.ToString(width))));
            if (!Core.Founding.TryCreate("simulated", partitions, TargetN, members, out var founding, out var error))
                throw new ArgumentException(error);
            Foundings.Add((nodes, partitions), founding);
            return founding;
        }
    }

    /// <summary>Its ring.</summary>
    public static Ring RingOf(Founding founding) => Rings.GetValue(founding, static f => f.ToRing());
}
