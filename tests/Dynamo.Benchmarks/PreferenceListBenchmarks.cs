using BenchmarkDotNet.Attributes;
using Dynamo.Core;

namespace Dynamo.Benchmarks;

/// <summary>The first three nodes for a position: under 100 ns and without allocation.</summary>
public class PreferenceListBenchmarks
{
    private const int Positions = 1024;

    private readonly Token[] _tokens = new Token[Positions];
    private readonly Ring _usual = RingOf(nodes: 64, q: 256);
    private readonly Ring _largest = RingOf(nodes: 1000, q: 65_536);

    public PreferenceListBenchmarks()
    {
        var random = new Prng(1);
        for (var i = 0; i < Positions; i++) _tokens[i] = new Token(new UInt128(random.Next(), random.Next()));
    }

    [Benchmark(OperationsPerInvoke = Positions)]
    public int Q256_64Nodes() => LookUp(_usual);

    [Benchmark(OperationsPerInvoke = Positions)]
    public int Q65536_1000Nodes() => LookUp(_largest);

    // Many positions per measurement, so that neither the branch predictor nor the cache knows the answer.
    private int LookUp(Ring ring)
    {
        Span<int> nodes = stackalloc int[3];
        var sum = 0;
        foreach (var token in _tokens)
        {
            ring.PreferenceList(PartitionId.Of(token, ring.PartitionCount), nodes);
            sum += nodes[0] + nodes[1] + nodes[2];
        }

        return sum;
    }

    private static Ring RingOf(int nodes, int q)
    {
        RingMember[] members = [.. Enumerable.Range(1, nodes).Select(i => new RingMember(new NodeId($"node{i:D4}")))];
        return new Ring(members, [.. Enumerable.Range(0, q).Select(p => members[p % nodes].Node)]);
    }
}
