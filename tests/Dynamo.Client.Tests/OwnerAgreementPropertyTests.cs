using Dynamo.Core;
using Dynamo.Testing;
using Xunit.Abstractions;
using Record = Dynamo.Core.Record;

namespace Dynamo.Client.Tests;

/// <summary>
/// What owners agree on is what a node may answer that has heard the same of them, and never less than what was acknowledged before.
/// </summary>
public sealed class OwnerAgreementPropertyTests(ITestOutputHelper output)
{
    private static readonly NodeSettings Settings = NodeSettings.Standard with
    {
        SyncKeysPerSecond = 100_000, SyncPause = TimeSpan.FromMilliseconds(1), ReapEvery = TimeSpan.Zero,
    };

    [Fact]
    public void An_agreement_is_the_answer_of_a_node_that_has_heard_the_same_owners()
    {
        var random = new Prng(1);
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var cluster = new VirtualCluster(5, settings: Settings);
        Prepare(cluster);
        cluster.Wire = (_, _, message) => message is not (ReplicaPut or TreeGet) || random.Chance(0.8);
        for (var round = 0; round < 3000; round++)
        {
            var key = Key.Of(random.Chance(0.5) ? "plain" : "lww", $"k{random.Below(40)}");
            Change(cluster, key, random);
            if (random.Chance(0.3)) cluster.Run(TimeSpan.FromMilliseconds(random.Below(20)));
            var r = 1 + random.Below(3);
            var showUpTo = random.Chance(0.5) ? int.MaxValue : 3;
            var owners = cluster.Owners(key).ToList();
            var agreement = new OwnerAgreement(owners.Count);
            var heard = Record.Empty;
            foreach (var owner in Enumerable.Range(0, owners.Count).OrderBy(_ => random.Next()).ToList())
            {
                var request = new OwnerReadRequest(
                    key, 0, owner == 0 ? int.MaxValue : showUpTo, new GetOptions { R = QuorumSize.Of(r) });
                var word = cluster.Begin(owners[owner], request);
                cluster.RunUntil(() => word.Count > 0, TimeSpan.FromSeconds(1));
                // All goes on meanwhile: where something has come since the owner spoke, nobody knows any more what that was.
                var held = Held(cluster, owners[owner], key);
                if (word[0] is OwnerRead said && said.Versions != VersionsHash.Of(held)) continue;
                heard = heard.Merge(held);
                agreement.On(owner, word[0]);
                if (agreement.State == Agreement.Reached) break;
            }

            Note(agreement.State.ToString());
            if (agreement.State != Agreement.Reached) continue;
            Assert.True(agreement.Agreeing >= r);
            var expected = new ReadResult(null, heard, key.Bucket == "lww", default).ToOutcome(key, cluster.Contexts);
            Assert.Equal(expected.GetType(), agreement.Answer!.GetType());
            Assert.Equal(VirtualCluster.Texts(expected), VirtualCluster.Texts(agreement.Answer));
            Assert.Equal(VectorOf(cluster, key, expected), VectorOf(cluster, key, agreement.Answer));
            Note(agreement.Answer switch
            {
                Found { Siblings.Length: > 1 } => "siblings",
                Found => "one value",
                NotFound { DeletedAt: not null } => "tombstone",
                _ => "nothing",
            });
        }

        output.WriteLine(string.Join(", ", seen));
        foreach (var kind in (string[])["Reached", "Failed", "siblings", "one value", "tombstone", "nothing"])
            Assert.True(seen.GetValueOrDefault(kind) > 20, $"'{kind}' came {seen.GetValueOrDefault(kind)} times.");

        void Note(string kind) => seen[kind] = seen.GetValueOrDefault(kind) + 1;
    }

