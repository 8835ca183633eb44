using Dynamo.Core;

namespace Dynamo.Chaos.Checkers;

/// <summary>What the owners of a key hold when everything has healed and all nodes have stopped.</summary>
/// <param name="Key">The key's name.</param>
/// <param name="Owners">Each owner and its record; <see cref="Record.Empty"/> for nothing, null for a damaged row.</param>
internal sealed record KeyEnding(string Key, IReadOnlyList<(string Owner, Record? Record)> Owners)
{
    /// <summary>All that the owners know together.</summary>
    public Record Merged { get; } = Owners.Aggregate(Record.Empty, static (all, owner) => owner.Record is null ? all : all.Merge(owner.Record));

    /// <summary>The puts whose values are there.</summary>
    public IReadOnlySet<long> Puts => Merged.Siblings.Where(static s => s.Value is not null).Select(PutOf).ToHashSet();

    /// <summary>The put that wrote a version; 0 when no put can have, and for a tombstone.</summary>
    public static long PutOf(Sibling sibling) =>
        sibling.Value is { } value && long.TryParse(
            System.Text.Encoding.ASCII.GetString(value.Body.Span), System.Globalization.NumberStyles.None, null, out var put) ? put : 0;
}

/// <summary>How a run ended.</summary>
/// <param name="Keys">Every key that clients wrote.</param>
/// <param name="HintsLeft">Hints in all stores.</param>
internal sealed record RunEnding(IReadOnlyList<KeyEnding> Keys, long HintsLeft);
