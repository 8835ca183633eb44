namespace Dynamo.Core;

/// <summary>What an increment writes into a row: the row's own entry advanced, or a new one beside those that are there.</summary>
/// <remarks>
/// An entry may be advanced only where it is certain to be the last that this store wrote of it: were there a later
/// one somewhere, the old one advanced would be its concurrent sibling, and what both hold would count twice. What is
/// certain follows from the meaning of <see cref="StoredRecord.Floor"/>. A live entry of this generation above the
/// row's floor was issued to this very row, since issuing a dot to another row of the key lifts this row's floor to
/// it, and a row that was lost and came back has a floor above all that had been issued before. Only the row it was
/// issued to advances an entry, and doing so drops it there for good: the row's clock covers it ever after. So an
/// entry that still lives there was never advanced. Whatever looks like an own entry else (of an earlier generation,
/// or at or below the floor: a row that came back from the others, a hint that was delivered and came back as a
/// record, a row whose clock was shortened) stays as it is, and a new entry is begun. Beginning one lifts the floor
/// to just below it, also in a row of an earlier generation, so that the next increment finds it.
/// Source: DeCandia et al., Dynamo (SOSP 2007), section 4.4, for the dots; see <see cref="CounterEntry"/> for the rest.
/// </remarks>
/// <param name="Context">The one entry that is replaced; empty when a new one begins.</param>
/// <param name="Value">The entry to write.</param>
internal readonly record struct CounterWrite(VersionVector Context, Value Value)
{
    /// <summary>Whether it is a new entry beside the others.</summary>
    public bool Begins => Context.IsEmpty;

    /// <summary>What adding <paramref name="delta"/> writes.</summary>
    /// <param name="row">The row written to, own or hint; null when there is none.</param>
    /// <param name="writer">This store's generation: whose dot the write will bear.</param>
    /// <param name="delta">What is added.</param>
    public static CounterWrite Of(StoredRecord? row, ReplicaId writer, long delta)
    {
        if (row is not null && row.Generation == writer.Generation)
        {
            foreach (var sibling in row.Record.Siblings)
            {
                if (sibling.Dot.Replica != writer || sibling.Dot.Counter <= row.Floor) continue;
                // An entry without room for more stays, and another goes on beside it.
                if (CounterEntry.TryRead(sibling.Value, out var entry) && entry.TryAdd(delta, out var sum))
                    return new CounterWrite(VersionVector.Of(DotRange.Of(sibling.Dot)), sum.ToValue());
            }
        }

        CounterEntry.Zero.TryAdd(delta, out var first);
        return new CounterWrite(VersionVector.Empty, first.ToValue());
    }
}
