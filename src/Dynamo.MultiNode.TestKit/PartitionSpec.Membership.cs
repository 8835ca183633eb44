using Akka.Remote.TestKit;
using Dynamo.Actors;
using Dynamo.Core;
using Xunit;

namespace Dynamo.MultiNode.TestKit;

/// <content>Changes of the membership, as an administrator makes them at this process's node.</content>
public abstract partial class PartitionSpec<TConfig>
{
    /// <summary>Who asks for a change, for the changes that have no method here.</summary>
    protected ChangeOrigin Origin => new(Dynamo.Self, GetType().Name, default);

    /// <summary>The membership as this node knows it.</summary>
    protected MembershipNow Membership =>
        Wait(Dynamo.Membership()) ?? throw new InvalidOperationException($"{Dynamo.Self} has stopped.");

    /// <summary>A node that is no member yet joins.</summary>
    /// <param name="node">One of the nodes beside the founders; it has been started with them.</param>
    /// <param name="weight">Its weight, 1..1024.</param>
    protected MembershipChange Joins(RoleName node, int weight = 1) =>
        new MembershipChange.Join(new RingMember(NameOf(node), weight), Origin);

    /// <summary>Stages changes, plans and commits them at this node, which must succeed; run it on one node.</summary>
    /// <returns>The plan that is carried out from now on.</returns>
    protected MembershipPlan Commit(params MembershipChange[] changes)
    {
        foreach (var change in changes) Assert.Equal("", Wait(Dynamo.Stage(change, force: false)));
        var committed = Wait(Dynamo.Commit(static _ => ""));
        Assert.NotNull(committed);
        Assert.Equal("", committed.Item2);
        return committed.Item1;
    }

    /// <summary>
    /// Waits until this node works by one ring with exactly these members, and nobody who has left is still handing over.
    /// </summary>
    protected void AwaitRing(params RoleName[] members) => Await(() =>
    {
        var rings = Membership.Rings;
        Assert.True(rings.Next is null && rings.Leaving.IsEmpty, $"{Dynamo.Self} is between two rings");
        Assert.Equal(
            members.Select(NameOf).Order(), rings.Ring.Members.Select(static m => m.Node).Order());
    });
}
