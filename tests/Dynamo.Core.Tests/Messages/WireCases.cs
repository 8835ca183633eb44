using System.Collections.Immutable;

namespace Dynamo.Core.Tests;

/// <summary>How to make a random instance of each case that travels. A new case needs an entry here.</summary>
internal static class WireCases
{
    public static readonly ImmutableArray<Func<Prng, Message>> Messages =
    [
        r => new ReplicaGet(Any.Id(r), Any.Partition(r), Any.Key(r)),
        r => new ReplicaGetReply(Any.Id(r), (StoreReadStatus)r.Below(4), Any.Record(r)),
        r => new ReplicaDigest(Any.Id(r), Any.Partition(r), Any.Key(r)),
        r => new ReplicaDigestReply(Any.Id(r), (StoreReadStatus)r.Below(4), r.Next()),
        r => new ReplicaPut(
            Any.Id(r), Any.Partition(r), Any.Key(r), Any.Record(r), Any.MaybeNode(r), (PutReason)r.Below(4), Fence(r)),
        r => new ReplicaPutReply(Any.Id(r), r.Chance(0.5), (WriteRefusal)r.Below(9), Any.MaybeNode(r)),
        r => new ForwardPut(Any.Id(r), Put(r), TimeSpan.FromTicks(r.Below(1 << 30)), Fence(r)),
        r => new ForwardIncrement(Any.Id(r), r.Next(), Increment(r), TimeSpan.FromTicks(r.Below(1 << 30))),
        r => new IncrementTicket(Any.Id(r), r.Next()),
        r => new ForwardAccepted(Any.Id(r)),
        r => new ForwardReply(Any.Id(r), Outcomes[r.Below(Outcomes.Length)](r)),
        r => new Ping(r.Next()),
        r => new Pong(r.Next()),
        r => new GossipDigest(Any.Text(r), r.Next()),
        r => new GossipState(Any.Text(r), Properties(r), r.Chance(0.5)),
        r => new ListPage(Any.Id(r), Any.Many(r, 5, Any.Partition), MaybeBucket(r), MaybeKey(r)),
        r => new ListPageReply(
            Any.Id(r), Any.Many(r, 5, Any.Key), Any.Many(r, 5, Any.Partition), MaybeKey(r), r.Chance(0.5)),
        r => new TreeGet(Any.Id(r), Any.Partition(r), r.Below(17), r.Below(MerkleTree.Levels), Any.Many(r, 20, Place)),
        r => new TreeGetReply(Any.Id(r), (TreeStatus)r.Below(4), Any.Many(r, 40, static x => x.Next())),
        r => new LeafGet(
            Any.Id(r), Any.Partition(r), r.Below(17), Any.Many(r, 20, Place), MaybeKey(r), r.Below(ReplicaTrees.MaxPage + 1)),
        r => new LeafGetReply(
            Any.Id(r), (TreeStatus)r.Below(4), Any.Many(r, 9, static x => new LeafEntry(Any.Key(x), x.Next())), r.Chance(0.5)),
        r => new TreeDoubt(Any.Partition(r)),
        r => new ReapAsk(Any.Id(r), (ReapStage)r.Below(8), Any.Partition(r), Any.Many(r, 4, static x => new ReapItem(
            Any.Key(x), x.Below(17), x.Next(), Any.Vector(x), Any.Vector(x, 3)))),
        r => new ReapReply(Any.Id(r), r.Next(), r.Below(1 << 30), Any.Many(r, 5, static x => x.Below(1000))),
        r => new ReapRemove(Any.Id(r), Any.Partition(r), Any.Many(r, 4, static x => new ReapItem(
            Any.Key(x), x.Below(17), x.Next(), Any.Vector(x), Any.Vector(x, 3))), r.Next(), r.Next()),
        r => new ReapedIs(Any.Partition(r), r.Next()),
        r => new ReapedAsk(Any.Id(r), Any.Partition(r)),
        r => new ReapedReply(Any.Id(r), r.Next()),
        r => new FenceIs(Fence(r)),
        r => new MembershipDigest(Any.Text(r), r.Next()),
        r => new MembershipState(
            AnyHistory(r), Any.Many(r, 4, static x => new Standing(
                Any.Node(x), x.Next(), x.Next(), x.Next(), x.Next(), x.Next(), x.Next(), new NValSet((uint)x.Below(1 << 16)))), r.Chance(0.5),
            r.Chance(0.5) ? RingOwners.Of(AnyHistory(r).Fold().Current) : null),
        r => new LeaseAsk(Any.Id(r), Any.Partition(r), r.Next()),
        r => new LeaseReply(Any.Id(r), Any.Partition(r), r.Next(), r.Chance(0.5)),
    ];

