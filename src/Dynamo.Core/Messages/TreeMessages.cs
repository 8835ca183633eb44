using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>How a replica answers a question about its tree.</summary>
public enum TreeStatus
{
    /// <summary>With what was asked for.</summary>
    Ready,

    /// <summary>The tree is being built; worth asking again soon.</summary>
    Building,

    /// <summary>Others are being answered; worth asking again soon.</summary>
    Busy,

    /// <summary>The store could not be read, or the question makes no sense.</summary>
    Failed,
}

/// <summary>Asks a replica for the sums of the children of some nodes of its tree [section 4.7].</summary>
/// <param name="Id">The exchange's number for it.</param>
/// <param name="Partition">The partition.</param>
/// <param name="NVal">Which of its trees: the one over keys with this n_val.</param>
/// <param name="Level">The nodes' level, 0 for the root, below <see cref="MerkleTree.Levels"/>.</param>
/// <param name="Nodes">The nodes of that level.</param>
public sealed record TreeGet(RequestId Id, PartitionId Partition, int NVal, int Level, ImmutableArray<int> Nodes) : Message;

/// <summary>A replica's answer to <see cref="TreeGet"/>.</summary>
/// <param name="Id">The number asked with.</param>
/// <param name="Status">Ready, Building or Failed.</param>
/// <param name="Hashes">Sixteen sums for each node asked for, in that order; empty unless Ready.</param>
public sealed record TreeGetReply(RequestId Id, TreeStatus Status, ImmutableArray<ulong> Hashes) : Message;

/// <summary>Asks a replica which keys fall into some leaves, and with which versions, a page at a time.</summary>
/// <param name="Id">The exchange's number for it.</param>
/// <param name="Partition">The partition.</param>
/// <param name="NVal">Only keys with this n_val.</param>
/// <param name="Leaves">The leaves.</param>
/// <param name="After">The last key of the page before; null for the first page.</param>
/// <param name="Limit">The most entries wanted, 1..<see cref="ReplicaTrees.MaxPage"/>.</param>
public sealed record LeafGet(
    RequestId Id, PartitionId Partition, int NVal, ImmutableArray<int> Leaves, Key? After, int Limit) : Message;

/// <summary>A page of keys and their versions, in key order.</summary>
/// <param name="Id">The number asked with.</param>
/// <param name="Status">Ready, Busy or Failed.</param>
/// <param name="Entries">The keys; empty unless Ready.</param>
/// <param name="Last">Whether there are no more.</param>
public sealed record LeafGetReply(RequestId Id, TreeStatus Status, ImmutableArray<LeafEntry> Entries, bool Last) : Message;

/// <summary>One key in a leaf.</summary>
/// <param name="Key">The key.</param>
/// <param name="Versions">The <see cref="VersionsHash"/> of its record.</param>
public sealed record LeafEntry(Key Key, ulong Versions);

/// <summary>Tells a replica that its tree says other than its rows do, so that it is built anew.</summary>
/// <param name="Partition">The partition.</param>
public sealed record TreeDoubt(PartitionId Partition) : Message;
