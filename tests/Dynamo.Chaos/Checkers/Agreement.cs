using Dynamo.Testing.Load;

namespace Dynamo.Chaos.Checkers;

/// <summary>Owners hold the same at the end, gets show it, and nobody ever sees what nobody wrote.</summary>
internal static class Agreement
{
    /// <summary>A sentence when the owners of a key differ or one cannot read its row.</summary>
    public static IEnumerable<string> Diverged(KeyEnding ending)
    {
        if (ending.Owners.All(owner => owner.Record is { } record && record.Equals(ending.Merged))) yield break;
        yield return $"The owners of {ending.Key} differ: "
            + string.Join(" | ", ending.Owners.Select(static owner => $"{owner.Owner} {owner.Record?.ToString() ?? "a damaged row"}"));
    }

    /// <summary>Gets after everything had healed that failed or showed something else than the owners hold.</summary>
    public static IEnumerable<string> WrongLastReads(IReadOnlyList<HistoryLine> lines, KeyEnding ending)
    {
        var there = ending.Puts;
        foreach (var read in lines.Where(static l => l is { AtTheEnd: true, Kind: LoadKind.Get }))
        {
            if (!read.Succeeded) yield return $"{read.Key} cannot be read at {read.Client} when everything has healed: {read.Error}";
            else if (!there.SetEquals(read.Shown ?? []))
                yield return $"At the end {read.Client} was shown [{string.Join(", ", read.Shown ?? [])}] of {read.Key}, "
                    + $"where [{string.Join(", ", there.Order())}] is.";
        }
    }

    /// <summary>Values that nobody had written under the key before they were seen.</summary>
    public static IEnumerable<string> Phantoms(IReadOnlyList<HistoryLine> lines, KeyEnding ending)
    {
        var began = lines.Where(static l => l.Kind == LoadKind.Put).ToDictionary(static l => l.Id, static l => l.Began);
        foreach (var line in lines)
            foreach (var shown in line.Shown ?? [])
                if (began.GetValueOrDefault(shown, long.MaxValue) > line.Ended)
                    yield return $"{line.Kind} {line.Id} of {ending.Key} was shown {shown}, which nobody had written.";
        foreach (var there in ending.Puts)
            if (!began.ContainsKey(there)) yield return $"{there} is there under {ending.Key}, and nobody had written it.";
    }
}
