using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>What one key should have come to: which write truly replaced which version, by what its client had read.</summary>
/// <remarks>
/// A write replaces exactly the versions that the context given to it covers. The model believes contexts, and
/// <see cref="ContextsCoverWhatWasRead"/> checks them; it never looks at a record's clock.
/// A tombstone does not name its delete. An acknowledged delete's own is found by the context that it returned; every
/// other tombstone may belong to any delete of the key that was not acknowledged or was tried twice.
/// </remarks>
internal sealed class CausalModel
{
    private readonly KeyHistory _key;
    private readonly Record _final;
    private readonly Dictionary<int, List<VersionSeen>> _ofPut = [];
    private readonly Dictionary<Operation, List<VersionSeen>> _ofDelete = [];
    private readonly List<VersionSeen> _strayTombstones = [];
    private readonly HashSet<VersionSeen> _surviving = [];

    public CausalModel(KeyHistory key)
    {
        _key = key;
        _final = key.Merged;
        foreach (var version in key.Versions)
        {
            if (version.Put == 0) continue;
            if (_ofPut.TryGetValue(version.Put, out var others)) others.Add(version);
            else _ofPut.Add(version.Put, [version]);
        }

        MatchTombstones();
        FindSurviving();
    }

    /// <summary>Whether a version is there at the end.</summary>
    public bool IsPresent(VersionSeen version)
    {
        foreach (var sibling in _final.Siblings)
            if (sibling.Dot == version.Dot) return true;
        return false;
    }

    /// <summary>
    /// The version that an acknowledged write made, as its own context says; several when a tombstone cannot be told from
    /// those of others, none when it was never durable.
    /// </summary>
    public IReadOnlyList<VersionSeen> Own(Operation write) => write.Kind == OperationKind.Put
        ? [.. (_ofPut.GetValueOrDefault(write.Id) ?? []).Where(version => write.Returned?.Covers(version.Dot) == true)]
        : _ofDelete.GetValueOrDefault(write) ?? [];

    /// <summary>
    /// Whether a version is there, was replaced by one that survives, was destroyed by faults, or is a tombstone that was reaped.
    /// </summary>
    public bool Survives(VersionSeen version) => _surviving.Contains(version);

    /// <summary>Whether an acknowledged write has certainly replaced a version.</summary>
    /// <remarks>An answer that shows what is left covers that, too, so of such a delete it is not known what it had read.</remarks>
    public bool Replaces(Operation write, VersionSeen version) =>
        !(write.Kind == OperationKind.BlindDelete && write.ReturnsBody) && MayReplace(write, version);

    /// <summary>Whether <paramref name="later"/> may rightly stand in the place of <paramref name="version"/>.</summary>
    public bool MayReplace(VersionSeen later, VersionSeen version)
    {
        if (later == version) return false;
        if (_key.LastWriteWins && IsLater(later, version)) return true;
        if (later.Put > 0)
            return _key.Operations.Exists(o => o.Id == later.Put && o.Given.Covers(version.Dot));
        return _strayTombstones.Contains(later)
            ? _key.Operations.Exists(o => MayHaveReplaced(o, version))
            : _key.Operations.Exists(o => _ofDelete.GetValueOrDefault(o)?.Contains(later) == true && MayReplace(o, version));
    }

    // What a delete without a context had read is known from what it returned, which covers no more than that and itself.
    private bool MayReplace(Operation write, VersionSeen version) => write.Kind switch
    {
        OperationKind.Get => false,
        OperationKind.BlindDelete => write.Returned?.Covers(version.Dot) == true && !Own(write).Contains(version),
        _ => write.Given.Covers(version.Dot),
    };

    private IEnumerable<VersionSeen> Replacements(VersionSeen version)
    {
        foreach (var write in _key.Operations)
        {
            if (write.Kind == OperationKind.Put && write.Given.Covers(version.Dot))
                foreach (var own in _ofPut.GetValueOrDefault(write.Id) ?? [])
                    if (own != version) yield return own;
            if (!_ofDelete.TryGetValue(write, out var tombstones) || !MayReplace(write, version)) continue;
            foreach (var tombstone in tombstones)
                if (tombstone != version) yield return tombstone;
        }

        if (_strayTombstones.Count > 0 && _key.Operations.Exists(o => MayHaveReplaced(o, version)))
            foreach (var stray in _strayTombstones)
                if (stray != version) yield return stray;
        if (!_key.LastWriteWins) yield break;
        // Whoever coordinates a put there replaces all that it holds, which no client sees; the latest wins.
        foreach (var later in _key.Versions)
            if (IsLater(later, version)) yield return later;
    }

    // A delete whose tombstone is not known for sure: with a context it covers what that covers, without one anything. What it
    // has read in a buffer may be seen on a disk much later.
    private bool MayHaveReplaced(Operation delete, VersionSeen version) => delete.Kind switch
    {
        OperationKind.Delete => delete.Given.Covers(version.Dot),
        OperationKind.BlindDelete => _key.IsBuffered || delete.Ended is null || delete.Ended >= version.FirstAsked || delete.Outcome is not Stored,
        _ => false,
    };

    private static bool IsLater(VersionSeen x, VersionSeen y) =>
        x.Sibling.Timestamp != y.Sibling.Timestamp
            ? x.Sibling.Timestamp > y.Sibling.Timestamp
            : x.Dot.CompareTo(y.Dot) > 0;

    // From what is there backwards to all that it stands for. Where time decides two versions may each count as the
    // other's replacement, so nobody is followed twice.
    private void FindSurviving()
    {
        var replacedBy = new Dictionary<VersionSeen, List<VersionSeen>>();
        var found = new Queue<VersionSeen>();
        foreach (var version in _key.Versions)
        {
            if ((version.WasDestroyed || version.WasReaped || IsPresent(version)) && _surviving.Add(version)) found.Enqueue(version);
            foreach (var replacement in Replacements(version))
                if (replacedBy.TryGetValue(replacement, out var others)) others.Add(version);
                else replacedBy.Add(replacement, [version]);
        }

        while (found.TryDequeue(out var survivor))
            foreach (var replaced in replacedBy.GetValueOrDefault(survivor) ?? [])
                if (_surviving.Add(replaced)) found.Enqueue(replaced);
    }

    private void MatchTombstones()
    {
        var matched = new HashSet<VersionSeen>();
        foreach (var delete in _key.Operations)
        {
            if (delete.Kind is not (OperationKind.Delete or OperationKind.BlindDelete) || !delete.IsAcknowledgedWrite) continue;
            var own = new List<VersionSeen>();
            foreach (var version in _key.Versions)
            {
                if (!version.Sibling.IsTombstone || delete.Returned?.Covers(version.Dot) != true) continue;
                if (delete.Given.Covers(version.Dot) || version.FirstAsked < delete.Began) continue;
                // A buffer's answer comes before anything is to be seen on a disk.
                if (!_key.IsBuffered && version.FirstAsked > delete.Ended) continue;
                own.Add(version);
            }

            if (own.Count > 0) _ofDelete.Add(delete, own);
            // What a delete has read in a buffer, and so returns, may be there though its own tombstone never came to be.
            if (own.Count == 1 && (delete.Kind == OperationKind.Delete || !_key.IsBuffered)) matched.Add(own[0]);
        }

        foreach (var version in _key.Versions)
            if (version.Sibling.IsTombstone && !matched.Contains(version)) _strayTombstones.Add(version);
    }
}
