namespace Dynamo.Core.Tests;

/// <summary>Pins the cases and their numbers: whoever adds a case learns here what else there is to do.</summary>
public class WireTagTests
{
    private static readonly Type[] NeverLeaveTheirNode = 
    [
        typeof(CoordinateWrite), typeof(CoordinateWriteReply), typeof(ReapCandidates), typeof(ReapCandidatesReply),
        typeof(SyncKeys), typeof(GainsHeld), typeof(RequestsEnded), typeof(DropRows),
    ];

    [Fact]
    public void Every_case_has_a_tag_and_a_round_trip_sample()
    {
        AssertCases<MessageTag>(CasesOf<Message>().Except(NeverLeaveTheirNode), WireCases.Messages);
        AssertCases<RequestTag>(CasesOf<ClientRequest>(), WireCases.Requests);
        AssertCases<OutcomeTag>(CasesOf<Outcome>(), WireCases.Outcomes);
    }

    [Fact]
    public void Every_message_is_written_with_its_own_tag()
    {
        var random = new Prng(1);
        foreach (var make in WireCases.Messages)
        {
            var message = make(random);
            Assert.Equal(message.GetType().Name, ((MessageTag)WireCases.Bytes(message)[0]).ToString());
        }
    }

    [Fact]
    public void Numbers_never_change()
    {
        Assert.Equal(
            "ReplicaGet=1 ReplicaGetReply=2 ReplicaPut=3 ReplicaPutReply=4 ForwardPut=5 ForwardAccepted=6 "
            + "ForwardReply=7 Ping=8 Pong=9 GossipDigest=10 GossipState=11 ListPage=12 ListPageReply=13 "
            + "ForwardIncrement=14 IncrementTicket=15 "
            + "TreeGet=20 TreeGetReply=21 LeafGet=22 LeafGetReply=23 TreeDoubt=24 ReapAsk=25 ReapReply=26 "
            + "FenceIs=27 LeaseAsk=28 LeaseReply=29 "
            + "MembershipDigest=30 MembershipState=31 "
            + "ReapRemove=36 ReapedIs=37 ReapedAsk=38 ReapedReply=39 ReplicaDigest=40 ReplicaDigestReply=41",
            Numbers<MessageTag>());
        Assert.Equal("GetRequest=1 PutRequest=2 DeleteRequest=3 ListRequest=4 IncrementRequest=5 OwnerReadRequest=6", Numbers<RequestTag>());
        Assert.Equal(
            "Found=1 NotFound=2 Stored=3 Listing=4 Unavailable=5 TimedOut=6 TooLarge=7 BadContext=8 BadRequest=9 "
            + "Overloaded=10 NotReady=11 OwnerRead=12",
            Numbers<OutcomeTag>());

        // Enums whose numbers travel.
        Assert.Equal("Missing=0 Found=1 Corrupt=2 Failed=3", Numbers<StoreReadStatus>());
        Assert.Equal("None=0 StoreFailed=1 TooManySiblings=2 TooLarge=3 HintsFull=4 Fenced=5 Outdated=6 Departed=7 Overloaded=8", Numbers<WriteRefusal>());
        Assert.Equal("Write=0 ReadRepair=1 Handoff=2 AntiEntropy=3", Numbers<PutReason>());
        Assert.Equal("Ready=0 Building=1 Busy=2 Failed=3", Numbers<TreeStatus>());
        Assert.Equal(
            "Agree=0 Guard=1 Idle=2 IdleSync=3 Fence=4 Verify=5 Remove=6 Release=7", Numbers<ReapStage>());
        Assert.Equal("R=0 W=1 PR=2 PW=3 DW=4", Numbers<QuorumKind>());
    }

    [Fact]
    public void What_never_leaves_its_node_cannot_be_written()
    {
        var key = Key.Of("b", "k");
        Message[] local =
        [
            new CoordinateWrite(default, default, key, VersionVector.Empty, null, false, default),
            new CoordinateWriteReply(default, Record.Empty, VersionVector.Empty, WriteRefusal.None, ""),
            new ReapCandidates(default, default),
            new ReapCandidatesReply(default, default, []),
            new SyncKeys(default, []),
            new GainsHeld(1, NValSet.Of(3)),
            new RequestsEnded(1),
            new DropRows(default),
        ];
        Assert.Equal(NeverLeaveTheirNode, local.Select(static m => m.GetType()));
        foreach (var message in local)
        {
            var thrown = Assert.Throws<ArgumentException>(() => WireCodec.Write(new WireWriter(), message));
            Assert.Contains(message.GetType().Name, thrown.Message);
        }
    }

    private static IEnumerable<Type> CasesOf<T>()
    {
        var cases = typeof(T).Assembly.GetTypes().Where(static t => t.IsSubclassOf(typeof(T))).ToArray();
        Assert.All(cases, static t => Assert.True(t.IsSealed, $"{t.Name} is a case and must be sealed."));
        return cases;
    }

    private static void AssertCases<TTag>(IEnumerable<Type> cases, IEnumerable<Func<Prng, object>> samples)
        where TTag : struct, Enum
    {
        var names = cases.Select(static t => t.Name).Order().ToArray();
        Assert.Equal(names, Enum.GetNames<TTag>().Order());
        Assert.Equal(names, samples.Select(static make => make(new Prng(1)).GetType().Name).Order());
    }

    private static string Numbers<T>()
        where T : struct, Enum =>
        string.Join(' ', Enum.GetValues<T>().Select(static v => $"{v}={Convert.ToInt32(v)}"));
}
