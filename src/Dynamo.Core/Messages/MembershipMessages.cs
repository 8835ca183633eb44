using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Says what membership the sender holds [section 4.8.1]; equal digests need no exchange.</summary>
/// <param name="ClusterId">The cluster; another one is refused.</param>
/// <param name="Digest">A hash of the history and of how far every node has come with it.</param>
public sealed record MembershipDigest(string ClusterId, ulong Digest) : Message;

/// <summary>The sender's whole membership, to be merged.</summary>
/// <param name="History">Everything ever committed.</param>
/// <param name="Standings">How far each node has come, as the sender knows.</param>
/// <param name="WantsReply">Whether the sender asks for the receiver's membership in return.</param>
/// <param name="Settled">
/// The ring that the sender has settled on, placed, for a receiver that would have to place all rings before it; null where
/// that is the founding's, or one that the receiver is known to have.
/// </param>
public sealed record MembershipState(
    MembershipHistory History, ImmutableArray<Standing> Standings, bool WantsReply, RingOwners? Settled = null) : Message;

/// <summary>This node holds everything that it gains under a ring. It never leaves its node.</summary>
/// <param name="Digest">The ring's <see cref="RingVersion.Digest"/>.</param>
/// <param name="NVals">The n_vals whose replicas it holds.</param>
public sealed record GainsHeld(ulong Digest, NValSet NVals) : Message;

/// <summary>No get or put is under way that began before a stamp of this node's standing. It never leaves its node.</summary>
/// <param name="Stamp">The stamp.</param>
public sealed record RequestsEnded(ulong Stamp) : Message;

/// <summary>This node's rows of a partition have been compared with its present owners and may go. It never leaves its node.</summary>
/// <param name="Partition">The partition.</param>
public sealed record DropRows(PartitionId Partition) : Message;
