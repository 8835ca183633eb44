using Xunit.Abstractions;
using static Dynamo.Core.Tests.Membership.AnyMembership;

namespace Dynamo.Core.Tests.Membership;

/// <summary>What a plan shows is what the commit then does.</summary>
public class MembershipPlanTests(ITestOutputHelper output)
{
    [Fact]
    public void The_table_names_every_node_and_what_becomes_of_it()
    {
        var plan = Plan(
            History("a:2:x b:1:y c:1:z d:1:x e:1:y f:1:z"),
            "join g:1:x", "leave b", "remove c", "replace d h", "weight a 1");
        Assert.Equal(
            [
                "a x 2>1 Staying", "b y 1>0 Leaving", "c z 1>0 Removed", "d x 1>0 Replaced", "e y 1>1 Staying",
                "f z 1>1 Staying", "g x 0>1 Joining", "h x 0>1 Joining",
            ],
            plan.Nodes.Select(n => $"{n.Node} {n.Zone} {n.WeightBefore}>{n.WeightAfter} {n.State}"));
        Assert.Equal(64, plan.Nodes.Sum(n => n.Before));
        Assert.Equal(64, plan.Nodes.Sum(n => n.After));
        Assert.All(plan.Nodes, n => Assert.Equal(plan.Transition.From.Share(n.Node), n.Before));
        Assert.All(plan.Nodes, n => Assert.Equal(plan.Transition.To.Share(n.Node), n.After));
    }

    [Fact]
    public void Random_plans_come_true()
    {
        int moves = 0, replicas = 0, unknown = 0, orphans = 0;
        for (var seed = 1; seed <= 80; seed++)
        {
            var random = new Prng((ulong)seed);
            var history = Founded(random);
            if (random.Chance(0.5)) history = history.Add(Commit(random, history));
            var staged = new StagedChanges();
            for (var i = 0; i < 8; i++) staged.TryStage(Change(random), history, random.Chance(0.5), true, out _);
            var sizes = random.Chance(0.2) ? -1 : random.Below(1000);
            var plan = MembershipPlan.Of(history, staged, p => sizes < 0 ? null : new PartitionSize(sizes, sizes + p.Index));
            Assert.Equal(staged.Changes.AsEnumerable(), plan.Changes);
            if (plan.Changes.IsEmpty) continue;
            Assert.True(plan.TryCommit(history, history.Lamport + 1, Node("a"), out var commit, out var error), error);
            Assert.Equal(plan.BasedOn, commit.PlannedOn);
            var before = history.Fold().Current;
            var after = history.Add(commit).Fold();
            Assert.True(after.Steps[^1].IsAsPlanned);
            Assert.Equal(Owners(after.Current.Ring), Owners(plan.Transition.To));
            Assert.Equal(after.Current.Violations.AsEnumerable(), plan.Violations);

            // Whoever follows the moves gets from the old ring to the new one.
            var owners = Owners(before.Ring).Split(' ');
            foreach (var move in plan.OwnerMoves)
            {
                Assert.Equal(owners[move.Partition.Index], move.From.Name);
                owners[move.Partition.Index] = move.To.Name;
            }

            Assert.Equal(Owners(after.Current.Ring), string.Join(' ', owners));
            var n = history.Founding.TargetNVal;
            foreach (var move in plan.ReplicaMoves)
            {
                var held = before.Ring.PreferenceList(move.Partition, n);
                Assert.DoesNotContain(move.To, held);
                Assert.Contains(move.To, after.Current.Ring.PreferenceList(move.Partition, n));
                var removed = staged.Changes.OfType<MembershipChange.Remove>().Select(r => r.Node).ToArray();
                if (move.From.IsNone) Assert.Empty(held.Except(removed));
                else Assert.Contains(move.From, held.Except(removed));
                if (move.From.IsNone) orphans++;
            }

            Assert.Equal(
                plan.Nodes.Sum(row => plan.Transition.Gains(row.Node).Count), plan.ReplicaMoves.Distinct().Count());
            Assert.Equal(plan.ReplicaMoves.Any(m => m.From.IsNone), plan.Warnings.Any(w => w.Contains("is lost")));
            Assert.Equal(
                sizes < 0 && !plan.ReplicaMoves.IsEmpty
                    ? null
                    : new PartitionSize(
                        plan.ReplicaMoves.Length * (long)sizes, plan.ReplicaMoves.Sum(m => (long)sizes + m.Partition.Index)),
                plan.ToMove);
            moves += plan.OwnerMoves.Length;
            replicas += plan.ReplicaMoves.Length;
            if (plan.ToMove is null) unknown++;
        }

        output.WriteLine($"{moves} owners, {replicas} replicas moved, {orphans} from nobody; {unknown} without size.");
        Assert.True(moves > 200 && replicas > 200 && orphans > 10 && unknown > 3);
    }

