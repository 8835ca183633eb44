using Xunit.Abstractions;
using static Dynamo.Core.Tests.Membership.AnyMembership;

namespace Dynamo.Core.Tests.Membership;

/// <summary>What members own after changes. Sections 4.2 and 6.2.</summary>
public class MembershipSharesTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(64)]
    [InlineData(256)]
    public void Three_then_five_then_four_nodes_share_alike(int q)
    {
        var history = History("a b c", q);
        AssertFair(history);
        history = history.Then("join d", "join e");
        AssertFair(history);
        history = history.Then("leave b");
        AssertFair(history);
        Assert.Equal(4, history.Fold().Members.Length);
        // On four nodes every move may push another; nothing that lasts gives way.
        Assert.All(
            history.Fold().Versions.SelectMany(version => version.Violations),
            violation => Assert.Equal(PlacementDemand.Movement, violation.Demand));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(256)]
    [InlineData(4096)]
    public void Weights_of_one_two_and_four_own_shares_of_one_two_and_four(int q)
    {
        // Four of each, for with N = 3 nobody can own more than a third.
        var history = History("a b c d e f g h i j k l", q)
            .Then("weight b 2", "weight e 2", "weight h 2", "weight k 2")
            .Then("weight c 4", "weight f 4", "weight i 4", "weight l 4");
        AssertFair(history);
        var ring = history.Fold().Current.Ring;
        foreach (var member in ring.Members)
            Assert.InRange(
                ring.Share(member.Node), (int)(q * member.Weight / 28.0), (int)Math.Ceiling(q * member.Weight / 28.0));
    }

    [Fact]
    public void Three_equal_zones_hold_the_three_replicas_of_every_partition()
    {
        var history = History("a:1:x b:1:y c:1:z", 256)
            .Then("join d:1:x", "join e:1:y", "join f:1:z")
            .Then("replace e g");
        foreach (var version in history.Fold().Versions)
        {
            var zones = version.Ring.Members.ToDictionary(m => m.Node, m => m.Zone);
            for (var p = 0; p < 256; p++)
                Assert.Equal(
                    ["x", "y", "z"],
                    version.Ring.PreferenceList(new PartitionId(p), 3).Select(n => zones[n]).Order());
        }

        Assert.Equal("y", history.Fold().Members.Single(m => m.Node == Node("g")).Zone);
    }

    [Fact]
    public void A_replacement_takes_exactly_what_the_other_had()
    {
        int replaced = 0, violated = 0;
        for (var seed = 1; seed <= 150; seed++)
        {
            var random = new Prng((ulong)seed);
            var history = Founded(random);
            for (var i = random.Below(4); i > 0; i--) history = history.Add(Commit(random, history));
            var before = history.Fold().Current;
            var old = before.Ring.Members[random.Below(before.Ring.Members.Length)];
            // Before and after the others by name, for placement looks at nodes in the order of their names.
            var name = random.Chance(0.5) ? "0" : "zz";
            var after = history.Then($"replace {old.Node} {name}").Fold().Current;
            Assert.Equal(
                Owners(before.Ring).Split(' ').Select(owner => owner == old.Node.Name ? name : owner),
                Owners(after.Ring).Split(' '));
            Assert.Equal(old with { Node = Node(name) }, after.Ring.Members.Single(m => m.Node == Node(name)));
            // What gave way before gives way still, in the shares of the new name; nothing moves for it.
            Assert.DoesNotContain(after.Violations, v => v.Demand == PlacementDemand.Movement);
            Assert.Equal(
                before.Violations.Where(v => v.Demand != PlacementDemand.Movement)
                    .Select(v => (v.Demand, v.Got)).Order(),
                after.Violations.Select(v => (v.Demand, v.Got)).Order());
            replaced++;
            if (!after.Violations.IsEmpty) violated++;
        }

        output.WriteLine($"{replaced} replacements, {violated} of them on rings where something gives way.");
        Assert.InRange(violated, 10, replaced - 10);
    }

    [Fact]
    public void A_replacement_beside_other_changes_takes_the_place_before_they_are_placed()
    {
        var history = History("a b c d e", 256);
        var before = history.Fold().Current.Ring;
        var after = history.Then("replace b x", "join f").Fold().Current.Ring;
        AssertFair(history.Then("replace b x", "join f"));
        var moved = Enumerable.Range(0, 256).Select(p => new PartitionId(p))
            .Count(p => after.OwnerOf(p) != (before.OwnerOf(p) == Node("b") ? Node("x") : before.OwnerOf(p)));
        // The share of f and a few more; were b's partitions placed anew, 51 others would move too.
        Assert.InRange(moved, 42, 46);
    }

    private static void AssertFair(MembershipHistory history)
    {
        var ring = history.Fold().Current.Ring;
        foreach (var share in Placement.Shares(ring.Members, ring.PartitionCount))
            Assert.InRange(ring.Share(share.Node), share.Floor, share.Ceiling);
    }
}
