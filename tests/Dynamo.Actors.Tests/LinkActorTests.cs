using Akka.Actor;
using Akka.Event;
using Akka.TestKit;
using Dynamo.Core;
using Dynamo.Telemetry;

namespace Dynamo.Actors.Tests;

/// <summary>What the link makes of messages, frames and chunks, and whom it believes.</summary>
public sealed class LinkActorTests : NodeTestKit
{
    private readonly TestProbe _wire;

    // With the standard settings, so that a name is held for longer than any test takes.
    public LinkActorTests()
        : base(NodeSettings.Standard)
    {
        _wire = CreateTestProbe();
        var wire = _wire.Ref;
        Sys.ActorOf(Props.Create(() => new Peers(wire)), "dynamo");
        AwaitAssert(() => Sys.ActorSelection("/user/dynamo/link").ResolveOne(TimeSpan.FromSeconds(1)).Wait());
    }

    [Fact]
    public void Messages_told_together_leave_in_one_frame_in_their_order()
    {
        var link = StartLink(Wiring);
        link.Tell(new ToNodes([.. Enumerable.Range(0, 100).Select(i => new Effect.Send(Node2, new Ping((ulong)i)))]));
        var frame = _wire.FishForMessage<LinkFrame>(static _ => true);
        var messages = Open(frame, out var from);
        Assert.Equal(Node1, from);
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => (ulong)i), messages.Cast<Ping>().Select(static p => p.Number));
    }

    [Fact]
    public void What_leaves_is_counted_by_its_purpose_and_in_frames()
    {
        var link = StartLink(Wiring);
        link.Tell(new ToNodes([new(Node2, new Ping(1)), new(Node2, new ReplicaGet(new RequestId(1), default, Key.Of("b", "k"))), new(Node2, new Ping(2))]));
        _wire.FishForMessage<LinkFrame>(static _ => true);
        AwaitAssert(() => Assert.Equal(new LinkCounts(1, 2, 1, 0), Wiring.Telemetry.Read().Link));
        link.Tell(new Effect.Send(Node2, new Ping(3)));
        AwaitAssert(() => Assert.Equal(new LinkCounts(1, 3, 1, 1), Wiring.Telemetry.Read().Link));
    }

    [Fact]
    public void A_message_larger_than_a_frame_comes_out_whole_at_the_other_end()
    {
        var sender = StartLink(Wiring);
        var other = Wire(Node2, incarnation: 1, identity: 8);
        var receiver = StartLink(other);
        var body = new byte[300_000];
        new Random(1).NextBytes(body);
        var value = new Sibling(new Dot(new ReplicaId(Node1, 1), 1), 1, new Value { Body = body });
        var record = Core.Record.Empty.Put(VersionVector.Empty, value, DotRange.Of(value.Dot));
        sender.Tell(new Effect.Send(Node2, new ReplicaGetReply(new RequestId(5), StoreReadStatus.Found, record)));
        for (var chunks = 0; chunks < 5; chunks++)
        {
            var chunk = _wire.FishForMessage<LinkChunk>(static _ => true);
            Assert.True(chunk.Bytes.Length <= Chunks.MaxBytes);
            receiver.Tell(chunk);
        }

        AwaitAssert(() => Assert.Equal(new LinkCounts(1, 0, 5, 0), Wiring.Telemetry.Link.Counts));

        var batch = Probe(other.Coordinator).ExpectMsg<FromNodeBatch>();
        Assert.Equal(Node1, batch.From);
        Assert.Equal(record, Assert.IsType<ReplicaGetReply>(Assert.Single(batch.Messages)).Record);
    }

    [Fact]
    public void A_record_passes_only_with_the_mark_that_this_node_has_given_out()
    {
        var link = StartLink(Wiring);
        var replicas = CreateTestProbe();
        Wiring.Replicas.Router = replicas.Ref;
        var put = new ReplicaPut(new RequestId(5), new PartitionId(3), Key.Of("b", "k"), Core.Record.Empty, default, PutReason.Write);
        link.Tell(FrameOf(Node2, 1, put));
        List<Message> said = [];
        _wire.FishForMessage<LinkFrame>(frame =>
        {
            said.AddRange(Open(frame, out _));
            return said.OfType<ReplicaPutReply>().Any();
        });
        Assert.Equal(WriteRefusal.Fenced, said.OfType<ReplicaPutReply>().Single().Refusal);
        var mark = said.OfType<FenceIs>().Distinct().Single().Fence;
        replicas.ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        link.Tell(FrameOf(Node2, 1, put with { Fence = mark }));
        Assert.Equal(mark, Assert.IsType<ReplicaPut>(replicas.ExpectMsg<ReplicaInput>().Message).Fence);
    }

    [Fact]
    public void Every_kind_of_message_goes_to_the_machine_that_takes_it()
    {
        var link = StartLink(Wiring);
        var replicas = CreateTestProbe();
        Wiring.Replicas.Router = replicas.Ref;
        var key = Key.Of("b", "k");
        link.Tell(FrameOf(Node2, 1,
            new ReplicaGet(new RequestId(1), new PartitionId(3), key),
            new ReplicaGet(new RequestId(1), new PartitionId(60_000), key),
            new ReplicaGetReply(new RequestId(2), StoreReadStatus.Missing, Core.Record.Empty),
            new ReplicaPutReply(new RequestId(RequestId.HandoffBit | 3), true, WriteRefusal.None, default),
            new ReplicaPutReply(new RequestId(3), true, WriteRefusal.None, default),
            new GossipDigest(Wiring.Founding.ClusterId, 1),
            new ListPage(new RequestId(4), [], "b", null),
            new Ping(9)));
        Assert.Equal(3, replicas.ExpectMsg<ReplicaInput>().Partition.Index);
        Assert.Equal(2, Probe(Wiring.Coordinator).ExpectMsg<FromNodeBatch>().Messages.Count);
        Assert.IsType<ReplicaPutReply>(Probe(Wiring.Handoff).ExpectMsg<FromNode>().Message);
        Assert.IsType<ListPage>(Probe(Wiring.Lister).ExpectMsg<FromNode>().Message);
        Assert.Equal(Node2, Probe(Wiring.RingActor).ExpectMsg<Heard>().Node);
        Assert.IsType<GossipDigest>(Probe(Wiring.RingActor).ExpectMsg<FromNode>().Message);
        // The mark first: a new process of a node does not know it, and what is forwarded without it is lost.
        var said = Open(_wire.FishForMessage<LinkFrame>(static _ => true), out _);
        Assert.IsType<FenceIs>(said[0]);
        Assert.Equal(9UL, Assert.IsType<Pong>(Assert.Single(said.Skip(1))).Number);
        // The partition that the ring does not have reached nobody.
        replicas.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void Strangers_liars_and_garbage_are_refused_and_counted_and_the_link_goes_on()
    {
        var link = StartLink(Wiring);
        link.Tell(FrameOf(Node2, 1, new Ping(1)));
        Probe(Wiring.RingActor).ExpectMsg<Heard>();
        LinkFrame[] bad =
        [
            new LinkFrame(new byte[] { 1, 2, 3 }),
            new LinkFrame(ReadOnlyMemory<byte>.Empty),
            Frame(Wire(Node3, 1, 9, Options(Node3, cluster: "other")), Node3, new Ping(1)),
            Frame(Wire(Node3, 1, 9, Options(Node3, key: "another")), Node3, new Ping(1)),
            Frame(Wire(Node2, 1), Node3, new Ping(1)),
            FrameOf(Node1, 1, new Ping(1)),
            FrameOf(new NodeId("nobody"), 1, new Ping(1)),
            FrameOf(Node2, 5, identity: 99, new Ping(1)),
            Garbage(Node3),
        ];
        foreach (var frame in bad) link.Tell(frame);
        link.Tell(new LinkChunk(new byte[] { 1 }));
        link.Tell(new LinkHello(new byte[] { 1 }));
        AwaitAssert(() => Assert.Equal(bad.Length + 2, Wiring.Counters()[CounterNames.InputsRefused]));
        link.Tell(FrameOf(Node3, 1, new GossipDigest("x", 1)));
        Probe(Wiring.RingActor).FishForMessage<FromNode>(static m => m.From == Node3);
    }

    [Fact]
    public void The_newer_process_of_a_node_is_believed_wherever_it_is_and_the_older_one_no_more()
    {
        var link = StartLink(Wiring);
        link.Tell(FrameOf(Node2, 5, new Ping(1)));
        Probe(Wiring.RingActor).ExpectMsg<Heard>();
        link.Tell(Frame(Wire(Node2, incarnation: 6), Node2, "akka.tcp://dynamo@10.0.0.9:9009", new Ping(1)));
        AwaitAssert(() => Assert.Equal("akka.tcp://dynamo@10.0.0.9:9009", Wiring.Peers[Node2].Address));
        link.Tell(FrameOf(Node2, 5, new Ping(1)));
        AwaitAssert(() => Assert.Equal(1, Wiring.Counters()[CounterNames.InputsRefused]));
        Assert.Equal("akka.tcp://dynamo@10.0.0.9:9009", Wiring.Peers[Node2].Address);
    }

    [Fact]
    public void That_others_refuse_this_node_is_said_once()
    {
        var link = StartLink(Wiring);
        Sys.EventStream.Subscribe(TestActor, typeof(Warning));
        foreach (var reason in (string[])["for a reason", "for a reason", "for another"])
        {
            var refusal = new WireWriter();
            refusal.Raw(LinkHead.Make(Wire(Node3, incarnation: 1), "there"));
            refusal.Text(reason);
            link.Tell(new LinkRefusal(refusal.ToArray()));
            link.Tell(new LinkRefusal(new byte[] { 1 }));
        }

        List<string> said = [];
        FishForMessage<Warning>(warning =>
        {
            said.Add($"{warning.Message}");
            return said[^1].Contains("for another", StringComparison.Ordinal);
        });
        Assert.Equal(
            ["node3 at there does not listen to this node: for a reason.", "node3 at there does not listen to this node: for another."],
            said.Where(static line => line.Contains("listen", StringComparison.Ordinal)));
    }

    [Fact]
    public void Where_a_node_is_that_no_configuration_names_is_known_again_after_a_restart()
    {
        NodeId joined = new("node4"), gone = new("node5");
        const string there = "akka.tcp://dynamo@10.0.0.4:9004";
        var link = StartLink(Wiring);
        link.Tell(new PeersAre([Node2, Node3, joined, gone], []));
        link.Tell(Frame(Wire(joined, incarnation: 3), joined, there, new Ping(1)));
        link.Tell(Frame(Wire(gone, incarnation: 3), gone, "akka.tcp://dynamo@10.0.0.5:9005", new Ping(1)));
        link.Tell(Frame(Wire(Node2, incarnation: 3), Node2, "akka.tcp://dynamo@10.0.0.2:9002", new Ping(1)));
        AwaitAssert(() => Assert.Equal("akka.tcp://dynamo@10.0.0.2:9002", Wiring.Peers[Node2].Address));
        link.Tell(new PeersAre([Node2, Node3, joined], []));
        AwaitAssert(() => Assert.DoesNotContain(gone, Wiring.Peers.Keys));

        var book = new AddressBook(Wiring, (ExtendedActorSystem)Sys);
        Assert.Equal(there, book.AddressOf(joined));
        Assert.Null(book.AddressOf(gone));
        // Whom the configuration names is sought there first, for it may have been corrected.
        Assert.Equal(Here.ToString(), book.AddressOf(Node2));
    }

    private IActorRef StartLink(NodeWiring wiring) => Sys.ActorOf(Props.Create(() => new LinkActor(wiring)));

    private LinkFrame FrameOf(NodeId node, ulong incarnation, params Message[] messages) => FrameOf(node, incarnation, 7, messages);

    private LinkFrame FrameOf(NodeId node, ulong incarnation, ulong identity, params Message[] messages) =>
        Frame(Wire(node, incarnation, identity), node, messages);

    private LinkFrame Frame(NodeWiring head, NodeId from, params Message[] messages) =>
        Frame(head, from, Here.ToString(), messages);

    private static LinkFrame Frame(NodeWiring head, NodeId from, string address, params Message[] messages)
    {
        var writer = new WireWriter();
        writer.Raw(LinkHead.Make(head, address));
        WireCodec.WriteFrame(writer, from, messages);
        return new LinkFrame(writer.ToArray());
    }

    private LinkFrame Garbage(NodeId node) =>
        new((byte[])[.. LinkHead.Make(Wire(node, 1), Here.ToString()), 1, 200, 200, 200]);

    private static List<Message> Open(LinkFrame frame, out NodeId from)
    {
        var reader = new WireReader(frame.Bytes.Span);
        LinkHead.Read(ref reader);
        Assert.True(WireCodec.TryReadFrame(frame.Bytes.Span[reader.Position..], out from, out var messages, out var error), error);
        return messages;
    }

    // What is sent to any peer's link in this test comes to /user/dynamo/link.
    private sealed class Peers : ReceiveActor
    {
        public Peers(IActorRef probe) => Context.ActorOf(Props.Create(() => new End(probe)), "link");
    }

    private sealed class End : ReceiveActor
    {
        public End(IActorRef probe) => ReceiveAny(message =>
        {
            if (message is not (LinkHello or LinkRefusal)) probe.Forward(message);
        });
    }
}
