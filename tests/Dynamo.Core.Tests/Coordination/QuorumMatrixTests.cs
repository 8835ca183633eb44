using Dynamo.Testing;
using Xunit.Abstractions;

namespace Dynamo.Core.Tests.Coordination;

/// <summary>
/// Every combination of the quorum settings at N = 3 against every set of replicas away, compared with a few lines of
/// arithmetic that know nothing of the machines. Sections 4.5 and 4.6 of the paper.
/// </summary>
public class QuorumMatrixTests(ITestOutputHelper output)
{
    private static readonly Key Existing = Key.Of("b", "existing");
    private static readonly Key Absent = Key.Of("b", "absent");

    // Three nodes: no fallback at all. Four: one. Six: one for every owner.
    public static TheoryData<int> Sizes => [3, 4, 6];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Puts_with_known_absences(int nodes)
    {
        var seen = new SortedDictionary<string, int>();
        foreach (var (cluster, away, at) in Absences(nodes))
        {
            var owners = cluster.Owners(Existing);
            var primaries = owners.Count(o => !away.Contains(o));
            var targets = Math.Min(3, nodes - away.Count);
            foreach (var (w, pw, dw) in Counts(1, 0, 0))
            {
                var key = Key.Of("b", "existing");
                var outcome = cluster.Put(at, key, "x", default, new PutOptions
                {
                    W = QuorumSize.Of(w), PW = QuorumSize.Of(pw), DW = QuorumSize.Of(dw),
                });
                var expected = pw > primaries ? $"Unavailable PW {pw}/{primaries}"
                    : w > targets ? $"Unavailable W {w}/{targets}"
                    : "Stored";
                Assert.Equal(expected, Describe(outcome));
                seen[expected.Split(' ')[0]] = seen.GetValueOrDefault(expected.Split(' ')[0]) + 1;
                Resolve(cluster, at, key);
            }
        }

        output.WriteLine(string.Join(", ", seen));
        Assert.True(seen["Stored"] > 50 && seen["Unavailable"] > 50);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Gets_with_known_absences(int nodes)
    {
        var seen = new SortedDictionary<string, int>();
        foreach (var (cluster, away, at) in Absences(nodes))
        {
            foreach (var key in new[] { Existing, Absent })
            foreach (var (r, pr, bits) in Counts(1, 0, 0))
            {
                var notFoundOk = (bits & 1) == 0;
                var basic = (bits & 2) != 0;
                var outcome = cluster.Get(at, key, new GetOptions
                {
                    R = QuorumSize.Of(r), PR = QuorumSize.Of(pr), NotFoundOk = notFoundOk, BasicQuorum = basic,
                });
                var primaries = cluster.Owners(key).Count(o => !away.Contains(o));
                var fallbacks = Math.Min(3, nodes - away.Count) - primaries;
                var expected = ExpectedGet(key == Existing, r, pr, notFoundOk, primaries, fallbacks);
                var actual = Describe(outcome);
                // A get that cannot succeed any more says so before the last answer is in, so it may have counted fewer.
                if (expected.EndsWith("/early", StringComparison.Ordinal))
                {
                    Assert.StartsWith($"Unavailable R {r}/", actual, StringComparison.Ordinal);
                    Assert.InRange(((Unavailable)outcome).Got, 0, primaries);
                }
                else
                {
                    Assert.Equal(expected, actual);
                }

                seen[expected.Split(' ')[0]] = seen.GetValueOrDefault(expected.Split(' ')[0]) + 1;
            }
        }

        output.WriteLine(string.Join(", ", seen));
        Assert.True(seen["Found"] > 50 && seen["NotFound"] > 50 && seen["Unavailable"] > 50);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Silent_replicas_are_replaced_within_the_request(int nodes)
    {
        var seen = new SortedDictionary<string, int>();
        foreach (var silent in Subsets(nodes))
        {
            // Nobody has noticed yet: the nodes fall silent at the very moment of the request.
            var cluster = Fresh(nodes);
            var owners = cluster.Owners(Existing);
            var at = owners.FirstOrDefault(o => !silent.Contains(o));
            if (at.IsNone) at = cluster.Nodes.First(n => !silent.Contains(n));
            foreach (var node in silent) cluster.Kill(node);
            var alive = nodes - silent.Count;
            var primaries = owners.Count(o => !silent.Contains(o));
            foreach (var (w, pw) in new[] { (1, 0), (2, 0), (3, 0), (1, 1), (2, 2), (3, 3) })
            {
                var probe = cluster.Begin(at, new PutRequest(
                    Existing, default, new Value(), new PutOptions { W = QuorumSize.Of(w), PW = QuorumSize.Of(pw), Timeout = TimeSpan.FromSeconds(2) }));
                cluster.RunUntil(() => probe.Count > 0, TimeSpan.FromSeconds(3));
                var expected = primaries >= pw && alive >= w ? "Stored" : "failure";
                var actual = probe.Single() is Stored ? "Stored" : "failure";
                Assert.Equal((expected, string.Join(",", silent), w, pw), (actual, string.Join(",", silent), w, pw));
                seen[expected] = seen.GetValueOrDefault(expected) + 1;
                Resolve(cluster, at, Existing);
            }
        }

        output.WriteLine(string.Join(", ", seen));
        Assert.True(seen["Stored"] > 10 && seen["failure"] > 0);
    }

    [Theory]
    [InlineData("r", 0)]
    [InlineData("r", 4)]
    [InlineData("pr", 4)]
    public void Counts_that_no_bucket_can_have_are_refused_for_gets(string name, int count)
    {
        var cluster = new VirtualCluster(3);
        var size = QuorumSize.Of(count);
        var outcome = cluster.Get(cluster.Nodes[0], Absent, name == "r" ? new GetOptions { R = size } : new GetOptions { PR = size });
        Assert.Contains($"{name} is {count}", Assert.IsType<BadRequest>(outcome).Sentence);
    }

    [Theory]
    [InlineData("w", 0)]
    [InlineData("w", 9)]
    [InlineData("pw", 4)]
    [InlineData("dw", 4)]
    public void Counts_that_no_bucket_can_have_are_refused_for_puts(string name, int count)
    {
        var cluster = new VirtualCluster(3);
        var size = QuorumSize.Of(count);
        var options = name switch
        {
            "w" => new PutOptions { W = size },
            "pw" => new PutOptions { PW = size },
            _ => new PutOptions { DW = size },
        };
        var outcome = cluster.Put(cluster.Nodes[0], Absent, "x", default, options);
        Assert.Contains($"{name} is {count}", Assert.IsType<BadRequest>(outcome).Sentence);
        Assert.IsType<NotFound>(cluster.Get(cluster.Nodes[0], Absent));
    }

    [Fact]
    public void N_is_how_many_replicas_hold_a_key()
    {
        var cluster = new VirtualCluster(nodes: 6);
        for (var n = 1; n <= 5; n++)
        {
            var bucket = $"bucket{n}";
            cluster.SetProperties(cluster.Nodes[0], bucket, new BucketProperties { NVal = n });
            cluster.Run(TimeSpan.FromSeconds(1));
            var key = Key.Of(bucket, "key");
            Assert.IsType<Stored>(cluster.Put(cluster.Nodes[n - 1], key, "x", default, new PutOptions { W = QuorumSize.All }));
            cluster.Run(TimeSpan.FromSeconds(1));
            var holders = cluster.Nodes.Where(node => cluster.Local(node, key).Siblings.Length == 1);
            Assert.Equal(cluster.Owners(key, n).Order(), holders);
        }
    }

    // The model. Fallbacks hold nothing here, so they only ever add "nothing" to the count.
    private static string ExpectedGet(bool exists, int r, int pr, bool notFoundOk, int primaries, int fallbacks)
    {
        if (pr > primaries) return $"Unavailable PR {pr}/{primaries}";
        if (r > primaries + fallbacks) return $"Unavailable R {r}/{primaries + fallbacks}";
        if (exists && primaries > 0)
        {
            var counting = primaries + (notFoundOk ? fallbacks : 0);
            return counting >= r ? "Found" : $"Unavailable R {r}/early";
        }

        return "NotFound";
    }

    private static VirtualCluster Fresh(int nodes)
    {
        var cluster = new VirtualCluster(nodes, settings: NodeSettings.Standard with { SiblingsMax = 4000 });
        Assert.IsType<Stored>(cluster.Put(cluster.Nodes[0], Existing, "x", default, new PutOptions { W = QuorumSize.All }));
        cluster.Run(TimeSpan.FromSeconds(1));
        return cluster;
    }

    // Every set of owners away, together with every number of fallbacks away; the asking node is one that is not.
    private static IEnumerable<(VirtualCluster Cluster, IReadOnlyList<NodeId> Away, NodeId At)> Absences(int nodes)
    {
        foreach (var away in Subsets(nodes))
        {
            var cluster = Fresh(nodes);
            foreach (var node in away) cluster.Kill(node);
            cluster.Run(TimeSpan.FromSeconds(6));
            yield return (cluster, away, cluster.Nodes.First(n => !away.Contains(n)));
        }
    }

    private static IEnumerable<IReadOnlyList<NodeId>> Subsets(int nodes)
    {
        var cluster = new VirtualCluster(nodes);
        for (var mask = 0; mask < (1 << nodes) - 1; mask++)
            yield return [.. cluster.Nodes.Where((_, i) => (mask >> i & 1) == 1)];
    }

    private static IEnumerable<(int A, int B, int C)> Counts(int a, int b, int c) =>
        from x in Enumerable.Range(a, 3 - a + 1) from y in Enumerable.Range(b, 3 - b + 1) from z in Enumerable.Range(c, 3 - c + 1) select (x, y, z);

    // Keeps the siblings of the blind puts from piling up over the combinations.
    private static void Resolve(VirtualCluster cluster, NodeId at, Key key)
    {
        var seen = cluster.Get(at, key, new GetOptions { R = QuorumSize.One });
        if (seen is Found { Siblings.Length: > 20 } found)
            cluster.Put(at, key, "x", found.Context, new PutOptions { W = QuorumSize.One });
    }

    private static string Describe(Outcome outcome) => outcome switch
    {
        Unavailable u => $"Unavailable {u.Kind} {u.Needed}/{u.Got}",
        TimedOut t => $"TimedOut {t.Kind} {t.Needed}/{t.Got}",
        _ => outcome.GetType().Name,
    };
}
