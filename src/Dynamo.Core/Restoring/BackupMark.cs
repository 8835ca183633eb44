namespace Dynamo.Core;

/// <summary>What a backup says about itself, in a cell beside the rows that it speaks of.</summary>
/// <param name="Node">The node whose store it is a copy of.</param>
/// <param name="ClusterId">Its cluster.</param>
/// <param name="Ring">The <see cref="RingVersion.Digest"/> of the ring that the node had settled on; 0 where membership never changes.</param>
/// <param name="TakenAt">When, by the node's clock; for people, nothing is decided by it.</param>
public sealed record BackupMark(NodeId Node, string ClusterId, ulong Ring, Instant TakenAt)
{
    /// <summary>The name of the cell.</summary>
    public const string Cell = "backup";

    private const int MaxTextBytes = 1024;

    /// <summary>The mark of a backup that is taken of a node now.</summary>
    public static BackupMark Of(ClusterView view, Founding founding, Instant now) =>
        new(view.Self, founding.ClusterId, RingOf(view), now);

    /// <summary>The digest of the ring that a node has settled on, as marks bear it.</summary>
    public static ulong RingOf(ClusterView view) => view.Rings?.Settled.Digest ?? 0;

    /// <summary>The mark in a store; null when it is no backup.</summary>
    public static BackupMark? In(INodeStore store)
    {
        if (store.Cell(Cell) is not { } bytes) return null;
        var reader = new WireReader(bytes.Span);
        var mark = new BackupMark(
            new NodeId(reader.Text(MaxTextBytes)), reader.Text(MaxTextBytes), reader.Fixed64(), new Instant(reader.Signed()));
        return reader.Failed ? null : mark;
    }

    /// <summary>The bytes of the cell.</summary>
    public ReadOnlyMemory<byte> ToBytes()
    {
        var writer = new WireWriter();
        writer.Text(Node.Name);
        writer.Text(ClusterId);
        writer.Fixed64(Ring);
        writer.Signed(TakenAt.Microseconds);
        return writer.ToArray();
    }
}
