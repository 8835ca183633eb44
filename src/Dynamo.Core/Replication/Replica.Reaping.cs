using System.Collections.Immutable;

namespace Dynamo.Core;

// What a replica lets go of for good, and what it remembers of that.
public sealed partial class Replica
{
    private void Remove(NodeId from, ReapRemove ask, Instant now, Effects effects)
    {
        var mark = ReapMark.Of(_store, _partition);
        if (mark.Term != ask.Term)
        {
            // It was carried out before, or this node has promised since that it will not be.
            ImmutableArray<int> no = [.. Enumerable.Range(0, ask.Items.Length).Where(i => _reaping.HeldFor(ask.Items[i]) is not null)];
            effects.Send(from, new ReapReply(ask.Id, 0, 0, no));
            return;
        }

        var changes = new List<StoreChange>();
        GenerationLease? lease = null;
        foreach (var item in ask.Items)
        {
            if (_reaping.HeldFor(item) is not { } held) continue;
            if (held.IsDeleted)
            {
                changes.Add(new StoreChange.RemoveRecord(_partition, item.Key));
                Changed(item.Key, held, Record.Empty, now);
                continue;
            }

            // The clock forgets which dots this store has issued for the key, so the next claim begins above all of them.
            var shortened = held.Shorten();
            changes.Add(new StoreChange.PutRecord(
                _partition, item.Key, new StoredRecord(shortened, Dots.Replica.Generation, Dots.Issued)));
            lease ??= Dots.UnrecordedLease;
            Changed(item.Key, held, shortened, now);
        }

        // With the rows or not at all: an old copy of this store must be known by what it has not let go of.
        if (changes.Count > 0) changes.Add(mark.After(ask.Number).Keep(_partition));
        if (lease is not null) changes.Insert(0, new StoreChange.PutLease(_partition, lease));
        Write(changes, new Waiting(from, new ReapReply(ask.Id, 0, 0, []), lease), effects);
    }

    private void OnReaped(NodeId from, Message message, Effects effects)
    {
        var mark = ReapMark.Of(_store, _partition);
        switch (message)
        {
            case ReapedAsk ask:
                Write([(mark with { Term = mark.Term + 1 }).Keep(_partition)], new Waiting(from, new ReapedReply(ask.Id, mark.Reaped)), effects);
                break;
            case ReapedIs reaped when mark.After(reaped.Number) != mark:
                effects.Write(new WriteId(++_nextWrite), [mark.After(reaped.Number).Keep(_partition)]);
                break;
        }
    }
}
