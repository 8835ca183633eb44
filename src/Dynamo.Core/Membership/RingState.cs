using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Which rings a node works by at one moment.</summary>
/// <remarks>
/// <code>
///                 reads by   writes by       until
///   settled       R0         R0              a commit makes R1
///   moving        R0         R0 and R1       every gainer holds all that it gains
///   switched      R1         R0 and R1       every node reads by R1
///   settled       R1         R1
/// </code>
/// No two nodes are ever further apart than one row. So a write by any of them is in the ring that any other reads by.
/// A node that has left hands over its rows and hints when all others have settled without it, and says so (<see cref="Standing.Departed"/>).
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.8.2 and 4.9.
/// </remarks>
/// <param name="Settled">The ring that is left behind only when all have switched.</param>
/// <param name="Next">The ring that is coming; null when none is.</param>
/// <param name="ReadsNext">Whether this node reads by the coming ring already.</param>
/// <param name="MayTransfer">Whether every participant writes under the coming ring, so that what is copied now stays complete.</param>
/// <param name="Gone">Nodes that the coming ring or one after it removes as dead: nothing is asked of them.</param>
/// <param name="Leaving">Nodes that have left the settled ring and still hold what they have not handed over.</param>
/// <param name="IsSealed">
/// Whether this node was a member and is none any more, and nobody works by a ring with it: it takes in nothing more.
/// </param>
/// <param name="Stamp">The stamp of this node's own standing that all this follows from.</param>
/// <param name="NVals">The n_vals whose replicas must have moved before the coming ring is read by.</param>
public sealed record RingState(
    RingVersion Settled, RingVersion? Next, bool ReadsNext, bool MayTransfer, ImmutableArray<NodeId> Gone,
    ImmutableArray<NodeId> Leaving, bool IsSealed, ulong Stamp, NValSet NVals)
{
    /// <summary>Why this node takes no requests, one sentence; empty when it takes them.</summary>
    public string Absence { get; init; } = "";

    /// <summary>Whether this node remembers nothing and has heard nobody yet: its ring may long be another one, so requests wait.</summary>
    public bool IsAsking { get; init; }

    /// <summary>What such a node says to whoever wants something of it.</summary>
    public static string AskingSentence(NodeId node) => $"{node} remembers nothing and has not heard yet how the membership stands.";

    /// <summary>
    /// Whether this node has a part in the present ring or in one that is coming, and so may keep what others send it. Who does not
    /// know of it yet would keep rows that belong to no stay in the cluster (<see cref="Membership"/>).
    /// </summary>
    public bool TakesPart { get; init; } = true;

    /// <summary>Whether this node was a member, or was to be one, and is none any more: others act on nothing that it says.</summary>
    public bool HasDeparted { get; init; }

    /// <summary>Whether this node is to be a member again and its store is of an earlier stay: it takes part when that is emptied.</summary>
    public bool IsOver { get; init; }

    /// <summary>
    /// Nodes that are to become members and have not said yet that they know it: if one of them was a member before, it may hold
    /// what has been reaped since, so no record is taken from it until it has.
    /// </summary>
    public ImmutableArray<NodeId> Newcomers { get; init; } = [];

    /// <summary>The ring to read by.</summary>
    public Ring Ring => ReadsNext ? Next!.Ring : Settled.Ring;

    /// <summary>The other ring to write by as well; null when there is one only.</summary>
    public Ring? Other => Next is null ? null : ReadsNext ? Settled.Ring : Next.Ring;
}
