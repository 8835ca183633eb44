using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>The membership as one node knows it at one moment, for an administrator.</summary>
/// <param name="Settled">The ring that every node works by, or still reads by while another is coming.</param>
/// <param name="Next">The ring that is coming; null when none is.</param>
/// <param name="Digest">The digest of everything ever committed; a plan is good for one digest only.</param>
/// <param name="Commits">How many commits that is, 0 or more.</param>
/// <param name="TransfersLeft">Exchanges that the coming ring still needs at this node.</param>
/// <param name="Nodes">Every member of either ring, sorted by name.</param>
/// <param name="Staged">What was asked for at this node and not committed yet, in that order.</param>
public sealed record MembershipStatus(
    RingVersion Settled,
    RingVersion? Next,
    ulong Digest,
    int Commits,
    int TransfersLeft,
    ImmutableArray<MemberStanding> Nodes,
    ImmutableArray<MembershipChange> Staged)
{
    /// <summary>What a node's membership comes to; all that it is given are values.</summary>
    /// <param name="history">Everything ever committed.</param>
    /// <param name="rings">Which rings the node works by.</param>
    /// <param name="standings">How far each node has come, as far as this one knows.</param>
    /// <param name="transfersLeft">Exchanges still needed at this node.</param>
    /// <param name="staged">What is staged at this node.</param>
    public static MembershipStatus Of(
        MembershipHistory history, RingState rings, IEnumerable<Standing> standings, int transfersLeft,
        ImmutableArray<MembershipChange> staged)
    {
        var fold = history.Fold();
        var numbers = new Dictionary<ulong, int>();
        foreach (var version in fold.Versions) numbers[version.Digest] = version.Number;
        var said = standings.ToDictionary(static s => s.Node);
        var after = rings.Next?.Ring ?? rings.Settled.Ring;
        RingMember[] members = [.. rings.Settled.Ring.Members, .. after.Members];
        return new MembershipStatus(
            rings.Settled, rings.Next, history.Digest, history.Commits.Length, transfersLeft,
            [.. members.Select(static m => m.Node).Union(rings.Leaving).Order().Select(Row)], staged);

        MemberStanding Row(NodeId node)
        {
            var now = rings.Settled.Ring.Members.FirstOrDefault(m => m.Node == node);
            var then = after.Members.FirstOrDefault(m => m.Node == node);
            return new MemberStanding(
                node, (then ?? now)?.Zone ?? "", now?.Weight ?? 0, then?.Weight ?? 0,
                rings.Settled.Ring.Share(node), after.Share(node), StepOf(node));
        }

        MemberStep StepOf(NodeId node)
        {
            if (rings.Leaving.Contains(node)) return MemberStep.Leaving;
            if (rings.Next is not { } next) return MemberStep.Settled;
            if (rings.Gone.Contains(node)) return MemberStep.Gone;
            if (!said.TryGetValue(node, out var standing)) return MemberStep.Unaware;
            if (Number(standing.Settled) >= next.Number) return MemberStep.Settled;
            if (Number(standing.Switched) >= next.Number) return MemberStep.Switched;
            if (Number(standing.Confirmed) >= next.Number) return MemberStep.Complete;
            if (rings.MayTransfer) return MemberStep.Copying;
            return Number(standing.Acked) >= next.Number ? MemberStep.Aware : MemberStep.Unaware;
        }

        int Number(ulong digest) => numbers.GetValueOrDefault(digest);
    }
}

/// <summary>A node of the ring that is or of the one that is coming.</summary>
/// <param name="Node">The node.</param>
/// <param name="Zone">Its zone; empty when zones are not used.</param>
/// <param name="Weight">Its weight now; 0 while it is no member yet.</param>
/// <param name="WeightNext">Its weight under the coming ring; 0 when it goes.</param>
/// <param name="Partitions">Partitions it owns now.</param>
/// <param name="PartitionsNext">Partitions it owns under the coming ring; the same when none is coming.</param>
/// <param name="Step">How far it has come on the way to the coming ring.</param>
public sealed record MemberStanding(
    NodeId Node, string Zone, int Weight, int WeightNext, int Partitions, int PartitionsNext, MemberStep Step);

/// <summary>How far a node has come on the way to the ring that is coming, as far as another one knows.</summary>
public enum MemberStep
{
    /// <summary>It works by the newest ring alone.</summary>
    Settled,

    /// <summary>It has not said that it knows of the change: nothing is copied until it does.</summary>
    Unaware,

    /// <summary>It knows of the change and writes under both rings.</summary>
    Aware,

    /// <summary>It is copying what it gains, or comparing it.</summary>
    Copying,

    /// <summary>It holds all that it gains.</summary>
    Complete,

    /// <summary>It reads by the coming ring already, and writes under both.</summary>
    Switched,

    /// <summary>It is removed as dead or replaced: nothing is asked of it any more.</summary>
    Gone,

    /// <summary>It is in no ring any more and hands over what it still holds; it may be stopped for good when it is not listed any more.</summary>
    Leaving,
}

/// <summary>What became of something that was asked of the membership.</summary>
/// <param name="Value">What was asked for; null when it was refused or could not be done.</param>
/// <param name="Sentence">Why there is no value; empty when there is one.</param>
/// <param name="IsReady">False when the node cannot answer now whatever it is asked; a refusal comes from one that can.</param>
public sealed record MembershipAnswer<T>(T? Value, string Sentence = "", bool IsReady = true)
    where T : class;
