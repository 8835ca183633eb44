using System.Collections.Immutable;
using Akka.Cluster;
using Akka.Remote.TestKit;
using Dynamo.Core;
using Xunit;

namespace Dynamo.MultiNode.TestKit;

/// <content>What a spec waits for and asserts at this process's node. A condition has half a minute to come true.</content>
public abstract partial class PartitionSpec<TConfig>
{
    /// <summary>Akka's cluster as this process's node sees it: a hint that requests do not depend on.</summary>
    protected Cluster AkkaCluster => Cluster.Get(Dynamo.ActorSystem);

    /// <summary>Waits until an assertion holds.</summary>
    protected void Await(Action assertion) => AwaitAssert(assertion, Patience, LookEvery);

    /// <summary>Waits until this node reaches these nodes and no other, by its own evidence and Akka.Cluster's.</summary>
    protected void AwaitReachable(params RoleName[] nodes) => Await(() => Assert.Equal(
        nodes.Select(static n => n.Name).Order(StringComparer.Ordinal),
        Nodes.Where(n => Dynamo.View.IsReachable(NameOf(n))).Select(static n => n.Name).Order(StringComparer.Ordinal)));

    /// <summary>
    /// Akka.Cluster counts every member of the ring as up, though it may not reach them: nobody was downed, this process included,
    /// and nobody has left.
    /// </summary>
    protected void AssertNobodyGone()
    {
        Assert.False(AkkaCluster.IsTerminated, $"{Dynamo.Self} has left Akka's cluster");
        var members = AkkaCluster.State.Members;
        Assert.Contains(members, m => m.UniqueAddress.Equals(AkkaCluster.SelfUniqueAddress));
        Assert.All(members, static m => Assert.True(m.Status is MemberStatus.Up, m.ToString()));
        Assert.Equal(Dynamo.Ring.Members.Length, members.Count);
    }

    /// <summary>Waits until <see cref="AssertNobodyGone"/> holds: Akka takes in who was restarted in its own time.</summary>
    protected void AwaitNobodyGone() => Await(AssertNobodyGone);

    /// <summary>Whether this node is among the N owners of a key.</summary>
    protected bool Owns(Key key) =>
        Dynamo.Ring.PreferenceList(Dynamo.Ring.PartitionOf(key), Config.NVal).Contains(Dynamo.Self);

    /// <summary>
    /// The versions of a key in this node's own store, tombstones included. Looking repairs nothing, as a get would.
    /// </summary>
    protected ImmutableArray<Sibling> OwnSiblings(Key key) =>
        Dynamo.Store.Read(Dynamo.Ring.PartitionOf(key), key) is { Stored: { } stored } ? stored.Record.Siblings : [];

    /// <summary>
    /// Waits until this node's own store holds what it should of a key: exactly these texts if it is an owner, else nothing.
    /// </summary>
    protected void AwaitInOwnStore(Key key, params string[] texts) => Await(() => Assert.Equal(
        Owns(key) ? texts.Order(StringComparer.Ordinal) : [], Texts(OwnSiblings(key))));

    /// <summary>How many hints this node keeps for another.</summary>
    protected long HintsFor(RoleName owner) => Dynamo.Store.HintCount(NameOf(owner));

    /// <summary>Waits until this node keeps no hint for anybody.</summary>
    protected void AwaitNoHints() => Await(() => Assert.Empty(Dynamo.Store.HintOwners()));
}
