using BenchmarkDotNet.Attributes;
using Dynamo.Core;

namespace Dynamo.Benchmarks;

/// <summary>Merging two records of one sibling each: under 300 ns.</summary>
public class RecordMergeBenchmarks
{
    private readonly Record _old = Samples.Record(("node1", 4));
    private readonly Record _same = Samples.Record(("node1", 4));
    private readonly Record _newer = Samples.Record(("node1", 4), ("node1", 5));
    private readonly Record _other = Samples.Record(("node2", 7));
    private readonly Record _threeWriters = Samples.Record(("node1", 9), ("node2", 11), ("node3", 5));
    private readonly Record _threeWritersNewer =
        Samples.Record(("node1", 9), ("node2", 11), ("node3", 5), ("node2", 12));


    [Benchmark]
    public Record Equal() => _old.Merge(_same);

    [Benchmark]
    public Record Descends() => _newer.Merge(_old);

    [Benchmark]
    public Record IsDescended() => _old.Merge(_newer);

    [Benchmark]
    public Record Concurrent() => _old.Merge(_other);

    [Benchmark]
    public Record DescendsOfThreeWriters() => _threeWriters.Merge(_threeWritersNewer);

    [Benchmark]
    public Record ConcurrentOfThreeWriters() => _threeWriters.Merge(_other);
}
