using BenchmarkDotNet.Attributes;
using Dynamo.Core;

namespace Dynamo.Benchmarks;

/// <summary>Contexts to and from tokens: once per get, once per put.</summary>
public class ContextBenchmarks
{
    private readonly ContextCodec _codec = new("a cluster's key"u8);
    private readonly CausalContext _context = new(
        Samples.Record(("node1", 9), ("node2", 11), ("node3", 5)).Clock, new NodeId("node2"));

    private readonly byte[] _token;

    public ContextBenchmarks() => _token = _codec.Encode(Samples.Key, _context);

    [Benchmark]
    public byte[] Encode() => _codec.Encode(Samples.Key, _context);

    [Benchmark]
    public bool Decode() => _codec.TryDecode(Samples.Key, _token, out _, out _);
}
