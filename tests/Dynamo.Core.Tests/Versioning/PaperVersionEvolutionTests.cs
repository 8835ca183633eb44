namespace Dynamo.Core.Tests;

/// <summary>DeCandia et al., Dynamo (SOSP 2007), section 4.4, figure 3: how one object's versions evolve.</summary>
public class PaperVersionEvolutionTests
{
    private static readonly ReplicaId Sx = new(new NodeId("Sx"), 1);
    private static readonly ReplicaId Sy = new(new NodeId("Sy"), 1);
    private static readonly ReplicaId Sz = new(new NodeId("Sz"), 1);

    [Fact]
    public void Figure_3()
    {
        // "A client writes a new object." Sx handles it: "D1 and its associated clock [(Sx, 1)]".
        var d1 = Write(Record.Empty, Sx, 1);
        AssertVersion(d1, "D(Sx,1)", (Sx, 1));

        // The client updates the object at the same node: D2 [(Sx, 2)].
        var d2 = Write(d1, Sx, 2);
        AssertVersion(d2, "D(Sx,2)", (Sx, 2));
        Assert.Equal(d2, d1.Merge(d2)); // D2 descends from D1 and therefore overwrites it.

        // The same client updates it again, and a different server handles the request: D3 [(Sx, 2), (Sy, 1)].
        var d3 = Write(d2, Sy, 1);
        AssertVersion(d3, "D(Sy,1)", (Sx, 2), (Sy, 1));

        // A different client reads D2 and updates it, and another node does the write: D4 [(Sx, 2), (Sz, 1)].
        var d4 = Write(d2, Sz, 1);
        AssertVersion(d4, "D(Sz,1)", (Sx, 2), (Sz, 1));

        // A node that is aware of D1 or D2 can determine, upon receiving D4, that both are overwritten.
        Assert.Equal(d4, d1.Merge(d4));
        Assert.Equal(d4, d2.Merge(d4));

        // A node that is aware of D3 and receives D4 finds no causal relation between them: both must be kept.
        Assert.Equal(CausalOrder.Concurrent, d3.Clock.CompareWith(d4.Clock));
        var both = d3.Merge(d4);
        AssertVersion(both, "D(Sy,1) D(Sz,1)", (Sx, 2), (Sy, 1), (Sz, 1));

        // A client reads both; its context is a summary of both clocks. It reconciles them and Sx coordinates the
        // write: D5 [(Sx, 3), (Sy, 1), (Sz, 1)].
        var d5 = Write(both, Sx, 3);
        AssertVersion(d5, "D(Sx,3)", (Sx, 3), (Sy, 1), (Sz, 1));
        foreach (var older in new[] { d1, d2, d3, d4, both })
        {
            Assert.Equal(d5, older.Merge(d5));
            Assert.Equal(d5, d5.Merge(older));
        }
    }

    private static Record Write(Record read, ReplicaId at, ulong counter)
    {
        var dot = new Dot(at, counter);
        return read.Put(read.Clock, new Sibling(dot, 0, new Value()), DotRange.Of(dot));
    }

    private static void AssertVersion(Record record, string siblings, params (ReplicaId Replica, ulong Counter)[] clock)
    {
        Assert.Equal(
            siblings, string.Join(' ', record.Siblings.Select(static s => $"D({s.Dot.Replica.Node},{s.Dot.Counter})")));
        Assert.Equal(clock.Select(static c => new DotRange(c.Replica, 1, c.Counter)), record.Clock.Ranges.ToArray());
    }
}
