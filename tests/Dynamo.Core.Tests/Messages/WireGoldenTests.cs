using System.Collections.Immutable;
using System.Text;

namespace Dynamo.Core.Tests;

/// <summary>
/// Pins the bytes of format version 2, written by hand from the descriptions in WireCodec and RecordCodec. When one
/// of these must change, nodes of two releases no longer understand each other, and stored records no longer load:
/// that takes a new version, not a new expectation.
/// </summary>
public class WireGoldenTests
{
    // 'text' stands for its ASCII bytes; everything else is hexadecimal.
    private const string Record =
        "01 00 05'node1' 0102030405060708 11 0E"               // clock: 1 range: new node, generation, 17..(17 + 14)
        + "02"                                                 // 2 siblings
        + "01 0102030405060708 12 00 00"                       // tombstone: node 1 again, counter 18, timestamp 0
        + "01 0102030405060708 1F 80897A 01"                   // value: counter 31, timestamp 1,000,000 zigzag
        + "0A'text/plain' 04'gzip' 01 04'lang' 02'en' 05'hello'";

    private static readonly ReplicaId Replica = new(new NodeId("node1"), 0x0102030405060708);

    private static readonly Value Hello = new()
    {
        ContentType = "text/plain",
        ContentEncoding = "gzip",
        Metadata = Value.NoMetadata.Add("lang", "en"),
        Body = Encoding.ASCII.GetBytes("hello"),
    };

    private static readonly Key Key = Key.Of("carts", "alice");

    private static readonly RequestId Id = new(300);

    [Fact]
    public void Record_and_ReplicaPut() => AssertFrame(
        "03 AC02 4D 05'carts' 05'alice' 6FF9AC5499EED7C6881FB5DCBCBB5F29" + Record
        + "05'node2' 02 00000000DEADBEEF 09",
        new ReplicaPut(
            Id, new PartitionId(77), Key, SampleRecord(), new NodeId("node2"), PutReason.Handoff, new Fence(0xDEADBEEF, 9)));

    [Fact]
    public void Replies_and_pings()
    {
        AssertFrame("02 AC02 01" + Record, new ReplicaGetReply(Id, StoreReadStatus.Found, SampleRecord()));
        AssertFrame("29 AC02 01 00000000DEADBEEF", new ReplicaDigestReply(Id, StoreReadStatus.Found, 0xDEADBEEF));
        AssertFrame("04 AC02 01 04 00", new ReplicaPutReply(Id, true, WriteRefusal.HintsFull, default));
        AssertFrame("08 FFFFFFFFFFFFFFFFFF01", new Ping(ulong.MaxValue));
        AssertFrame("0A 02'id' 00000000DEADBEEF", new GossipDigest("id", 0xDEADBEEF));
    }

    [Fact]
    public void ForwardPut_with_options() => AssertFrame(
        "05 AC02"
        + "02 05'carts' 05'alice' 02 ABCD 01 0A'text/plain' 04'gzip' 01 04'lang' 02'en' 05'hello'"
        + "01 02 03 00 01 A09C01 01"  // options given: w=all, pw=0, dw=default, timeout 1 ms in ticks, returnbody
        + "80DAC409"                  // 1 s in ticks
        + "00000000DEADBEEF 09",
        new ForwardPut(
            Id,
            new PutRequest(Key, new byte[] { 0xAB, 0xCD }, Hello, new PutOptions
            {
                W = QuorumSize.All,
                PW = QuorumSize.Zero,
                Timeout = TimeSpan.FromMilliseconds(1),
                ReturnBody = true,
            }),
            TimeSpan.FromSeconds(1),
            new Fence(0xDEADBEEF, 9)));

    [Fact]
    public void Increments()
    {
        AssertFrame(
            "0E AC02 00000000DEADBEEF"
            + "05 05'carts' 05'alice' 09 00"  // minus 5 zigzag, no options
            + "80DAC409",
            new ForwardIncrement(
                Id, 0xDEADBEEF, new IncrementRequest(Key, -5, PutOptions.None), TimeSpan.FromSeconds(1)));
        AssertFrame("0F AC02 00000000DEADBEEF", new IncrementTicket(Id, 0xDEADBEEF));
    }

    [Fact]
    public void Outcomes()
    {
        AssertFrame("07 AC02 05 01 02 01 01", new ForwardReply(Id, new Unavailable(QuorumKind.W, 2, 1, true)));
        AssertFrame("07 AC02 02 01 EE 01 03", new ForwardReply(Id, new NotFound(new byte[] { 0xEE }, -2)));
        AssertFrame(
            "07 AC02 03 00 01 00 05'node1' 0102030405060708 12 00 00",
            new ForwardReply(Id, new Stored(default, [new Sibling(new Dot(Replica, 18), 0, null)])));
    }

    [Fact]
    public void What_an_owner_holds()
    {
        var writer = new WireWriter();
        WireCodec.WriteRequest(writer, new OwnerReadRequest(Key, 300, 1024, new GetOptions { R = QuorumSize.One }));
        AssertBytes("06 05'carts' 05'alice' AC02 8008 01 04 00 00 00 00", writer.ToArray());
        AssertFrame(
            "07 AC02 0C 03 02 00 01 00 00000000DEADBEEF 01 02 01 EE 00",
            new ForwardReply(Id, new OwnerRead(new ReadQuorum(3, 2, 0, true, false), 0xDEADBEEF, new NotFound(new byte[] { 0xEE }, null))));
    }

