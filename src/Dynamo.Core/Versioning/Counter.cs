using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>Reads a counter out of the siblings of a get.</summary>
public static class Counter
{
    /// <summary>What all entries come to; null when there is none, and so no counter.</summary>
    /// <remarks>
    /// Siblings that are no entries, which somebody has put under the same key, count for nothing. The sum is exact: it
    /// may be beyond 64 bits, and no record has siblings enough to take it beyond 128.
    /// </remarks>
    public static Int128? ValueOf(ImmutableArray<Sibling> siblings)
    {
        Int128? value = null;
        foreach (var sibling in siblings)
            if (CounterEntry.TryRead(sibling.Value, out var entry)) value = (value ?? 0) + entry.Net;
        return value;
    }
}
