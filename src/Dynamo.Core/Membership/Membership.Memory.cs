namespace Dynamo.Core;

/// <content>What a node remembers of the membership.</content>
public sealed partial class Membership
{
    private void Note(StoreChange stay, Effects effects) => effects.Write(_stayWrite = new WriteId(++_nextWrite), [stay]);

    private void Persist(Effects effects)
    {
        var id = new WriteId(++_nextWrite);
        _writing.Add(id, _mine);
        effects.Write(id, [new StoreChange.PutCell(Cell, Bytes())]);
    }

    private byte[] Bytes()
    {
        var writer = new WireWriter();
        History.Write(writer);
        _mine.Write(writer);
        List<Standing> others = [.. _standings.Values.Where(standing => standing.Node != _self)];
        writer.Count(others.Count);
        foreach (var standing in others) standing.Write(writer);
        Snapshot?.Write(writer);
        return writer.ToArray();
    }

    private bool Recall(ReadOnlyMemory<byte> kept)
    {
        var reader = new WireReader(kept.Span);
        var history = MembershipHistory.Read(ref reader);
        var mine = Standing.Read(ref reader);
        var standings = _standings.ToBuilder();
        var count = reader.Count(PartitionId.MaxCount);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var standing = Standing.Read(ref reader);
            standings[standing.Node] = standing;
        }

        // Without it nothing is lost but time, so a damaged one fails nothing else.
        var rest = reader;
        var settled = rest is { Failed: false, Remaining: > 0 } ? RingOwners.Read(ref rest) : null;

        // What cannot be read, or is another cluster's, comes back from the first peer that gossips.
        if (reader.Failed || history is null || !history.Founding.Equals(History.Founding) || mine.Node != _self) return false;
        History = history;
        settled?.AdoptInto(history);
        _mine = mine;
        _standings = standings.ToImmutable();
        // What was written before anybody was heard is no memory of the others.
        return count > 0 || !history.Commits.IsEmpty;
    }
}
