using System.Collections.Immutable;
using Dynamo.Testing;

namespace Dynamo.Core.Tests.Coordination;

/// <summary>What an owner tells a client that coordinates its get itself, and when it tells nothing. Section 6.4.</summary>
public class OwnerReadTests
{
    private const int Everything = int.MaxValue;
    private static readonly Key Cart = Key.Of("carts", "alice");
    private readonly VirtualCluster _cluster = new(nodes: 5);
    private readonly NodeId _owner;
    private readonly NodeId _outside;

    public OwnerReadTests()
    {
        _owner = _cluster.Owners(Cart)[0];
        _outside = _cluster.Nodes.First(node => !_cluster.Owners(Cart).Contains(node));
    }

    [Fact]
    public void Owners_of_the_same_versions_say_the_same_hash_and_show_what_a_get_answers()
    {
        Assert.Equal(new OwnerRead(new ReadQuorum(3, 2, 0, true, false), 0, NotFound.Nothing), Read(_owner));
        _cluster.Put(_outside, Cart, "milk");
        _cluster.Put(_outside, Cart, "bread");
        _cluster.Run(TimeSpan.FromSeconds(1));
        var reads = _cluster.Owners(Cart).Select(owner => Assert.IsType<OwnerRead>(Read(owner))).ToList();
        Assert.Single(reads.Select(static r => r.Versions).Distinct());
        Assert.All(reads, static r => Assert.Equal(["bread", "milk"], VirtualCluster.Texts(r.Shown!)));

        // The context is one that nodes take, and covers what was shown.
        Assert.IsType<Stored>(_cluster.Put(_outside, Cart, "both", VirtualCluster.ContextOf(reads[1].Shown!)));
        Assert.Equal(["both"], VirtualCluster.Texts(_cluster.Get(_outside, Cart)));
    }

    [Fact]
    public void A_tombstone_is_shown_as_not_found_with_its_context()
    {
        var put = _cluster.Put(_outside, Cart, "milk");
        _cluster.Delete(_outside, Cart, VirtualCluster.ContextOf(put));
        var read = Assert.IsType<OwnerRead>(Read(_owner));
        Assert.NotEqual(0UL, read.Versions);
        var shown = Assert.IsType<NotFound>(read.Shown);
        Assert.False(shown.Context.IsEmpty);
        Assert.NotNull(shown.DeletedAt);
    }

    [Fact]
    public void Values_larger_than_asked_for_are_named_and_not_shown()
    {
        _cluster.Put(_outside, Cart, "milk");
        Assert.NotNull(Assert.IsType<OwnerRead>(Read(_owner, showUpTo: 4)).Shown);
        var read = Assert.IsType<OwnerRead>(Read(_owner, showUpTo: 3));
        Assert.Null(read.Shown);
        Assert.Equal(VersionsHash.Of(_cluster.Local(_owner, Cart)), read.Versions);
    }

    [Fact]
    public void A_bucket_that_resolves_by_time_shows_the_latest_alone()
    {
        _cluster.Put(_outside, Cart, "early");
        _cluster.Put(_outside, Cart, "late");
        _cluster.SetProperties(_outside, "carts", new BucketProperties { LastWriteWins = true, R = QuorumSize.One });
        _cluster.Run(TimeSpan.FromSeconds(10));
        var read = Assert.IsType<OwnerRead>(Read(_owner));
        Assert.Equal(["late"], VirtualCluster.Texts(read.Shown!));
        Assert.Equal(1, read.Quorum.R);
    }

    [Fact]
    public void The_counts_are_the_buckets_unless_the_client_has_its_own()
    {
        _cluster.SetProperties(_outside, "carts", new BucketProperties { NVal = 2, NotFoundOk = false });
        _cluster.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(new ReadQuorum(2, 2, 0, false, false), Assert.IsType<OwnerRead>(Read(_owner)).Quorum);
        var own = new GetOptions { R = QuorumSize.One, PR = QuorumSize.All, NotFoundOk = true, BasicQuorum = true };
        Assert.Equal(new ReadQuorum(2, 1, 2, true, true), Assert.IsType<OwnerRead>(Read(_owner, options: own)).Quorum);
        Assert.IsType<BadRequest>(Read(_owner, options: new GetOptions { R = QuorumSize.Of(3) }));
        // The third owner by the client's belief is none by the bucket's properties.
        Assert.IsType<Unavailable>(Read(_cluster.Owners(Cart)[2]));
    }

    [Fact]
    public void Who_is_no_owner_or_works_by_another_ring_refuses()
    {
        Assert.IsType<Unavailable>(Read(_outside));
        Assert.IsType<NotReady>(Read(_owner, ringVersion: 1));
    }

    [Fact]
    public void While_a_ring_is_coming_nobody_answers_and_afterwards_only_by_the_new_one()
    {
        var origin = new ChangeOrigin(_owner, "test", default);
        _cluster.Add(new NodeId("n06"));
        Assert.Equal("", _cluster.Change(_owner, false, new MembershipChange.Join(new RingMember(new NodeId("n06")), origin)));
        Assert.IsType<NotReady>(Read(_owner));
        Assert.True(_cluster.RunUntil(() => _cluster.IsSettled(1), TimeSpan.FromMinutes(10)));
        var ring = _cluster.Machine(_owner).Ring;
        var owner = ring.OwnerOf(ring.PartitionOf(Cart));
        Assert.IsType<NotReady>(Read(owner));
        Assert.IsType<OwnerRead>(Read(owner, ringVersion: 1));
    }

    [Fact]
    public void A_damaged_row_and_a_silent_replica_are_no_answer()
    {
        var view = new ClusterView(
            _owner, _cluster.Ring, static _ => true, ImmutableSortedDictionary<string, PropertyEntry>.Empty);
        var deadline = _cluster.Now + TimeSpan.FromSeconds(1);
        foreach (var status in (StoreReadStatus[])[StoreReadStatus.Corrupt, StoreReadStatus.Failed])
        {
            var damaged = Begin();
            damaged.OnReply(new ReplicaGetReply(default, status, Record.Empty), _cluster.Contexts);
            Assert.IsType<Unavailable>(damaged.Outcome);
        }

        var silent = Begin();
        silent.OnTime(_cluster.Now);
        Assert.Null(silent.Outcome);
        silent.OnTime(silent.Deadline);
        Assert.Equal(new TimedOut(QuorumKind.R, 2, 0), silent.Outcome);

        OwnerReader Begin() => OwnerReader.Begin(new OwnerReadRequest(Cart, 0, Everything, GetOptions.None), view, deadline, out _)!;
    }

    private Outcome Read(NodeId at, int showUpTo = Everything, ulong ringVersion = 0, GetOptions? options = null) =>
        _cluster.Execute(at, new OwnerReadRequest(Cart, ringVersion, showUpTo, options ?? GetOptions.None));
}
