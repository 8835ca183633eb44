using static Dynamo.Core.Tests.Membership.AnyMembership;

namespace Dynamo.Core.Tests.Membership;

/// <summary>What may be staged, and in which sentence the rest is refused.</summary>
public class StagedChangesTests
{
    [Theory]
    [InlineData("a b c", "", "join d")]
    [InlineData("a b c", "", "join d:1024:west")]
    [InlineData("a b c", "", "leave c")]
    [InlineData("a b c", "", "remove c")]
    [InlineData("a", "", "replace a b")]
    [InlineData("a b c", "", "weight c 1024")]
    [InlineData("a", "join b", "leave a")]
    [InlineData("a b c", "replace c d; weight a 2", "leave b")]
    public void What_can_be_is_staged(string members, string staged, string change) =>
        Assert.Equal("", Stage(members, staged, change));

    [Theory]
    [InlineData("a b c", "", "join c", "c is a member already.")]
    [InlineData("a b c", "join d", "join d", "A change of d is staged already: d joins with weight 1.")]
    [InlineData("a b c", "leave b", "remove b", "A change of b is staged already: b leaves.")]
    [InlineData("a b c", "replace a d", "join d", "A change of d is staged already: a is replaced by d.")]
    [InlineData("a b c", "join d:2:west", "replace a d",
        "A change of d is staged already: d joins with weight 2 in zone west.")]
    [InlineData("a b c", "weight a 2", "weight a 3", "A change of a is staged already: a gets weight 2.")]
    [InlineData("a b c", "remove a", "weight a 3", "A change of a is staged already: a is removed.")]
    [InlineData("a b c", "", "leave x", "x is not a member, so it cannot leave.")]
    [InlineData("a b c", "", "remove x", "x is not a member, so it cannot be removed.")]
    [InlineData("a b c", "", "replace x d", "x is not a member, so it cannot be replaced.")]
    [InlineData("a b c", "", "replace a b", "b is a member already, so it cannot replace a.")]
    [InlineData("a b c", "", "replace a a", "a is a member already, so it cannot replace a.")]
    [InlineData("a b c", "", "weight x 2", "x is not a member, so it cannot get another weight.")]
    [InlineData("a b c", "", "weight a 1", "a has the weight 1 already.")]
    [InlineData("a b c", "", "weight a 0", "The weight of a is 0; it must be 1 to 1024.")]
    [InlineData("a b c", "", "weight a 1025", "The weight of a is 1025; it must be 1 to 1024.")]
    [InlineData("a b c", "", "join d:0", "The weight of d is 0; it must be 1 to 1024.")]
    [InlineData("a b c", "", "join d:1025", "The weight of d is 1025; it must be 1 to 1024.")]
    [InlineData("a b c", "", "join d/e", "A node's name must have 1 to 64 letters, digits, '-', '_' or '.'.")]
    [InlineData("a b c", "", "join d:1:we\u0007st", "The zone has unreadable characters.")]
    [InlineData("a b c", "", "join d:1:\uD800", "The zone has unreadable characters.")]
    [InlineData("a", "", "leave a", "a is the last member, so it cannot leave.")]
    [InlineData("a", "", "remove a", "a is the last member, so it cannot be removed.")]
    [InlineData("a b", "leave b", "leave a", "a is the last member, so it cannot leave.")]
    [InlineData("a b c d e f g h", "", "join i", "8 partitions are not enough for one member more, i.")]
    public void What_cannot_be_is_refused(string members, string staged, string change, string why) =>
        Assert.Equal(why, Stage(members, staged, change));

    [Fact]
    public void Texts_that_are_too_long_are_refused()
    {
        var join = new MembershipChange.Join(new RingMember(Node("d"), 1, new string('é', 129)), Origin);
        Assert.False(new StagedChanges().TryStage(join, History("a"), false, false, out var error));
        Assert.Equal("The zone must have at most 256 bytes.", error);
        var leave = new MembershipChange.Leave(Node("b"), Origin with { By = new string('x', 257) });
        Assert.False(new StagedChanges().TryStage(leave, History("a b"), false, false, out error));
        Assert.Equal("The name of who asked for the change must have at most 256 bytes.", error);
    }

    [Fact]
    public void A_reachable_node_is_removed_by_force_only()
    {
        var staged = new StagedChanges();
        var history = History("a b");
        Assert.False(staged.TryStage(Change("remove b"), history, isReachable: true, force: false, out var error));
        Assert.Equal(
            "b is reachable: let it leave, so that it hands over what it has, or force its removal.", error);
        Assert.False(staged.TryStage(Change("remove x"), history, isReachable: true, force: true, out error));
        Assert.Equal("x is not a member, so it cannot be removed.", error);
        Assert.True(staged.TryStage(Change("leave b"), history, isReachable: true, force: false, out _));
        staged.Clear();
        Assert.True(staged.TryStage(Change("remove b"), history, isReachable: true, force: true, out _));
        staged.Clear();
        Assert.True(staged.TryStage(Change("remove b"), history, isReachable: false, force: false, out _));
    }

    [Fact]
    public void Who_is_leaving_is_removed_when_it_dies_on_the_way_and_once_only()
    {
        var staged = new StagedChanges();
        var history = History("a b c").Then("leave c");
        Assert.False(staged.TryStage(Change("remove c"), history, isReachable: true, force: false, out var error));
        Assert.Equal("c is reachable and hands over what it has: let it finish, or force its removal.", error);
        Assert.True(staged.TryStage(Change("remove c"), history, isReachable: false, force: false, out _));
        var plan = MembershipPlan.Of(history, staged, static _ => null);
        Assert.Empty(plan.ReplicaMoves);
        Assert.Contains(
            "c is leaving already: what it has not handed over comes from the other owners, and what only it has is lost.",
            plan.Warnings);
        staged.Clear();
        foreach (var after in (string[])["remove c", "join c", "replace b c"])
        {
            var gone = history.Then(after);
            Assert.Equal(2, gone.Fold().Current.Number);
            Assert.Empty(gone.Fold().Leavers);
            Assert.Equal(gone.Fold().Leavers, Afresh(gone).Fold().Leavers);
        }

        Assert.False(staged.TryStage(Change("remove c"), history.Then("remove c"), false, true, out error));
        Assert.Equal("c is not a member, so it cannot be removed.", error);
    }

    [Fact]
    public void Nothing_refused_stays_and_clearing_forgets()
    {
        var staged = new StagedChanges();
        var history = History("a b c");
        Assert.True(staged.TryStage(Change("join d"), history, false, false, out _));
        Assert.False(staged.TryStage(Change("leave x"), history, false, false, out _));
        Assert.Equal(Change("join d"), staged.Changes.Single());
        staged.Clear();
        Assert.Empty(staged.Changes);
        Assert.True(staged.TryStage(Change("join d"), history, false, false, out _));
    }

    private static string Stage(string members, string staged, string change)
    {
        var history = History(members, q: 8);
        var changes = new StagedChanges();
        foreach (var earlier in staged.Split("; ", StringSplitOptions.RemoveEmptyEntries))
            Assert.True(changes.TryStage(Change(earlier), history, false, false, out var wrong), wrong);
        var isStaged = changes.TryStage(Change(change), history, false, false, out var error);
        Assert.Equal(error.Length == 0, isStaged);
        return error;
    }
}
