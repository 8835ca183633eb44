using Dynamo.Core;
using Dynamo.Testing.Load;

namespace Dynamo.Chaos.Checkers;

/// <summary>What was acknowledged is there or was replaced by who had read it, and what was replaced stays away.</summary>
internal static class Survival
{
    /// <summary>Acknowledged puts and shown values that nobody can account for.</summary>
    /// <remarks>
    /// Back from what is there: a value that is there accounts for all that its writer had read, and so on. A delete leaves nothing
    /// to see after a while, so each that may have taken effect accounts for what it had read; whether it was right to
    /// go is <see cref="Resurrected"/>'s question.
    /// </remarks>
    public static IEnumerable<string> Lost(IReadOnlyList<HistoryLine> lines, KeyEnding ending)
    {
        var given = lines.Where(static l => l.Kind == LoadKind.Put).ToDictionary(static l => l.Id, static l => l.Given ?? []);
        var survivors = new HashSet<long>(ending.Puts);
        survivors.UnionWith(lines.Where(static l => l.Kind == LoadKind.Delete && l.Nothing is not true).SelectMany(static l => l.Given ?? []));
        var open = new Queue<long>(survivors);
        while (open.TryDequeue(out var survivor))
            foreach (var replaced in given.GetValueOrDefault(survivor, []))
                if (survivors.Add(replaced)) open.Enqueue(replaced);

        foreach (var put in lines.Where(l => l is { Kind: LoadKind.Put, Succeeded: true } && !survivors.Contains(l.Id)))
            yield return $"Put {put.Id} of {ending.Key} by {put.Client} was acknowledged and is neither there nor replaced.";
        var acknowledged = lines.Where(static l => l is { Kind: LoadKind.Put, Succeeded: true }).Select(static l => l.Id).ToHashSet();
        foreach (var shown in lines.SelectMany(static l => l.Shown ?? []).Distinct().Where(id => !survivors.Contains(id) && !acknowledged.Contains(id)))
            yield return $"Put {shown} of {ending.Key} was shown to a client and is neither there nor replaced.";
    }

    /// <summary>Versions that are there although an acknowledged write had been given a context that covers them.</summary>
    /// <remarks>Versions and not values are compared: a put that was tried at two nodes has two, of which its writer knows one.</remarks>
    public static IEnumerable<string> Resurrected(IReadOnlyList<HistoryLine> lines, KeyEnding ending, ContextCodec contexts)
    {
        var there = ending.Merged.Siblings;
        if (there.IsEmpty) yield break;
        var key = Key.Of(LoadBook.Bucket, ending.Key);
        foreach (var write in lines.Where(static l => l.IsAcknowledgedWrite && l.Nothing is not true && l.Context is not null))
        {
            if (!contexts.TryDecode(key, Convert.FromBase64String(write.Context!), out var context, out var error))
            {
                yield return $"{write.Kind} {write.Id} of {ending.Key} was acknowledged with a context that is none: {error}";
                continue;
            }

            foreach (var sibling in there)
                if (!sibling.IsTombstone && context.Vector.Covers(sibling.Dot))
                    yield return $"Put {KeyEnding.PutOf(sibling)} of {ending.Key} is there, though {write.Kind} {write.Id} by {write.Client} had replaced it.";
        }
    }
}
