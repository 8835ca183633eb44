using Dynamo.Core;

namespace Dynamo.Benchmarks;

/// <summary>The values that the benchmarks share.</summary>
internal static class Samples
{
    /// <summary>A key of a usual length.</summary>
    public static readonly Key Key = Key.Of("shopping-carts", "customer/0001234567");

    /// <summary>The record after these writes of 100 bytes, each of which had read all before it.</summary>
    public static Record Record(params (string Node, ulong Counter)[] writes)
    {
        var record = Core.Record.Empty;
        foreach (var (node, counter) in writes)
        {
            // A name of its own each time: nodes off the network are seldom the same string object.
            var dot = new Dot(new ReplicaId(new NodeId(new string(node)), 0x1234_5678_9ABC_DEF0), counter);
            var sibling = new Sibling(dot, 1_700_000_000_000_000, new Value { Body = new byte[100] });
            record = record.Put(record.Clock, sibling, DotRange.Of(dot));
        }

        return record;
    }
}