    [Fact]
    public void Whatever_ring_a_client_goes_by_an_agreement_shows_the_put_that_was_acknowledged_before()
    {
        var origin = new ChangeOrigin(new NodeId("n01"), "test", default);
        var (agreed, refused) = (new int[3], 0);
        for (var seed = 1UL; seed <= 3; seed++)
        {
            var random = new Prng(seed);
            var cluster = new VirtualCluster(4, seed, partitions: 16, settings: Settings);
            // The rings that some client may still go by: a client learns of one when it has come to its end.
            List<(ulong Version, Ring Ring)> rings = [(0, cluster.Ring)];
            MembershipChange[] changes =
            [
                new MembershipChange.Join(new RingMember(new NodeId("n05")), origin), new MembershipChange.Leave(new NodeId("n02"), origin),
            ];
            foreach (var change in changes)
            {
                var version = rings.Count;
                for (var i = 0; i < 50; i++) PutAndRead();
                if (change is MembershipChange.Join join) cluster.Add(join.Member.Node);
                Assert.Equal("", cluster.Change(new NodeId("n01"), false, change));
                while (!cluster.IsSettled(version)) PutAndRead();
                rings.Add(((ulong)version, cluster.Machine(new NodeId("n01")).Ring));
            }

            for (var i = 0; i < 50; i++) PutAndRead();

            void PutAndRead()
            {
                var key = Key.Of("plain", $"k{random.Below(30)}");
                var at = rings[^1].Ring.Nodes[random.Below(rings[^1].Ring.Nodes.Length)];
                var text = $"{random.Next()}";
                if (cluster.Put(at, key, text) is not Stored put) return;
                var (version, ring) = rings[random.Below(rings.Count)];
                var owners = ring.PreferenceList(ring.PartitionOf(key), 3);
                var agreement = new OwnerAgreement(owners.Length);
                foreach (var owner in Enumerable.Range(0, owners.Length).OrderBy(_ => random.Next()).ToList())
                {
                    if (!cluster.IsUp(owners[owner])) continue;
                    agreement.On(owner, cluster.Execute(owners[owner], new OwnerReadRequest(key, version, int.MaxValue, GetOptions.None)));
                    if (agreement.State != Agreement.Open) break;
                }

                if (agreement.State == Agreement.Reached)
                {
                    Assert.Contains(text, VirtualCluster.Texts(agreement.Answer!));
                    agreed[version]++;
                }
                else
                {
                    refused++;
                }

                // The pile stays small.
                cluster.Put(at, key, "x", VirtualCluster.ContextOf(cluster.Get(at, key)));
            }
        }

        output.WriteLine($"Agreed by the rings of {string.Join(", ", agreed)} gets; {refused} times not.");
        Assert.All(agreed, static count => Assert.True(count > 20, $"A ring has {count} agreements only."));
        Assert.True(refused > 50, $"Only {refused} gets met a change.");
    }

    private static void Prepare(VirtualCluster cluster)
    {
        cluster.SetProperties(cluster.Nodes[0], "lww", new BucketProperties { LastWriteWins = true });
        cluster.Run(TimeSpan.FromSeconds(10));
    }

    private static void Change(VirtualCluster cluster, Key key, Prng random)
    {
        var at = cluster.Nodes[random.Below(cluster.Nodes.Count)];
        switch (random.Below(6))
        {
            case 0 or 1:
                cluster.Put(at, key, $"{random.Below(10_000)}");
                break;
            case 2 or 3:
                cluster.Put(at, key, "x", VirtualCluster.ContextOf(cluster.Get(at, key)));
                break;
            case 4:
                cluster.Delete(at, key, VirtualCluster.ContextOf(cluster.Get(at, key)));
                break;
        }
    }

    // The owner's own row and what it keeps for others, as its replica tells it.
    private static Record Held(VirtualCluster cluster, NodeId owner, Key key) => cluster.Store(owner).HintsFor(key)
        .Aggregate(cluster.Local(owner, key), static (record, hint) => record.Merge(hint.Stored.Record));

    private static VersionVector? VectorOf(VirtualCluster cluster, Key key, Outcome outcome)
    {
        var token = VirtualCluster.ContextOf(outcome);
        if (token.IsEmpty) return null;
        Assert.True(cluster.Contexts.TryDecode(key, token.Span, out var context, out var error), error);
        return context.Vector;
    }
}
