using BenchmarkDotNet.Attributes;
using Dynamo.Core;

namespace Dynamo.Benchmarks;

/// <summary>Merging two histories of 1,000 commits: under 50 ms. A commit more is folded by one placement.</summary>
public class MembershipMergeBenchmarks
{
    private const int Commits = 1000;

    private readonly MembershipHistory _left;
    private readonly MembershipHistory _right;
    private readonly MembershipHistory _folded;
    private readonly MembershipCommit _next;

    public MembershipMergeBenchmarks()
    {
        var empty = MembershipHistory.Of(MembershipSamples.Founding(nodes: 5, q: 256, zones: 1));
        // Both sides of a partition, so that their commits alternate: nothing of either order can be taken over.
        _left = MembershipSamples.Commits(empty, new NodeId("node1"), Commits);
        _right = MembershipSamples.Commits(empty, new NodeId("node2"), Commits);
        _folded = _left;
        _ = _folded.Fold().Current.Ring;
        _next = MembershipSamples.Join(_folded, new NodeId("late"));
    }

    [Benchmark]
    public MembershipHistory Disjoint() => _left.Merge(_right);

    [Benchmark]
    public MembershipHistory Same() => _left.Merge(_left);

    [Benchmark]
    public Ring OneCommitMorePlaced() => _folded.Add(_next).Fold().Current.Ring;

    // Who the members are after each of 2,000 commits; their rings are placed when they are needed, one by one.
    [Benchmark]
    public MembershipFold DisjointFolded() => _left.Merge(_right).Fold();
}

/// <summary>The plan of a join to the largest ring, 1,000 nodes and 65,536 partitions: under 5 s.</summary>
[IterationCount(3)]
[WarmupCount(1)]
public class MembershipPlanBenchmarks
{
    private readonly StagedChanges _staged = new();
    private MembershipHistory _history = null!;

    [Params(1, 3, 10)]
    public int Zones { get; set; }

    [GlobalSetup]
    public void Stage()
    {
        _history = MembershipHistory.Of(MembershipSamples.Founding(nodes: 1000, q: 65_536, Zones));
        _ = _history.Fold().Current.Ring;
        _staged.Clear();
        var join = new MembershipChange.Join(new RingMember(new NodeId("late"), 1, "zone0"), MembershipSamples.Origin);
        if (!_staged.TryStage(join, _history, false, false, out var error)) throw new InvalidOperationException(error);
    }

    [Benchmark]
    public MembershipPlan Join() => MembershipPlan.Of(_history, _staged, static _ => new PartitionSize(10, 1000));
}
