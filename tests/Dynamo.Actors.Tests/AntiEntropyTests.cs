using System.Collections.Immutable;
using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors.Tests;

/// <summary>What the shells around the trees and the exchanges must not lose: views, deadlines, and all of it in a restart.</summary>
public sealed class AntiEntropyTests : NodeTestKit
{
    private static readonly Key Some = Key.Of("b", "k");

    [Fact]
    public async Task A_repair_asks_both_replicas_of_a_pair_for_their_trees()
    {
        Wiring.View = ViewOf(Wiring, Node2);
        var replicas = CreateTestProbe();
        Wiring.Replicas.Router = replicas.Ref;
        var worker = Sys.ActorOf(Props.Create(() => new MerkleSyncWorker(Wiring)));
        Assert.Equal(0, (await Ask(worker, static a => new RepairProgress(a))).PairsOfRepair);

        var begun = await Ask(worker, static a => new Repair(a));

        // Three nodes, each an owner of all sixteen partitions.
        Assert.Equal((32, 32, 32), (begun.Pairs, begun.PairsOfRepair, begun.PairsLeft));
        var mine = Assert.IsType<TreeGet>(replicas.ExpectMsg<ReplicaInput>().Message);
        var sent = Assert.Single(Probe(Wiring.Link).ExpectMsg<ToNodes>().Messages);
        var theirs = Assert.IsType<TreeGet>(sent.Message);
        Assert.Equal((Node2, mine.Partition, mine.NVal), (sent.To, theirs.Partition, theirs.NVal));
        var hashes = ImmutableArray.Create(new ulong[MerkleTree.FanOut]);
        worker.Tell(new FromNode(Node1, new TreeGetReply(mine.Id, TreeStatus.Ready, hashes)));
        worker.Tell(new FromNode(Node2, new TreeGetReply(theirs.Id, TreeStatus.Ready, hashes)));
        Assert.Equal(1, (await Ask(worker, static a => new RepairProgress(a))).Exchanges);
        Assert.Equal(1, Wiring.Counters()[CounterNames.Exchanges]);
    }

    [Fact]
    public async Task A_worker_that_failed_knows_the_cluster_again_and_that_it_has_forgotten_the_repair()
    {
        Wiring.View = ViewOf(Wiring, Node2, Node3);
        var worker = Sys.ActorOf(Props.Create(() => new MerkleSyncWorker(Wiring)));
        Assert.Equal(32, (await Ask(worker, static a => new Repair(a))).PairsOfRepair);
        worker.Tell(new Repair(null!));
        var after = await Ask(worker, static a => new RepairProgress(a));
        Assert.Equal((32, 0), (after.Pairs, after.PairsOfRepair));
        Assert.Equal(32, (await Ask(worker, static a => new Repair(a))).PairsLeft);
    }

    [Fact]
    public void A_replica_builds_its_tree_by_itself_also_after_it_has_failed()
    {
        Wiring.View = ViewOf(Wiring, Node2);
        var replica = Sys.ActorOf(Props.Create(() => new ReplicaActor(Wiring, new PartitionId(0))));
        Write(Tell);
        var root = RootOf(Tell, 3);
        Assert.NotEqual(0UL, root);
        replica.Tell(Input(new ReplicaGet(new RequestId(2), new PartitionId(0), null!)));
        Assert.Equal(root, RootOf(Tell, 3));

        void Tell(ReplicaInput input) => replica.Tell(input);
    }

    [Fact]
    public void Replicas_see_new_properties_and_survive_the_restart_of_their_router()
    {
        Wiring.View = ViewOf(Wiring, Node2);
        var router = Sys.ActorOf(Props.Create(() => new ReplicaRouter(Wiring)));
        Wiring.Replicas.Router = router;
        Write(Wiring.Replicas.Tell);
        var root = RootOf(Wiring.Replicas.Tell, 3);
        Assert.NotEqual(0UL, root);

        router.Tell(new ReplicaInput(new PartitionId(int.MaxValue), Node2, null!));
        Wiring.View = new ClusterView(
            Node1, Wiring.Ring, static _ => true,
            Wiring.View.Properties.Add("b", new PropertyEntry(1, Node1, BucketProperties.Standard with { NVal = 2 })));

        Assert.Equal(root, RootOf(Wiring.Replicas.Tell, 2));
        Assert.Equal(0UL, RootOf(Wiring.Replicas.Tell, 3));
    }

    private static ReplicaInput Input(Message message) => new(new PartitionId(0), Node2, message);

    private static async Task<SyncProgress> Ask(IActorRef worker, Func<ProgressAnswer, object> question)
    {
        var answer = new ProgressAnswer();
        worker.Tell(question(answer));
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private void Write(Action<ReplicaInput> tell)
    {
        var dot = new Dot(new ReplicaId(Node2, 1), 1);
        var record = Core.Record.Empty.Put(VersionVector.Empty, new Sibling(dot, 1, new Value()), new DotRange(dot.Replica, 1, 1));
        tell(Input(new ReplicaPut(new RequestId(1), new PartitionId(0), Some, record, default, PutReason.Write)));
        Probe(Wiring.Link).FishForMessage<ToNodes>(static m => m.Messages[0].Message is ReplicaPutReply { Durable: true });
    }

    // Asks until the tree is built.
    private ulong RootOf(Action<ReplicaInput> tell, int nVal)
    {
        while (true)
        {
            tell(Input(new TreeGet(new RequestId(9), new PartitionId(0), nVal, 0, [0])));
            var reply = Assert.IsType<TreeGetReply>(Assert.Single(Probe(Wiring.Link).ExpectMsg<ToNodes>().Messages).Message);
            if (reply.Status == TreeStatus.Ready) return reply.Hashes.Aggregate(0UL, static (sum, hash) => sum + hash);
            Assert.Equal(TreeStatus.Building, reply.Status);
        }
    }
}
