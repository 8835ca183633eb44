using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>A stored record as one array of bytes: a single object to keep, and nothing to read until somebody looks into it.</summary>
/// <param name="Body">The record's bytes, which nobody changes.</param>
/// <param name="Generation">See <see cref="StoredRecord.Generation"/>.</param>
/// <param name="Floor">See <see cref="StoredRecord.Floor"/>.</param>
/// <param name="IsDeleted">Whether nothing but tombstones is in it.</param>
internal sealed record PackedRow(byte[] Body, ulong Generation, ulong Floor, bool IsDeleted)
{
    /// <summary>The row of a stored record.</summary>
    /// <param name="stored">The record, which shares its bytes with the row.</param>
    /// <param name="scratch">Written to when the record has none yet; null for a new one.</param>
    public static PackedRow Of(StoredRecord stored, WireWriter? scratch = null) =>
        new(RecordCodec.ToBytes(stored.Record, scratch), stored.Generation, stored.Floor, stored.Record.IsDeleted);

    /// <summary>The record, which shares its bytes with the row.</summary>
    public StoredRecord Stored() => new(RecordCodec.OfBytes(Body), Generation, Floor);
}
