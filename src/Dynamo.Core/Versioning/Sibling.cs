namespace Dynamo.Core;

/// <summary>One version of a key's value, with the dot of the write that made it.</summary>
/// <param name="Dot">The write event.</param>
/// <param name="Timestamp">
/// When the coordinator wrote it: microseconds since the epoch of a hybrid clock, above that of every version the
/// write covered. Only last-write-wins and Last-Modified read it; causality never does.
/// </param>
/// <param name="Value">The value, or null for a tombstone: the mark that a delete leaves.</param>
public sealed record Sibling(Dot Dot, long Timestamp, Value? Value)
{
    /// <summary>Whether this is a tombstone.</summary>
    public bool IsTombstone => Value is null;

    /// <inheritdoc/>
    public override string ToString() => IsTombstone ? $"tombstone@{Dot}" : $"{Value}@{Dot}";
}
