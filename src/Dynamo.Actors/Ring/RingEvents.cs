namespace Dynamo.Actors;

/// <summary>Persisted: the cluster was founded. The first event of every node's ring history.</summary>
/// <param name="Bytes">The founding, as <see cref="Core.Founding.Write"/> writes it.</param>
internal sealed record Founded(ReadOnlyMemory<byte> Bytes);

/// <summary>Persisted: the buckets' properties, as this node holds them, have changed.</summary>
/// <param name="Bytes">All of them, as <see cref="Core.Gossip.Recall(ReadOnlyMemory{byte}?)"/> reads them.</param>
internal sealed record PropertiesChanged(ReadOnlyMemory<byte> Bytes);

/// <summary>Persisted: the membership, as this node holds it, has changed.</summary>
/// <param name="Bytes">All of it, as <see cref="Core.Membership"/> keeps it.</param>
internal sealed record MembershipChanged(ReadOnlyMemory<byte> Bytes);

/// <summary>Persisted: everything up to here, so that the events before it can go.</summary>
/// <param name="Founding">As in <see cref="Founded"/>.</param>
/// <param name="Properties">As in <see cref="PropertiesChanged"/>; empty when none were ever set.</param>
/// <param name="Membership">As in <see cref="MembershipChanged"/>; empty when nobody ever joined or left.</param>
internal sealed record HistorySnapshot(
    ReadOnlyMemory<byte> Founding, ReadOnlyMemory<byte> Properties, ReadOnlyMemory<byte> Membership);
