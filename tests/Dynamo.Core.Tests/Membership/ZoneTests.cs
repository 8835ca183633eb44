using Dynamo.Testing;
using Xunit.Abstractions;
using static Dynamo.Core.Tests.Membership.AnyMembership;

namespace Dynamo.Core.Tests.Membership;

/// <summary>
/// Three zones, N = 3: whatever joins, leaves or changes its weight, every partition has an owner in each of them, so that
/// a zone that is cut off takes one owner of three. Section 4.6 (replicas in more than one data centre).
/// </summary>
public class ZoneTests(ITestOutputHelper output)
{
    private static readonly string[] Zones = ["x", "y", "z"];

    private readonly SortedDictionary<string, int> _seen = new(StringComparer.Ordinal);

    [Fact]
    public void Each_partition_has_an_owner_in_each_zone_after_every_change()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Prng((ulong)seed);
            var each = 1 + random.Below(3);
            var q = 64 << random.Below(3);
            var members = Enumerable.Range(0, 3 * each).Select(i => $"n{i:00}:1:{Zones[i % 3]}");
            var history = History(string.Join(' ', members), q);
            var isEven = random.Chance(0.5);
            for (var i = 0; i < 5; i++)
            {
                var ring = history.Fold().Current.Ring;
                history = history.Then(isEven ? Even(random, ring, i) : [One(random, ring, i)]);
            }

            Assert.All(history.Fold().Steps, step => Assert.Empty(step.Ignored));
            foreach (var version in history.Fold().Versions) Judge(seed, version, isEven);
        }

        foreach (var (what, count) in _seen) output.WriteLine($"{count,6} {what}");
        foreach (var needed in new[] { "join", "leave", "replace", "weight", "even rings", "uneven rings" })
            Assert.True(_seen.GetValueOrDefault(needed) >= 20, $"only {_seen.GetValueOrDefault(needed)} of {needed}");
    }

    [Fact]
    public void A_zone_that_is_cut_takes_quorum_from_no_key_before_or_after_the_ring_has_changed()
    {
        var settings = NodeSettings.Standard with { SyncKeysPerSecond = 100_000, SyncPause = TimeSpan.FromMilliseconds(1) };
        var cluster = new VirtualCluster(6, partitions: 64, settings: settings, zones: 3);
        CutEachZone(cluster);
        foreach (var (node, zone) in (ReadOnlySpan<(string, string)>)[("n07", "z1"), ("n08", "z2"), ("n09", "z0")])
        {
            cluster.Add(Node(node));
            Assert.Equal("", cluster.Change(Node("n01"), false, Change($"join {node}:3:{zone}")));
        }

        Assert.True(cluster.RunUntil(() => cluster.IsSettled(3), TimeSpan.FromMinutes(5)));
        CutEachZone(cluster);
        Assert.Equal("", cluster.Change(Node("n01"), false, Change("leave n04"), Change("leave n05"), Change("leave n06")));
        Assert.True(cluster.RunUntil(() => cluster.IsSettled(4), TimeSpan.FromMinutes(5)));
        foreach (var gone in (ReadOnlySpan<string>)["n04", "n05", "n06"]) cluster.Kill(Node(gone));
        CutEachZone(cluster);
    }

    private void Judge(int seed, RingVersion version, bool isEven)
    {
        Count(isEven ? "even rings" : "uneven rings");
        var zones = version.Ring.Members.ToDictionary(m => m.Node, m => m.Zone);
        for (var p = 0; p < version.Ring.PartitionCount; p++)
        {
            var owners = version.Ring.PreferenceList(new PartitionId(p), 3).Select(owner => zones[owner]).Order().ToArray();
            Assert.True(
                owners.SequenceEqual(Zones),
                $"seed {seed}, {version}: partition {p} lies in {string.Join(' ', owners)} of {string.Join(' ', version.Ring.Members)}");
        }

        Assert.DoesNotContain(version.Violations, violation => violation.Demand == PlacementDemand.DistinctZones);
        if (!isEven) return;
        // Where zones are equal, nothing stands between a node and its share.
        foreach (var share in Placement.Shares(version.Ring.Members, version.Ring.PartitionCount))
            Assert.InRange(version.Ring.Share(share.Node), share.Floor, share.Ceiling);
    }

    // The same change in each zone, so that they stay equal.
    private string[] Even(Prng random, Ring ring, int at)
    {
        var perZone = ring.Members.GroupBy(m => m.Zone).OrderBy(zone => zone.Key, StringComparer.Ordinal)
            .Select(zone => zone.OrderBy(m => m.Weight).ThenBy(m => m.Node).ToArray()).ToArray();
        var i = random.Below(perZone[0].Length);
        var weight = 1 + (perZone[0][i].Weight + random.Below(3)) % 4;
        switch (random.Below(4))
        {
            case 0 when perZone[0].Length > 1:
                Count("leave");
                return [.. perZone.Select(zone => $"leave {zone[i].Node}")];
            case 1 when weight != perZone[0][i].Weight:
                Count("weight");
                return [.. perZone.Select(zone => $"weight {zone[i].Node} {weight}")];
            case 2:
                Count("replace");
                return [$"replace {perZone[1][i].Node} r{at}"];
            default:
                Count("join");
                return [.. Zones.Select(zone => $"join j{at}{zone}:{weight}:{zone}")];
        }
    }

    // One change anywhere that leaves no zone empty.
    private string One(Prng random, Ring ring, int at)
    {
        var member = ring.Members[random.Below(ring.Members.Length)];
        switch (random.Below(4))
        {
            case 0 when ring.Members.Count(m => m.Zone == member.Zone) > 1:
                Count("leave");
                return $"leave {member.Node}";
            case 1:
                Count("weight");
                return $"weight {member.Node} {1 + (member.Weight % 4)}";
            case 2:
                Count("replace");
                return $"replace {member.Node} r{at}";
            default:
                Count("join");
                return $"join j{at}:{1 + random.Below(4)}:{member.Zone}";
        }
    }

    private static void CutEachZone(VirtualCluster cluster)
    {
        var put = new PutOptions { W = QuorumSize.Quorum, PW = QuorumSize.Quorum };
        var get = new GetOptions { R = QuorumSize.Quorum, PR = QuorumSize.Quorum };
        foreach (var zone in (ReadOnlySpan<string>)["z0", "z1", "z2"])
        {
            var members = cluster.Machine(Node("n01")).Ring.Members;
            NodeId[] cut = [.. members.Where(m => m.Zone == zone).Select(m => m.Node)];
            NodeId[] rest = [.. members.Select(m => m.Node).Except(cut)];
            cluster.Partition(cut, rest);
            cluster.Run(TimeSpan.FromSeconds(5));
            for (var i = 0; i < 100; i++)
            {
                var key = Key.Of("b", $"k{i}");
                Assert.IsType<Stored>(cluster.Put(rest[i % rest.Length], key, $"{zone}{i}", options: put));
                Assert.IsType<Found>(cluster.Get(rest[(i + 1) % rest.Length], key, get));
            }

            cluster.Heal();
            cluster.Run(TimeSpan.FromSeconds(10));
        }
    }

    private void Count(string what) => _seen[what] = _seen.GetValueOrDefault(what) + 1;
}
