using System.Collections.Immutable;
using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Core.Tests.Coordination;

/// <summary>A get at an owner asks R for their records and the rest which versions they hold, and for the record only where that differs.</summary>
public class DigestReadTests(ITestOutputHelper output)
{
    private static readonly Key Key = Key.Of("b", "k");
    private static readonly Ring Ring = new VirtualCluster(5).Ring;
    private static readonly PartitionId Partition = new(5);

    // In the order of the preference list; the tests below are at the first.
    private static readonly NodeId[] Owners = [.. Ring.PreferenceList(Partition, 5)];
    private static readonly RequestId Id = new(7);
    private readonly Effects _effects = new();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public void Where_all_hold_the_same_one_record_less_than_R_is_sent(int r, int records)
    {
        var (cluster, owners) = Clustered(out var sent);
        cluster.Put(owners[0], Key, "milk");
        cluster.Run(TimeSpan.FromSeconds(1));
        sent.Clear();
        Assert.Equal(["milk"], VirtualCluster.Texts(cluster.Get(owners[0], Key, new GetOptions { R = QuorumSize.Of(r) })));
        cluster.Run(TimeSpan.FromSeconds(1));
        (string, int)[] expected =
        [
            (nameof(ReplicaDigest), 2 - records), (nameof(ReplicaDigestReply), 2 - records),
            (nameof(ReplicaGet), records), (nameof(ReplicaGetReply), records),
        ];
        Assert.Equal(expected.Where(static e => e.Item2 > 0), sent.GroupBy(static m => m).Select(static g => (g.Key, g.Count())).Order());
    }