    [Fact]
    public void An_owner_shows_nothing_but_what_a_get_finds()
    {
        // An owner's part inside an owner's part, which could go on without end.
        const string Part = "0C0302000100" + "00000000DEADBEEF";
        var reader = new WireReader(Convert.FromHexString(Part + "01" + Part + "00"));
        Assert.Null(WireCodec.ReadOutcome(ref reader));
        Assert.Contains("tag 12", reader.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Gossip_and_listing()
    {
        AssertFrame(
            "0B 02'id' 02 01'a' 07 05'node1' 00  01'b' 08 05'node2' 01 03 01 01 03 03 01 01 00 01 00  01",
            new GossipState(
                "id",
                ImmutableSortedDictionary<string, PropertyEntry>.Empty
                    .Add("a", new PropertyEntry(7, new NodeId("node1"), null))
                    .Add("b", new PropertyEntry(8, new NodeId("node2"), BucketProperties.Standard)),
                true));
        AssertFrame(
            "0D AC02 01 05'carts' 05'alice' 02 07 08 01 05'carts' 05'alice' 00",
            new ListPageReply(Id, [Key], [new PartitionId(7), new PartitionId(8)], Key, false));
    }

    [Fact]
    public void Trees()
    {
        AssertFrame("14 AC02 4D 03 02 02 00 FF1F", new TreeGet(Id, new PartitionId(77), 3, 2, [0, 4095]));
        AssertFrame("15 AC02 00 01 0102030405060708", new TreeGetReply(Id, TreeStatus.Ready, [0x0102030405060708]));
        AssertFrame(
            "16 AC02 4D 03 01 05 01 05'carts' 05'alice' F403",
            new LeafGet(Id, new PartitionId(77), 3, [5], Key, 500));
        AssertFrame(
            "17 AC02 00 01 05'carts' 05'alice' 00000000DEADBEEF 01",
            new LeafGetReply(Id, TreeStatus.Ready, [new LeafEntry(Key, 0xDEADBEEF)], Last: true));
        AssertFrame("18 4D", new TreeDoubt(new PartitionId(77)));
    }

    [Fact]
    public void Reaping()
    {
        const string Item = "05'carts' 05'alice' 6FF9AC5499EED7C6881FB5DCBCBB5F29 03 00000000DEADBEEF"
            + "01 00 05'node1' 0102030405060708 11 0E" + "00";
        AssertFrame(
            "19 AC02 01 4D 01" + Item,
            new ReapAsk(Id, ReapStage.Guard, new PartitionId(77),
                [new ReapItem(Key, 3, 0xDEADBEEF, VersionVector.Of(new DotRange(Replica, 17, 31)), VersionVector.Empty)]));
        AssertFrame("1A AC02 00000000DEADBEEF 09 01 05", new ReapReply(Id, 0xDEADBEEF, 9, [5]));
        AssertFrame("1C AC02 4D 00000000DEADBEEF", new LeaseAsk(Id, new PartitionId(77), 0xDEADBEEF));
        AssertFrame("1D AC02 4D 09 01", new LeaseReply(Id, new PartitionId(77), 9, HasLooked: true));
        AssertFrame("24 AC02 4D 00 09 0A", new ReapRemove(Id, new PartitionId(77), [], 9, 10));
        AssertFrame("25 4D 0A", new ReapedIs(new PartitionId(77), 10));
        AssertFrame("26 AC02 4D", new ReapedAsk(Id, new PartitionId(77)));
        AssertFrame("27 AC02 0A", new ReapedReply(Id, 10));
        AssertFrame("1B 00000000DEADBEEF 09", new FenceIs(new Fence(0xDEADBEEF, 9)));
    }

    [Fact]
    public void Context() => AssertBytes(
        // The checksum is from another implementation of SipHash. Then replica, timestamp 1,000,000 zigzag, vector.
        "02 D5DFAFE94D330E1F 05'node2' 80897A 01 00 05'node1' 0102030405060708 11 0E",
        new ContextCodec("key"u8).Encode(Key, SampleContext));

    [Fact]
    public void A_context_of_version_1_is_read()
    {
        // As it was when the checksum was an HMAC-SHA256; that is from another implementation, too.
        byte[] token =
        [
            .. Convert.FromHexString("0185CCF8C35C8A0FCE05"), .. "node2"u8, .. Convert.FromHexString("80897A010005"), .. "node1"u8,
            .. Convert.FromHexString("0102030405060708110E"),
        ];
        Assert.True(new ContextCodec("key"u8).TryDecode(Key, token, out var context, out var error), error);
        Assert.Equal(SampleContext, context);
        token[1] ^= 1;
        Assert.False(new ContextCodec("key"u8).TryDecode(Key, token, out _, out _));
    }

    private static CausalContext SampleContext =>
        new(VersionVector.Of(new DotRange(Replica, 17, 31)), new NodeId("node2"), 1_000_000);

    private static Record SampleRecord()
    {
        Assert.True(Core.Record.TryCreate(
            VersionVector.Of(new DotRange(Replica, 17, 31)),
            [new Sibling(new Dot(Replica, 18), 0, null), new Sibling(new Dot(Replica, 31), 1_000_000, Hello)],
            out var record));
        return record;
    }

    private static void AssertFrame(string expected, Message message) =>
        AssertBytes("02 05'node1' 01" + expected, WireCases.Frame(message));

    private static void AssertBytes(string expected, byte[] actual)
    {
        var bytes = new StringBuilder();
        var parts = expected.Split('\'');
        for (var i = 0; i < parts.Length; i++)
            bytes.Append(
                i % 2 == 0 ? parts[i].Replace(" ", "") : Convert.ToHexString(Encoding.ASCII.GetBytes(parts[i])));
        Assert.Equal(bytes.ToString(), Convert.ToHexString(actual));
    }
}