    [Fact]
    public void A_commit_is_refused_in_a_sentence()
    {
        var history = History("a b c").Then("join d");
        var plan = Plan(history, "join e");
        Assert.Equal("", Refusal(plan, history, 2));
        Assert.Equal("", Refusal(plan, Afresh(history), 7));
        Assert.Equal("The Lamport time 1 is not above 1, the highest in the history.", Refusal(plan, history, 1));
        Assert.Equal(
            "The membership has changed since this plan was made; look at a new plan before committing.",
            Refusal(plan, history.Then("leave a"), 9));
        Assert.StartsWith("The Lamport time is 9223372036854775808; ", Refusal(plan, history, 1UL << 63));
        Assert.Equal("Nothing is staged.", Refusal(Plan(history), history, 2));
        Assert.False(plan.TryCommit(history, 2, default, out _, out var error));
        Assert.Equal("The author of the commit has no proper name.", error);
    }

    [Fact]
    public void What_was_overtaken_is_shown_and_left_out_of_the_commit()
    {
        var history = History("a b c");
        var staged = Stage(history, "join d", "join e");
        var later = history.Then("join d");
        var plan = MembershipPlan.Of(later, staged, static _ => null);
        Assert.Equal("d is a member already.", plan.Ignored.Single().Why);
        Assert.Contains("\"d joins with weight 1\" will have no effect: d is a member already.", plan.Warnings);
        Assert.True(plan.TryCommit(later, 2, Node("b"), out var commit, out _));
        Assert.Equal(Change("join e"), commit.Changes.Single());
        Assert.Equal(
            "None of the staged changes would have an effect any more.",
            Refusal(MembershipPlan.Of(later, Stage(history, "join d"), static _ => null), later, 2));
    }

    [Theory]
    [InlineData("a b c", 3, "leave c", "The ring will have 2 nodes, fewer than target_n_val, 3: every node holds "
        + "everything, and there are fewer replicas than asked for.")]
    [InlineData("a:1:x b:1:x c:1:x", 3, "join d:1:y", "The nodes stand in 2 zones, fewer than target_n_val, 3: "
        + "some replicas of a key share a zone.")]
    [InlineData("a:1:x b:1:y c:1:z", 3, "join d", "No zone is set for 1 node of 4; all without one count as one zone.")]
    [InlineData("a b", 1, "remove b",
        "All replicas of 4 partitions are on nodes that are removed: what only these have is lost.")]
    [InlineData("a:1024 b", 1, "weight b 2", "1 node will own no partition.")]
    public void The_administrator_is_warned(string members, int n, string change, string warning) =>
        Assert.Equal(warning, Plan(History(members, 8, n), change).Warnings.Single());

    [Fact]
    public void A_plan_of_an_easy_join_has_nothing_to_say()
    {
        var plan = Plan(History("a b c d e", 256), "join f");
        Assert.Empty(plan.Warnings);
        Assert.Empty(plan.Violations);
        Assert.Equal(plan.Transition.Gains(Node("f")).Count, plan.ReplicaMoves.Count(m => m.To == Node("f")));
        Assert.Null(plan.ToMove);
    }

    private static StagedChanges Stage(MembershipHistory history, params string[] changes)
    {
        var staged = new StagedChanges();
        foreach (var change in changes)
            Assert.True(staged.TryStage(Change(change), history, false, false, out var error), error);
        return staged;
    }

    private static MembershipPlan Plan(MembershipHistory history, params string[] changes) =>
        MembershipPlan.Of(history, Stage(history, changes), static _ => null);

    private static string Refusal(MembershipPlan plan, MembershipHistory history, ulong lamport)
    {
        var isMade = plan.TryCommit(history, lamport, Node("a"), out var commit, out var error);
        Assert.Equal(error.Length == 0, isMade);
        Assert.Equal(isMade, commit is not null);
        return error;
    }
}