    [Fact]
    public void Nobody_has_anything_and_says_so_in_its_digest()
    {
        var (cluster, owners) = Clustered(out var sent);
        Assert.IsType<NotFound>(cluster.Get(owners[0], Key, new GetOptions { R = QuorumSize.Of(1) }));
        cluster.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, sent.Count(static m => m == nameof(ReplicaDigestReply)));
        Assert.DoesNotContain(nameof(ReplicaGet), sent);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 2, 1)]
    [InlineData(0, 2, 1)]
    [InlineData(0, 3, 2)]
    public void A_stale_owner_is_found_and_repaired_whoever_coordinates(int reader, int r, int records)
    {
        var (cluster, owners) = Clustered(out var sent);
        cluster.Put(owners[2], Key, "milk");
        cluster.Run(TimeSpan.FromSeconds(1));
        // The first owner keeps its old copy; or, where it reads, both others have another than it has.
        cluster.Wire = (_, to, message) => Note(sent, message) && (to != owners[0] || message is not ReplicaPut);
        cluster.Put(owners[2], Key, "beer", VirtualCluster.ContextOf(cluster.Get(owners[2], Key)));
        cluster.Run(TimeSpan.FromMilliseconds(100));
        cluster.Wire = (_, _, message) => Note(sent, message);
        sent.Clear();
        var read = cluster.Get(owners[reader], Key, new GetOptions { R = QuorumSize.Of(r) });
        cluster.Run(TimeSpan.FromMilliseconds(100));
        Assert.Equal(["beer"], VirtualCluster.Texts(read));
        Assert.Equal(records, sent.Count(static m => m == nameof(ReplicaGet)));
        Assert.Equal(["beer"], cluster.Local(owners[0], Key).Siblings.Select(static s => System.Text.Encoding.UTF8.GetString(s.Value!.Body.Span)));
        Assert.Equal(1, cluster.Observations.Count(static o => o.Observation is Observation.ReadRepaired));
    }

    [Fact]
    public void Where_the_own_copy_is_late_one_of_those_that_agree_is_asked_for_theirs()
    {
        var get = Begin(r: 2);
        var record = Some(1);
        var digest = new ReplicaDigestReply(Id, StoreReadStatus.Found, RecordCodec.DigestOf(record));
        get.OnDigest(Owners[2], digest, _effects);
        Assert.Empty(Asked<ReplicaGet>());
        get.OnDigest(Owners[3], digest, _effects);
        Assert.Equal([Owners[2]], Asked<ReplicaGet>());
        Assert.Null(get.Result);
        get.OnReply(Owners[2], new ReplicaGetReply(Id, StoreReadStatus.Found, record), _effects);
        Assert.Same(record, get.Result!.Merged);
        get.OnDigest(Owners[4], digest, _effects);
        get.OnReply(Owners[0], new ReplicaGetReply(Id, StoreReadStatus.Found, record), _effects);
        Assert.False(get.IsFinished);
        get.OnReply(Owners[1], new ReplicaGetReply(Id, StoreReadStatus.Found, record), _effects);
        Assert.True(get.IsFinished);
        Assert.Single(Asked<ReplicaGet>());
    }

    [Fact]
    public void Versions_that_differ_are_all_asked_for_and_merged()
    {
        var get = Begin(r: 3);
        Record[] records = [Some(1), Some(1), Some(1), Some(2), Some(3)];
        for (var i = 3; i < 5; i++)
            get.OnDigest(Owners[i], new ReplicaDigestReply(Id, StoreReadStatus.Found, RecordCodec.DigestOf(records[i])), _effects);
        Assert.Empty(Asked<ReplicaGet>());
        get.OnReply(Owners[0], new ReplicaGetReply(Id, StoreReadStatus.Found, records[0]), _effects);
        Assert.Equal([Owners[3], Owners[4]], Asked<ReplicaGet>());
        for (var i = 4; i > 0; i--) get.OnReply(Owners[i], new ReplicaGetReply(Id, StoreReadStatus.Found, records[i]), _effects);
        Assert.True(get.IsFinished);
        Assert.Equal(3, get.Result!.Merged.Siblings.Length);
        Assert.Equal(Owners, _effects.List.OfType<Effect.Send>().Where(static s => s.Message is ReplicaPut).Select(static s => s.To));
    }

    [Fact]
    public void An_owner_whose_record_does_not_come_is_replaced_and_one_that_has_only_given_its_digest_is_asked()
    {
        var get = Begin(r: 2);
        var record = Some(1);
        get.OnDigest(Owners[2], new ReplicaDigestReply(Id, StoreReadStatus.Found, RecordCodec.DigestOf(record)), _effects);
        // This node's own store and the other owners have said nothing for as long as a replica may.
        get.OnTime(get.Deadline, _effects);
        Assert.Equal([Owners[2]], Asked<ReplicaGet>());
        var then = get.Deadline;
        Assert.True(then < default(Instant) + NodeSettings.Standard.RequestTimeout);
        get.OnTime(then, _effects);
        Assert.Null(get.Result);
        get.OnReply(Owners[2], new ReplicaGetReply(Id, StoreReadStatus.Found, record), _effects);
        get.OnReply(Owners[0], new ReplicaGetReply(Id, StoreReadStatus.Found, record), _effects);
        Assert.Same(record, get.Result!.Merged);
    }

    [Theory]
    [InlineData(StoreReadStatus.Corrupt)]
    [InlineData(StoreReadStatus.Failed)]
    [InlineData(StoreReadStatus.Missing)]
    public void Without_a_copy_here_that_can_be_read_the_others_are_asked_for_one(StoreReadStatus own)
    {
        var get = Begin(r: 2);
        var record = Some(1);
        get.OnReply(Owners[0], new ReplicaGetReply(Id, own, Record.Empty), _effects);
        var digest = new ReplicaDigestReply(Id, StoreReadStatus.Found, RecordCodec.DigestOf(record));
        for (var i = 2; i < 5; i++) get.OnDigest(Owners[i], digest, _effects);
        Assert.Equal([Owners[2]], Asked<ReplicaGet>());
        get.OnReply(Owners[2], new ReplicaGetReply(Id, StoreReadStatus.Found, record), _effects);
        Assert.Same(record, get.Result!.Merged);
        get.OnReply(Owners[1], new ReplicaGetReply(Id, StoreReadStatus.Found, record), _effects);
        Assert.True(get.IsFinished);
    }

    [Fact]
    public void Records_have_the_same_digest_exactly_when_they_have_the_same_versions()
    {
        var random = new Prng(20261130);
        int same = 0, different = 0;
        for (var i = 0; i < 5_000; i++)
        {
            var record = Any.Record(random);
            var other = random.Below(3) switch
            {
                0 => Any.Record(random),
                1 => record.Merge(Any.Record(random)),
                // The same versions, made of their parts and as they come over a wire.
                _ => Again(Record.TryCreate(record.Clock, record.Siblings, out var made) ? made : throw new InvalidOperationException()),
            };
            if (record.IsEmpty || other.IsEmpty) continue;
            var agree = record.HasSameVersions(other);
            Assert.Equal(agree, RecordCodec.DigestOf(record) == RecordCodec.DigestOf(other));
            if (agree) same++;
            else different++;
        }

        output.WriteLine($"{same} pairs with the same versions, {different} with others");
        Assert.True(same > 500 && different > 500, $"{same} and {different}");
    }

    private static Record Again(Record record)
    {
        var reader = new WireReader(RecordCodec.ToBytes(record));
        return RecordCodec.ReadRecord(ref reader);
    }

    private static (VirtualCluster Cluster, ImmutableArray<NodeId> Owners) Clustered(out List<string> sent)
    {
        var (cluster, names) = (new VirtualCluster(4), new List<string>());
        cluster.Wire = (_, _, message) => Note(names, message);
        sent = names;
        return (cluster, [.. cluster.Owners(Key)]);
    }

    private static bool Note(List<string> sent, Message message)
    {
        if (message is ReplicaGet or ReplicaGetReply or ReplicaDigest or ReplicaDigestReply) sent.Add(message.GetType().Name);
        return true;
    }

    private static Record Some(ulong counter)
    {
        var replica = new ReplicaId(Owners[counter % 3], 1);
        return Record.Empty.Put(VersionVector.Empty, new Sibling(new Dot(replica, counter), (long)counter, new Value()), new DotRange(replica, counter, counter));
    }

    private GetCoordinator Begin(int r)
    {
        var view = new ClusterView(Owners[0], Ring, static _ => true, ImmutableSortedDictionary<string, PropertyEntry>.Empty);
        var quorum = ReadQuorum.Resolve(BucketProperties.Standard, new GetOptions { R = QuorumSize.Of(r) }, 5, out _);
        var get = new GetCoordinator(
            Id, Key, quorum, lastWriteWins: false, view.TargetsOf(Partition, 5), Owners[0], default,
            NodeSettings.Standard.RequestTimeout, NodeSettings.Standard.ReplicaTimeout);
        get.Start(_effects);
        Assert.Equal(Owners[..r], Asked<ReplicaGet>());
        Assert.Equal(Owners[r..], Asked<ReplicaDigest>());
        _effects.Clear();
        return get;
    }

    private NodeId[] Asked<T>() => [.. _effects.List.OfType<Effect.Send>().Where(static s => s.Message is T).Select(static s => s.To)];
}
