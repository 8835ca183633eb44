using System.Collections.Immutable;
using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Core.Tests.Coordination;

/// <summary>A get at an owner asks the others which versions they hold, and for the record only where that differs.</summary>
public class DigestReadTests(ITestOutputHelper output)
{
    private static readonly Key Key = Key.Of("b", "k");
    private static readonly Ring Ring = new VirtualCluster(3).Ring;
    private static readonly PartitionId Partition = new(5);

    // In the order of the preference list; the tests below are at the first.
    private static readonly NodeId[] Owners = [.. Ring.PreferenceList(Partition, 3)];
    private static readonly RequestId Id = new(7);
    private readonly Effects _effects = new();

    [Fact]
    public void Where_all_hold_the_same_no_record_is_sent()
    {
        var (cluster, owners) = Clustered(out var sent);
        cluster.Put(owners[0], Key, "milk");
        cluster.Run(TimeSpan.FromSeconds(1));
        sent.Clear();
        Assert.Equal(["milk"], VirtualCluster.Texts(cluster.Get(owners[0], Key, new GetOptions { R = QuorumSize.All })));
        Assert.Equal([nameof(ReplicaDigest), nameof(ReplicaDigest), nameof(ReplicaDigestReply), nameof(ReplicaDigestReply)], sent);
    }

    [Fact]
    public void Nobody_has_anything_and_says_so_in_its_digest()
    {
        var (cluster, owners) = Clustered(out var sent);
        Assert.IsType<NotFound>(cluster.Get(owners[0], Key, new GetOptions { R = QuorumSize.All }));
        Assert.DoesNotContain(nameof(ReplicaGet), sent);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(0, 1, 2)]
    public void A_stale_owner_is_found_and_repaired_whoever_coordinates(int reader, int records, int repairs)
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
        var read = cluster.Get(owners[reader], Key, new GetOptions { R = QuorumSize.All });
        cluster.Run(TimeSpan.FromMilliseconds(100));
        Assert.Equal(["beer"], VirtualCluster.Texts(read));
        Assert.Equal(records, sent.Count(static m => m == nameof(ReplicaGet)));
        Assert.Equal(["beer"], cluster.Local(owners[0], Key).Siblings.Select(static s => System.Text.Encoding.UTF8.GetString(s.Value!.Body.Span)));
        Assert.Equal(repairs, 1 + cluster.Observations.Count(o => o.Observation is Observation.ReadRepaired && o.Node == owners[0]));
    }

    [Fact]
    public void Where_the_own_copy_is_late_one_of_those_that_agree_is_asked_for_theirs()
    {
        var get = Begin(r: 2);
        var record = Some(1);
        var digest = new ReplicaDigestReply(Id, StoreReadStatus.Found, RecordCodec.DigestOf(record));
        get.OnDigest(Owners[1], digest, _effects);
        Assert.Empty(Asked<ReplicaGet>());
        get.OnDigest(Owners[2], digest, _effects);
        Assert.Equal([Owners[1]], Asked<ReplicaGet>());
        Assert.Null(get.Result);
        get.OnReply(Owners[1], new ReplicaGetReply(Id, StoreReadStatus.Found, record), _effects);
        Assert.Same(record, get.Result!.Merged);
        Assert.False(get.IsFinished);
        get.OnReply(Owners[0], new ReplicaGetReply(Id, StoreReadStatus.Found, record), _effects);
        Assert.True(get.IsFinished);
    }

    [Fact]
    public void Versions_that_differ_are_all_asked_for_and_merged()
    {
        var get = Begin(r: 3);
        Record[] records = [Some(1), Some(2), Some(3)];
        for (var i = 1; i < 3; i++)
            get.OnDigest(Owners[i], new ReplicaDigestReply(Id, StoreReadStatus.Found, RecordCodec.DigestOf(records[i])), _effects);
        Assert.Empty(Asked<ReplicaGet>());
        get.OnReply(Owners[0], new ReplicaGetReply(Id, StoreReadStatus.Found, records[0]), _effects);
        Assert.Equal([Owners[1], Owners[2]], Asked<ReplicaGet>());
        for (var i = 1; i < 3; i++) get.OnReply(Owners[i], new ReplicaGetReply(Id, StoreReadStatus.Found, records[i]), _effects);
        Assert.True(get.IsFinished);
        Assert.Equal(3, get.Result!.Merged.Siblings.Length);
        Assert.Equal(Owners, _effects.List.OfType<Effect.Send>().Where(static s => s.Message is ReplicaPut).Select(static s => s.To));
    }

    [Fact]
    public void An_owner_whose_record_does_not_come_is_replaced_and_one_that_has_only_given_its_digest_is_asked()
    {
        var get = Begin(r: 2);
        var record = Some(1);
        get.OnDigest(Owners[1], new ReplicaDigestReply(Id, StoreReadStatus.Found, RecordCodec.DigestOf(record)), _effects);
        // This node's own store and the third owner have said nothing for as long as a replica may.
        get.OnTime(get.Deadline, _effects);
        Assert.Equal([Owners[1]], Asked<ReplicaGet>());
        var then = get.Deadline;
        Assert.True(then < default(Instant) + NodeSettings.Standard.RequestTimeout);
        get.OnTime(then, _effects);
        Assert.Null(get.Result);
        get.OnReply(Owners[1], new ReplicaGetReply(Id, StoreReadStatus.Found, record), _effects);
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
        get.OnDigest(Owners[1], digest, _effects);
        get.OnDigest(Owners[2], digest, _effects);
        Assert.Equal([Owners[1]], Asked<ReplicaGet>());
        get.OnReply(Owners[1], new ReplicaGetReply(Id, StoreReadStatus.Found, record), _effects);
        Assert.True(get.IsFinished);
        Assert.Same(record, get.Result!.Merged);
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
        var quorum = ReadQuorum.Resolve(BucketProperties.Standard, new GetOptions { R = QuorumSize.Of(r) }, 3, out _);
        var get = new GetCoordinator(
            Id, Key, quorum, lastWriteWins: false, view.TargetsOf(Partition, 3), Owners[0], default,
            NodeSettings.Standard.RequestTimeout, NodeSettings.Standard.ReplicaTimeout);
        get.Start(_effects);
        Assert.Equal([Owners[0]], Asked<ReplicaGet>());
        Assert.Equal(2, Asked<ReplicaDigest>().Length);
        _effects.Clear();
        return get;
    }

    private NodeId[] Asked<T>() => [.. _effects.List.OfType<Effect.Send>().Where(static s => s.Message is T).Select(static s => s.To)];
}
