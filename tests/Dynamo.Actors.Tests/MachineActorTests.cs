using Akka.Actor;
using Dynamo.Client;
using Dynamo.Core;
using static Dynamo.Actors.Tests.Requests;

namespace Dynamo.Actors.Tests;

/// <summary>Inputs become machine calls, effects become messages, deadlines become timers.</summary>
public sealed class MachineActorTests : NodeTestKit
{
    private static readonly Key Some = Key.Of("b", "k");

    [Fact]
    public async Task A_request_that_nobody_answers_ends_at_its_deadline()
    {
        var coordinator = Sys.ActorOf(Props.Create(() => new CoordinatorActor(Wiring)));
        coordinator.Tell(ViewOf(Wiring, Node2, Node3));
        var answer = new TaskAnswer();
        coordinator.Tell(new Ask(Get(Some), answer));
        var asked = Probe(Wiring.Link).ExpectMsg<ToNodes>();
        Assert.Equal([Node2, Node3], asked.Messages.Select(static m => m.To).Order());
        Assert.IsType<TimedOut>(await answer.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(1, Wiring.Counters()[CounterNames.GetErrors]);
    }

    [Fact]
    public async Task Answers_find_the_request_they_belong_to()
    {
        var coordinator = Sys.ActorOf(Props.Create(() => new CoordinatorActor(Wiring)));
        coordinator.Tell(ViewOf(Wiring, Node2, Node3));
        var answers = new[] { new TaskAnswer(), new TaskAnswer() };
        foreach (var answer in answers) coordinator.Tell(new Ask(Get(Some), answer));
        var first = (ReplicaGet)Probe(Wiring.Link).ExpectMsg<ToNodes>().Messages[0].Message;
        Probe(Wiring.Link).ExpectMsg<ToNodes>();
        var nothing = new ReplicaGetReply(first.Id, StoreReadStatus.Missing, Core.Record.Empty);
        coordinator.Tell(new FromNodeBatch(Node2, [nothing]));
        coordinator.Tell(new FromNode(Node3, nothing));
        Assert.Equal(NotFound.Nothing, await answers[0].Task.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.IsType<TimedOut>(await answers[1].Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task A_stopping_coordinator_leaves_nobody_waiting()
    {
        var coordinator = Sys.ActorOf(Props.Create(() => new CoordinatorActor(Wiring)));
        coordinator.Tell(ViewOf(Wiring, Node2, Node3));
        var answer = new TaskAnswer();
        coordinator.Tell(new Ask(Get(Some), answer));
        Probe(Wiring.Link).ExpectMsg<ToNodes>();
        Sys.Stop(coordinator);
        Assert.IsType<NotReady>(await answer.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void A_replica_answers_a_write_once_it_is_durable()
    {
        var replica = Sys.ActorOf(Props.Create(() => new ReplicaActor(Wiring, new PartitionId(0))));
        replica.Tell(Input(Node1, new CoordinateWrite(
            new RequestId(1), new PartitionId(0), Some, VersionVector.Empty, new Value(), false, default)));
        var reply = Assert.IsType<CoordinateWriteReply>(Probe(Wiring.Coordinator).ExpectMsg<FromNode>().Message);
        Assert.Equal(WriteRefusal.None, reply.Refusal);
        replica.Tell(Input(Node2, new ReplicaGet(new RequestId(2), new PartitionId(0), Some)));
        var sent = Assert.Single(Probe(Wiring.Link).ExpectMsg<ToNodes>().Messages);
        Assert.Equal((Node2, reply.Record), (sent.To, Assert.IsType<ReplicaGetReply>(sent.Message).Record));
    }

    [Fact]
    public void A_write_of_the_instance_before_a_restart_is_not_taken_for_one_of_its_own()
    {
        var replica = Sys.ActorOf(Props.Create(() => new ReplicaActor(Wiring, new PartitionId(0))));
        replica.Tell(new Written(new object(), new WriteId(1), WriteResult.Durable));
        replica.Tell(Input(Node2, new ReplicaGet(new RequestId(2), new PartitionId(0), Some)));
        Assert.IsType<ReplicaGetReply>(Assert.Single(Probe(Wiring.Link).ExpectMsg<ToNodes>().Messages).Message);
    }

    [Fact]
    public void A_mailbox_delivers_when_the_owner_is_back_and_removes_what_was_acknowledged()
    {
        var dot = new Dot(new ReplicaId(Node1, 1), 1);
        var record = Core.Record.Empty.Put(
            VersionVector.Empty, new Sibling(dot, 1, new Value()), new DotRange(dot.Replica, 1, 1));
        Wiring.Store.Enqueue(
            [new StoreChange.PutHint(new Hint(Node2, new PartitionId(0), Some, new StoredRecord(record, 1, 0), 1))], static _ => { });
        Wiring.View = ViewOf(Wiring, Node3);
        var handoff = Sys.ActorOf(Props.Create(() => new HandoffActor(Wiring)));
        Probe(Wiring.Link).ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        handoff.Tell(ViewOf(Wiring, Node2, Node3));
        var sent = Assert.Single(Probe(Wiring.Link).ExpectMsg<ToNodes>().Messages);
        var put = Assert.IsType<ReplicaPut>(sent.Message);
        Assert.Equal((Node2, PutReason.Handoff), (sent.To, put.Reason));
        handoff.Tell(new FromNode(Node2, new ReplicaPutReply(put.Id, true, WriteRefusal.None, default)));
        AwaitAssert(() => Assert.Equal(0, Wiring.Store.HintCount(Node2)));
    }

    [Fact]
    public void The_gateway_answers_batches_in_batches_and_sheds_what_is_too_much()
    {
        var wiring = Wire(Node1, 1, options: Options(Node1) with { Settings = Fast with { MaxRequestsInFlight = 2 } });
        wiring.View = ViewOf(wiring, Node2);
        var gateway = Sys.ActorOf(Props.Create(() => new ClientGateway(wiring)));
        gateway.Tell(new ClientRequests(Batch((11, Get(Some)), (12, Put(Some, "v")), (13, Get(Some)))), TestActor);
        Assert.IsType<Overloaded>(Assert.Single(Outcomes(), static o => o.Correlation == 13).Outcome);
        var asks = Probe(wiring.Coordinator).ExpectMsg<AskBatch>().Requests;
        Assert.Equal([Get(Some), Put(Some, "v")], asks.Select(static a => a.Request), new SameRequest());
        foreach (var ask in asks) ask.Answer.Give(NotFound.Nothing);
        var answered = Outcomes();
        while (answered.Count < 2) answered.AddRange(Outcomes());
        Assert.Equal([11UL, 12UL], answered.Select(static o => o.Correlation).Order());

        gateway.Tell(new ClientRequests(new byte[] { 9, 9 }), TestActor);
        AwaitAssert(() => Assert.Equal(1, wiring.Counters()[CounterNames.InputsRefused]));
        gateway.Tell(new RingRequest(null), TestActor);
        var ring = ExpectMsg<RingSnapshot>();
        Assert.Equal(wiring.Founding, ring.Founding);
        Assert.Equal([true, true, false], ring.Nodes.Select(static n => n.Reachable));
    }

    [Fact]
    public void The_door_lets_in_as_many_as_the_coordinator_last_allowed_and_counts_whom_it_turns_away()
    {
        var wiring = Wire(Node1, 1, options: Options(Node1) with { Settings = Fast with { MaxRequestsInFlight = 2 } });
        Assert.Null(wiring.Door.Enter());
        Assert.Null(wiring.Door.Look());
        Assert.Null(wiring.Door.Enter());
        Assert.NotNull(wiring.Door.Enter());
        Assert.NotNull(wiring.Door.Look());
        wiring.Door.Leave();
        Assert.Null(wiring.Door.Look());
        wiring.Door.Limit = 1;
        Assert.Contains("Nothing was done", wiring.Door.Enter()!.Sentence);
        Assert.Equal((3L, 3L), (wiring.Counters()[CounterNames.ShedAtDoor], wiring.Counters()[CounterNames.Rejected]));
    }

    [Fact]
    public void A_large_batch_of_a_client_and_a_large_answer_travel_in_chunks()
    {
        var gateway = Sys.ActorOf(Props.Create(() => new ClientGateway(Wiring)));
        var put = Put(Some, new string('x', 200_000));
        foreach (var chunk in Chunks.Split(1, Batch((5, put)), room: 0)) gateway.Tell(new ClientChunk(chunk), TestActor);
        var ask = Assert.Single(Probe(Wiring.Coordinator).ExpectMsg<AskBatch>().Requests);
        var value = Assert.IsType<PutRequest>(ask.Request).Value;
        Assert.Equal(put.Value, value);
        ask.Answer.Give(new Found([new Sibling(new Dot(new ReplicaId(Node1, 1), 1), 1, value)], default));
        var assembler = new ChunkAssembler<int>(1 << 20, 1 << 20, TimeSpan.FromSeconds(1));
        byte[]? whole = null;
        while (whole is null) assembler.Add(0, ExpectMsg<ClientChunk>().Bytes.Span, default, out whole, out _);
        Assert.True(ClientCodec.TryRead(whole, out List<(ulong, Outcome Outcome)> outcomes, out _, out _));
        Assert.Equal(value, Assert.Single(Assert.IsType<Found>(Assert.Single(outcomes).Outcome).Siblings).Value);
    }

    private static ReplicaInput Input(NodeId from, Message message) =>
        new(new PartitionId(0), from, message);

    private static byte[] Batch(params (ulong Correlation, ClientRequest Request)[] requests)
    {
        var writer = new WireWriter();
        ClientCodec.WriteHead(writer, requests.Length);
        foreach (var (correlation, request) in requests) ClientCodec.Write(writer, correlation, request);
        return writer.ToArray();
    }

    private List<(ulong Correlation, Outcome Outcome)> Outcomes()
    {
        Assert.True(ClientCodec.TryRead(
            ExpectMsg<ClientReplies>().Bytes.Span, out List<(ulong Correlation, Outcome Outcome)> outcomes, out _, out var error), error);
        return outcomes;
    }

    private sealed class SameRequest : IEqualityComparer<ClientRequest>
    {
        public bool Equals(ClientRequest? x, ClientRequest? y) => (x, y) switch
        {
            (GetRequest a, GetRequest b) => a.Key.Equals(b.Key),
            (PutRequest a, PutRequest b) => a.Key.Equals(b.Key) && a.Value!.Equals(b.Value),
            _ => false,
        };

        public int GetHashCode(ClientRequest obj) => 0;
    }
}
