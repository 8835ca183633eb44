namespace Dynamo.Core;

/// <summary>What a store remembers of the reaping in one partition, so that an old copy of a store can be told from one that lacks nothing.</summary>
/// <remarks>
/// It changes in the same write as the rows that go. Numbers of one partition are comparable between nodes: each removal takes one above
/// all that any member has, and every member is told.
/// </remarks>
/// <param name="Term">Grows with every removal, and with every promise that removals agreed on before are not carried out any more.</param>
/// <param name="Reaped">The number of the last removal known here; 0 for none.</param>
public readonly record struct ReapMark(ulong Term, ulong Reaped)
{
    /// <summary>The name of the cell that a partition's mark is kept in.</summary>
    public static string CellOf(PartitionId partition) => $"reaped/{partition.Index}";

    /// <summary>The mark of a partition; zeros when the store has none.</summary>
    public static ReapMark Of(INodeStore store, PartitionId partition)
    {
        var reader = new WireReader(store.Cell(CellOf(partition)) is { } cell ? cell.Span : default);
        var mark = new ReapMark(reader.Fixed64(), reader.Fixed64());
        return reader.Failed ? default : mark;
    }

    /// <summary>The change that keeps the mark.</summary>
    public StoreChange Keep(PartitionId partition)
    {
        var writer = new WireWriter();
        writer.Fixed64(Term);
        writer.Fixed64(Reaped);
        return new StoreChange.PutCell(CellOf(partition), writer.ToArray());
    }

    /// <summary>The mark of who has carried out, or heard of, a removal.</summary>
    public ReapMark After(ulong removal) => new(Math.Max(Term, removal), Math.Max(Reaped, removal));
}