    public static readonly ImmutableArray<Func<Prng, ClientRequest>> Requests =
    [
        r => new GetRequest(Any.Key(r), Any.GetOptions(r)),
        Put,
        r => new DeleteRequest(Any.Key(r), Any.Bytes(r, r.Below(40)), Any.PutOptions(r), Any.GetOptions(r)),
        r => new ListRequest(MaybeBucket(r), Any.MaybeSpan(r)),
        Increment,
        r => new OwnerReadRequest(Any.Key(r), r.Next(), r.Below(int.MaxValue), Any.GetOptions(r)),
    ];

    public static readonly ImmutableArray<Func<Prng, Outcome>> Outcomes =
    [
        r => new Found(Any.Siblings(r), Any.Bytes(r, r.Below(40))),
        r => new NotFound(Any.Bytes(r, r.Below(40)), r.Chance(0.5) ? null : (long)r.Next()),
        r => new Stored(Any.Bytes(r, r.Below(40)), Any.Siblings(r)),
        r => new Listing(MaybeBucket(r), Any.Many(r, 5, Name), r.Chance(0.5)),
        r => new Unavailable((QuorumKind)r.Below(5), r.Below(17), r.Below(17), r.Chance(0.5)),
        r => new TimedOut((QuorumKind)r.Below(5), r.Below(17), r.Below(17), r.Chance(0.5)),
        r => new TooLarge(Any.Text(r)),
        r => new BadContext(Any.Text(r)),
        r => new BadRequest(Any.Text(r)),
        r => new Overloaded(Any.Text(r)),
        r => new NotReady(Any.Text(r)),
        r => new OwnerRead(
            new ReadQuorum(r.Below(17), r.Below(17), r.Below(17), r.Chance(0.5), r.Chance(0.5)), r.Next(),
            r.Below(3) switch
            {
                0 => null,
                1 => new NotFound(Any.Bytes(r, r.Below(40)), r.Chance(0.5) ? null : (long)r.Next()),
                _ => new Found(Any.Siblings(r), Any.Bytes(r, r.Below(40))),
            }),
    ];

    public static byte[] Bytes(Message message)
    {
        var writer = new WireWriter(1);
        WireCodec.Write(writer, message);
        return writer.ToArray();
    }

    public static byte[] Frame(params Message[] messages)
    {
        var writer = new WireWriter(1);
        WireCodec.WriteFrame(writer, new NodeId("node1"), messages);
        return writer.ToArray();
    }

    private static PutRequest Put(Prng r) =>
        new(Any.Key(r), Any.Bytes(r, r.Below(40)), r.Chance(0.2) ? null : Any.Value(r), Any.PutOptions(r));

    private static MembershipHistory AnyHistory(Prng r)
    {
        var history = Membership.AnyMembership.History("a b:2 c:1:west", q: 8);
        for (var i = r.Below(3); i > 0; i--) history = Membership.AnyMembership.Then(history, $"join n{i}:{1 + r.Below(3)}");
        return history;
    }

    private static Fence Fence(Prng r) => r.Chance(0.2) ? default : new Fence(r.Next(), r.Below(1 << 30));

    private static int Place(Prng r) => r.Below(MerkleTree.Leaves);

    private static string? MaybeBucket(Prng r) => r.Chance(0.3) ? null : Any.Key(r).Bucket;

    private static IncrementRequest Increment(Prng r) => new(Any.Key(r), (long)r.Next(), Any.PutOptions(r));

    private static ReadOnlyMemory<byte> Name(Prng r) => Any.Bytes(r, r.Below(9));

    private static Key? MaybeKey(Prng r) => r.Chance(0.3) ? null : Any.Key(r);

    private static ImmutableSortedDictionary<string, PropertyEntry> Properties(Prng r)
    {
        var properties = ImmutableSortedDictionary.Create<string, PropertyEntry>(StringComparer.Ordinal);
        for (var i = r.Below(4); i > 0; i--)
            properties = properties.SetItem(
                Any.Key(r).Bucket, new PropertyEntry(r.Next(), Any.Node(r), r.Chance(0.3) ? null : Any.Properties(r)));
        return properties;
    }
}
