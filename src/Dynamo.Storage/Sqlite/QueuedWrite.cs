using Dynamo.Core;

namespace Dynamo.Storage;

/// <summary>A write that waits for the writer; a barrier or a refused one has the number of the write before it, and no changes.</summary>
/// <param name="Number">Its place in the order.</param>
/// <param name="Changes">What it changes.</param>
/// <param name="Bytes">Bytes of the values in it.</param>
/// <param name="Done">Who is told how it ended.</param>
/// <param name="Refusal">Why it is not carried out; null when it is.</param>
/// <param name="Failures">How many transactions had failed when it was handed over.</param>
internal readonly record struct QueuedWrite(
    long Number, IReadOnlyList<StoreChange> Changes, long Bytes, Action<WriteResult> Done, string? Refusal, long Failures)
{
    /// <summary>Bytes of the values in the changes of a write.</summary>
    public static long SizeOf(IReadOnlyList<StoreChange> changes)
    {
        var bytes = 0L;
        foreach (var change in changes)
        {
            bytes += change switch
            {
                StoreChange.PutRecord put => put.Stored.Record.BodyBytes,
                StoreChange.PutHint put => put.Hint.Stored.Record.BodyBytes,
                StoreChange.PutCell put => put.Bytes.Length,
                _ => 0,
            };
        }

        return bytes;
    }
}
