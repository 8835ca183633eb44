using Xunit.Abstractions;
using static Dynamo.Core.Tests.Membership.AnyMembership;

namespace Dynamo.Core.Tests.Membership;

/// <summary>One history and one ring everywhere, whatever was committed where. Section 4.8.1.</summary>
public class MembershipHistoryTests(ITestOutputHelper output)
{
    private const int Soups = 150;

    private readonly SortedDictionary<string, int> _seen = new(StringComparer.Ordinal);

    [Fact]
    public void A_new_cluster_has_the_ring_of_its_founding()
    {
        var founding = Founding("a b:2 c:1:west");
        var fold = MembershipHistory.Of(founding).Fold();
        Assert.Equal(Owners(founding.ToRing()), Owners(fold.Current.Ring));
        Assert.Equal(0, fold.Current.Number);
        Assert.Same(fold.Founded, fold.Versions.Single());
    }

    [Fact]
    public void What_makes_no_sense_where_it_stands_is_ignored_with_a_reason()
    {
        var history = History("a b").Then("join b", "leave x", "join c").Then("weight c 1").Then("leave a", "leave b")
            .Then("remove c", "replace c a").Then("leave a");
        var fold = history.Fold();
        Assert.Equal(
            [
                "b is a member already.", "x is not a member, so it cannot leave.", "c has the weight 1 already.",
                "c is the last member, so it cannot be removed.", "a is the last member, so it cannot leave.",
            ],
            fold.Steps.SelectMany(step => step.Ignored).Select(ignored => ignored.Why));
        Assert.Equal([true, false, true, true, false], fold.Steps.Select(step => step.IsEffective));
        Assert.Equal([0, 1, 2, 3], fold.Versions.Select(version => version.Number));
        Assert.Equal(Member("a"), fold.Members.Single());
        Assert.All(fold.Steps, step => Assert.True(step.IsAsPlanned));
    }

    [Fact]
    public void Administrators_on_both_sides_of_a_partition_are_both_heard()
    {
        var common = History("a b c").Then("join d");
        var left = common.Add(Commit(common, "a", "join e")).Then("weight a 2");
        var right = common.Add(Commit(common, "b", "join e:3", "leave c"));
        MembershipHistory one = left.Merge(right), other = right.Merge(left);
        Assert.Equal(one, other);
        Assert.Equal(one.Digest, other.Digest);
        Assert.Equal(Owners(one.Fold().Current.Ring), Owners(other.Fold().Current.Ring));
        // By time, then by node: "join e" of a, "join e:3, leave c" of b, "weight a 2" of a.
        Assert.Equal(["a:2", "b:1", "d:1", "e:1"], one.Fold().Members.Select(m => $"{m.Node}:{m.Weight}"));
        Assert.Equal([true, true, false, false], one.Fold().Steps.Select(step => step.IsAsPlanned));
        Assert.Equal("e is a member already.", one.Fold().Steps[2].Ignored.Single().Why);
        Assert.Equal(4, one.Fold().Current.Number);
    }

    [Fact]
    public void Two_commits_of_one_time_and_author_are_both_kept_in_one_order()
    {
        var common = History("a b c");
        MembershipCommit one = Commit(common, "a", "join d"), two = Commit(common, "a", "join e");
        Assert.NotEqual(one, two);
        Assert.Equal(common.Add(one).Add(two), common.Add(two).Add(one));
        Assert.Equal(5, common.Add(two).Add(one).Fold().Members.Length);
    }

    [Fact]
    public void Versions_that_were_placed_once_are_not_placed_again()
    {
        var history = History("a b c").Then("join d").Then("join e");
        var folded = history.Fold();
        Assert.Same(folded, history.Fold());
        var longer = history.Then("leave a");
        for (var i = 0; i < 3; i++) Assert.Same(folded.Versions[i], longer.Fold().Versions[i]);
        // Off the network, with a commit in between: what comes before it is taken over, from whichever side has it.
        var between = Afresh(longer).Add(Commit(2, "b", 0, [Change("weight b 2")]));
        var both = between.Merge(longer);
        foreach (var merged in new[] { longer.Merge(between), both, both.Then("join f") })
        {
            for (var i = 0; i < 3; i++) Assert.Same(folded.Versions[i], merged.Fold().Versions[i]);
            Assert.NotSame(longer.Fold().Versions[3], merged.Fold().Versions[3]);
        }
    }

