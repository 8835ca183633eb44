using System.Collections.Immutable;
using Akka.Actor;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>What an administrator's question about the membership may touch; only while <see cref="RingActor"/> deals with it.</summary>
/// <param name="Membership">The membership.</param>
/// <param name="View">The cluster as last published.</param>
/// <param name="Effects">What follows from it.</param>
internal sealed record MembershipDesk(Membership Membership, ClusterView? View, Effects Effects)
{
    /// <summary>The membership at this moment, as values.</summary>
    public MembershipNow Now() => new(Membership.History, Membership.State, [.. Membership.Standings], Membership.Staged.Changes);

    /// <summary>Stages a change; the sentence is "" when it is staged.</summary>
    public string Stage(MembershipChange change, bool force) => Membership.Stage(change, View, force);

    /// <summary>What committing the staged changes would do.</summary>
    public MembershipPlan Plan() => Membership.Plan(View);

    /// <summary>Commits what a plan shows; the sentence is "" when it is on its way.</summary>
    public string Commit(MembershipPlan plan) => Membership.Commit(plan, Effects);
}

/// <summary>The membership as one node knows it at one moment.</summary>
/// <param name="History">Everything ever committed.</param>
/// <param name="Rings">Which rings the node works by.</param>
/// <param name="Standings">How far each node has come, as far as this one knows.</param>
/// <param name="Staged">What was asked for at this node and not committed yet.</param>
public sealed record MembershipNow(
    MembershipHistory History, RingState Rings, ImmutableArray<Standing> Standings, ImmutableArray<MembershipChange> Staged);

/// <summary>A question about the membership, asked on the ring actor's thread.</summary>
/// <param name="Answer">Looks and acts.</param>
/// <param name="Refuse">Told one sentence when there is no membership to look at.</param>
internal sealed record AskMembership(Action<MembershipDesk> Answer, Action<string> Refuse) : INoSerializationVerificationNeeded;

/// <summary>Whom the link may speak to and hear, besides this node.</summary>
/// <param name="Nodes">Whoever takes part.</param>
/// <param name="Departed">Whoever does no more: told so when it asks.</param>
internal sealed record PeersAre(IReadOnlyList<NodeId> Nodes, IReadOnlyList<NodeId> Departed) : INoSerializationVerificationNeeded;
