using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>A partition replica's part in reaping: which of its rows are fit for it, and what must not come in while it goes on.</summary>
/// <remarks>See <see cref="Reaper"/> for the whole.</remarks>
internal sealed class ReplicaReaping
{
    private const int MostCandidates = 10_000;
    private static readonly TimeSpan GuardFor = TimeSpan.FromMinutes(1);
    private readonly PartitionId _partition;
    private readonly INodeStore _store;
    private readonly NodeSettings _settings;
    private readonly SortedDictionary<Key, Instant> _candidates = [];
    private readonly SortedDictionary<Key, Guard> _guards = [];
    private readonly Prng _random;
    private ulong _run;
    private Key? _cursor;

    public ReplicaReaping(PartitionId partition, INodeStore store, NodeSettings settings, ulong entropy)
    {
        _partition = partition;
        _store = store;
        _settings = settings;
        _random = new Prng(entropy);
        _run = _random.Next();
    }

    /// <summary>The replica has written, or a scan has met, a row of its own.</summary>
    public void See(Key key, Record record, Instant now)
    {
        if (!IsCandidate(record)) _candidates.Remove(key);
        else if (_candidates.Count < MostCandidates || _candidates.ContainsKey(key)) _candidates[key] = now;
    }

    /// <summary>Whether a record that is to be stored holds what everybody has agreed to be replaced.</summary>
    public bool Refuses(Key key, Record record, Instant now)
    {
        if (_guards.Count == 0) return false;
        Forget(now);
        return _guards.TryGetValue(key, out var guard) && guard.Item.Outdates(record);
    }

    /// <summary>The rows that have rested long enough.</summary>
    public ReapCandidatesReply Candidates(ReapCandidates asked, ClusterView? view, Instant now)
    {
        var items = ImmutableArray.CreateBuilder<ReapItem>();
        // Goes on where it left off, so that keys on which nobody agrees do not keep others waiting.
        var from = _cursor;
        _cursor = null;
        foreach (var (key, since) in _candidates.ToList())
        {
            if (view is null || now < since + _settings.ReapAfter || (from is not null && key.CompareTo(from) <= 0)) continue;
            if (items.Count == _settings.ReapBatch) break;
            _cursor = key;
            var read = _store.Read(_partition, key);
            if (read.Stored is not { Record: var record } || !IsCandidate(record)) _candidates.Remove(key);
            else if (!read.Queued) items.Add(Item(key, view.PropertiesOf(key.Bucket).NVal, record));
        }

        if (items.Count < _settings.ReapBatch) _cursor = null;
        return new ReapCandidatesReply(asked.Id, asked.Partition, items.DrainToImmutable());
    }

    /// <summary>Answers a reaper's question, but for the removal.</summary>
    public ReapReply Answer(ReapAsk ask, Instant now)
    {
        Forget(now);
        var no = ImmutableArray.CreateBuilder<int>();
        for (var i = 0; i < ask.Items.Length; i++)
            if (!Agrees(ask.Stage, ask.Items[i], now)) no.Add(i);
        var term = ask.Stage == ReapStage.Verify ? ReapMark.Of(_store, _partition).Term : 0;
        return new ReapReply(ask.Id, _run, (long)term, no.DrainToImmutable());
    }

    /// <summary>The record of an item that is to be let go of; null when the row holds another one by now, and stays.</summary>
    public Record? HeldFor(ReapItem item) =>
        _store.Read(_partition, item.Key).Stored is { Record: var record } && VersionsHash.Of(record) == item.Versions
            ? record
            : null;

    private bool Agrees(ReapStage stage, ReapItem item, Instant now)
    {
        switch (stage)
        {
            case ReapStage.Agree:
                return Holds(item);
            case ReapStage.Guard:
                if (_guards.TryGetValue(item.Key, out var other) && other.Item.Versions != item.Versions) LoseMemory();
                _guards[item.Key] = new Guard(item, now + GuardFor);
                return HoldsNothingElse(item);
            case ReapStage.Verify:
                return _guards.TryGetValue(item.Key, out var guard) && guard.Item.Versions == item.Versions
                    && HoldsNothingElse(item);
            case ReapStage.Release:
                if (_guards.Remove(item.Key)) LoseMemory();
                return true;
            default:
                return false;
        }
    }

    private bool Holds(ReapItem item) => HeldFor(item) is not null && !_store.Read(_partition, item.Key).Queued;

    // A hint would bring back what it holds, and so would a row that a node has kept though it is no owner any more.
    private bool HoldsNothingElse(ReapItem item) => _store.HintsFor(item.Key).Count == 0
        && (_store.Read(_partition, item.Key).Status == StoreReadStatus.Missing || HeldFor(item) is not null);

    private void Forget(Instant now)
    {
        var gone = _guards.Where(guard => guard.Value.Until <= now).Select(static guard => guard.Key).ToList();
        foreach (var key in gone) _guards.Remove(key);
        if (gone.Count > 0) LoseMemory();
    }

    // Who gives up a guard must not pass for the one who promised it: a question that is late or comes twice could set it
    // again, and the gap would go unseen.
    private void LoseMemory() => _run = _random.Next();

    private bool IsCandidate(Record record) =>
        record.IsDeleted || record.Clock.Ranges.Length > Math.Max(_settings.PruneAbove, record.Siblings.Length);

    private static ReapItem Item(Key key, int n, Record record) => new(
        key, n, VersionsHash.Of(record), record.Clock, record.IsDeleted ? VersionVector.Empty : record.Shorten().Clock);

    private readonly record struct Guard(ReapItem Item, Instant Until);
}