    [Fact]
    public void Merging_what_adds_nothing_gives_the_same_value()
    {
        var history = History("a b c").Then("join d").Then("join e");
        Assert.Same(history, history.Merge(History("a b c")));
        Assert.Same(history, history.Merge(Afresh(history)));
        Assert.Same(history, history.Add(history.Commits[0]));
        Assert.Throws<InvariantException>(() => history.Merge(History("a b")));
    }

    [Fact]
    public void Any_soup_of_commits_merges_by_the_laws_and_folds_to_one_sound_ring()
    {
        for (var seed = 1; seed <= Soups; seed++)
        {
            var random = new Prng((ulong)seed);
            var founded = Founded(random);
            var sides = new[] { founded, founded, founded };
            for (var i = random.Below(10); i >= 0; i--)
            {
                var at = random.Below(3);
                sides[at] = sides[at].Add(Commit(random, sides[at]));
                // Some have folded on the way, some never.
                if (random.Chance(0.3)) sides[at].Fold();
                if (random.Chance(0.2)) sides[at] = sides[at].Merge(sides[random.Below(3)]);
            }

            MembershipHistory a = sides[0], b = sides[1], c = sides[2];
            var all = a.Merge(b).Merge(c);
            Assert.Equal(all, a.Merge(b.Merge(c)));
            Assert.Equal(all, c.Merge(a).Merge(b));
            Assert.Equal(a.Merge(b), b.Merge(a));
            Assert.Equal(a.Merge(b).Digest, b.Merge(a).Digest);
            Assert.Same(a, a.Merge(a));
            Assert.Equal(a.Equals(b), a.Digest == b.Digest);
            Count("merged three ways");
            if (!a.Equals(b)) Count("sides differed");

            var fold = all.Fold();
            foreach (var other in new[] { Afresh(all), c.Merge(b).Merge(a), a.Merge(b.Merge(c)) })
                Assert.Equal(Describe(fold), Describe(other.Fold()));
            foreach (var side in sides) Judge(seed, side.Fold());
            Judge(seed, fold);
        }

        foreach (var (what, count) in _seen) output.WriteLine($"{count,6} {what}");
        foreach (var needed in new[]
                 {
                     "sides differed", "effective Join", "effective Leave", "effective Remove", "effective Replace",
                     "effective Weigh", "ignored Join", "ignored Leave", "ignored Remove", "ignored Replace",
                     "ignored Weigh", "a last member kept", "not as planned", "a commit without effect",
                 })
            Assert.True(_seen.GetValueOrDefault(needed) >= 20, $"only {_seen.GetValueOrDefault(needed)} of {needed}");
    }

    private void Judge(int seed, MembershipFold fold)
    {
        var versions = fold.Versions;
        for (var i = 0; i < versions.Length; i++)
        {
            var version = versions[i];
            Assert.Equal(i, version.Number);
            Assert.NotEmpty(version.Ring.Members);
            foreach (var share in Placement.Shares(version.Ring.Members, version.Ring.PartitionCount))
            {
                var count = version.Ring.Share(share.Node);
                var isListed = version.Violations.Any(v => v.Demand == PlacementDemand.Shares && v.Node == share.Node);
                Assert.True(
                    isListed == (count < share.Floor || count > share.Ceiling),
                    $"seed {seed}, version {i}: {share} has {count}, listed: {isListed}");
            }
        }

        foreach (var step in fold.Steps)
        {
            foreach (var change in step.Commit.Changes)
            {
                var ignored = step.Ignored.FirstOrDefault(i => ReferenceEquals(i.Change, change));
                Count($"{(ignored is null ? "effective" : "ignored")} {change.GetType().Name}");
                if (ignored is null) continue;
                Assert.Matches("^[a-z0-9].*\\.$", ignored.Why);
                if (ignored.Why.Contains("last member")) Count("a last member kept");
            }

            if (!step.IsAsPlanned) Count("not as planned");
            if (!step.IsEffective) Count("a commit without effect");
        }
    }

    private static string Describe(MembershipFold fold) => string.Join('\n', fold.Steps.Select(step =>
        $"{step.Commit}|{step.IsAsPlanned}|{string.Join(';', step.Ignored.Select(i => i.Why))}|{step.After.Number}|"
        + $"{step.After.Digest}|{Owners(step.After.Ring)}|{string.Join(';', step.After.Ring.Members)}"));

    private void Count(string what) => _seen[what] = _seen.GetValueOrDefault(what) + 1;
}
