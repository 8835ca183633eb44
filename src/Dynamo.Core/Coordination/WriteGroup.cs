using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>The owners of a key by one ring, whom to write to for them, and how many must acknowledge.</summary>
/// <remarks>A put has one; while membership changes it has two, and is acknowledged when each of them has met its counts.</remarks>
/// <param name="Targets">Whom to write to.</param>
/// <param name="Quorum">The counts.</param>
public sealed record WriteGroup(ReplicaTargets Targets, WriteQuorum Quorum)
{
    /// <summary>The owners.</summary>
    public ImmutableArray<NodeId> Owners => Targets.Primaries;

    /// <summary>Whether a node is a member by the group's ring: one that is leaving counts for nothing by the ring that comes.</summary>
    public bool HasMember(NodeId node) => Owners.Contains(node) || Targets.Ring.IndexOf(node) >= 0;

    /// <summary>Why nothing can be written, when that is plain from the start; else null.</summary>
    public Unavailable? Refusal =>
        Targets.ReachablePrimaries < Quorum.PW ? new Unavailable(QuorumKind.PW, Quorum.PW, Targets.ReachablePrimaries)
        : Targets.Targets.Length < Quorum.W ? new Unavailable(QuorumKind.W, Quorum.W, Targets.Targets.Length)
        : null;
}
