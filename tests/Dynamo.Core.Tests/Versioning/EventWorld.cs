namespace Dynamo.Core.Tests;

/// <summary>Several stores with rows of one key, each a record beside a dumb set of events that must agree.</summary>
/// <remarks>
/// The dumb side knows nothing of counters: an event is a write together with the set of events its writer had read,
/// a row is the set of events it received, and a sibling is an event that no received event has read. Counters are
/// shared with other keys and between the rows of one store (its own and its hints), and a store can lose a row.
/// </remarks>
public sealed class EventWorld
{
    private readonly Prng _random;
    private readonly ClaimRule _rule;
    private readonly Store[] _stores;
    private readonly List<Event> _events = [];
    private readonly List<Context> _contexts = [new(VersionVector.Empty, [])];

    /// <summary>A world of its own for each seed.</summary>
    /// <param name="seed">Decides everything that happens.</param>
    /// <param name="stores">How many stores there are; each has a row of its own and one hint.</param>
    /// <param name="rule">How a write's claim is found; all but the first are planted bugs.</param>
    public EventWorld(ulong seed, int stores, ClaimRule rule)
    {
        _random = new Prng(seed);
        _rule = rule;
        _stores = [.. Enumerable.Range(1, stores).Select(static i => new Store(new(new NodeId($"n{i}"), 7)))];
    }

    /// <summary>How a coordinator finds the range that a write claims.</summary>
    public enum ClaimRule
    {
        /// <summary>As StoredRecord.Floor says.</summary>
        AboveFloor,

        /// <summary>From the last own dot that the row shows, though rows can be lost.</summary>
        AboveLastDot,

        /// <summary>Above the floor, but a write does not raise the floors of the store's other rows.</summary>
        ForgettingOtherRows,
    }

    /// <summary>What has happened so far.</summary>
    public int BlindPuts { get; private set; }

    /// <inheritdoc cref="BlindPuts"/>
    public int InformedPuts { get; private set; }

    /// <inheritdoc cref="BlindPuts"/>
    public int Merges { get; private set; }

    /// <inheritdoc cref="BlindPuts"/>
    public int LostRows { get; private set; }

    /// <inheritdoc cref="BlindPuts"/>
    public int MostSiblings { get; private set; }

    /// <summary>Lets one random thing happen.</summary>
    public void Step()
    {
        var store = _stores[_random.Below(_stores.Length)];
        var row = store.Rows[_random.Chance(0.75) ? 0 : 1];
        switch (_random.Below(20))
        {
            case < 9:
                Put(store, row, _contexts[Math.Max(0, _contexts.Count - 1 - _random.Below(8))]);
                break;
            case < 11:
                Put(store, row, _contexts[0]);
                break;
            case < 17:
                var other = _stores[_random.Below(_stores.Length)];
                Merge(store, row, other.Rows[_random.Below(2)]);
                break;
            case 17:
                Lose(row);
                break;
            default:
                store.Counter += (ulong)_random.Below(4); // Other keys of the partition.
                break;
        }
    }

    /// <summary>Everybody hears from everybody.</summary>
    public void MergeAll()
    {
        foreach (var from in _stores.SelectMany(static s => s.Rows)) Merge(_stores[0], _stores[0].Rows[0], from);
        foreach (var to in _stores) Merge(to, to.Rows[0], _stores[0].Rows[0]);
    }

    /// <summary>One sentence about the first row whose record is not what the events say; null when all agree.</summary>
    public string? FirstDisagreement()
    {
        foreach (var row in _stores.SelectMany(static s => s.Rows))
        {
            var read = SeenBy(row);
            foreach (var e in _events)
                if (row.Record.Clock.Covers(e.Dot) != read.Contains(e))
                    return $"{row.Record} is wrong about having seen {e.Dot}.";

            var expected = row.Received
                .Where(e => !row.Received.Any(other => other.Read.Contains(e)))
                .Select(static e => e.Dot).Order();
            if (!expected.SequenceEqual(row.Record.Siblings.Select(static s => s.Dot)))
                return $"{row.Record} should have the siblings {string.Join(' ', expected)}.";
        }

        return null;
    }

    private void Put(Store store, Row row, Context context)
    {
        if (context.Events.Count == 0) BlindPuts++;
        else InformedPuts++;
        if (row.Record.Clock.IsEmpty) row.Floor = store.Counter;
        store.Counter++;
        var dot = new Dot(store.Id, store.Counter);
        var last = row.Record.Clock.LastOf(store.Id);
        if (_rule != ClaimRule.AboveLastDot) last = Math.Max(last, row.Floor);
        if (_rule != ClaimRule.ForgettingOtherRows)
            foreach (var other in store.Rows.Where(other => other != row)) other.Floor = store.Counter;
        var claim = new DotRange(store.Id, last + 1, store.Counter);
        row.Record = row.Record.Put(context.Vector, new Sibling(dot, 0, null), claim);
        var written = new Event(dot, context.Events);
        _events.Add(written);
        row.Received.Add(written);

        // What the put returns, and what a client would read now: both come back with later puts.
        _contexts.Add(new(context.Vector.With(claim), [.. context.Events, written]));
        Read(row);
    }

    private void Read(Row row)
    {
        _contexts.Add(new(row.Record.Clock, SeenBy(row)));
        MostSiblings = Math.Max(MostSiblings, row.Record.Siblings.Length);
    }

    private void Merge(Store store, Row to, Row from)
    {
        Merges++;
        if (to.Record.Clock.IsEmpty) to.Floor = store.Counter;
        to.Record = to.Record.Merge(from.Record);
        to.Received.UnionWith(from.Received);
        if (!to.Record.Clock.IsEmpty) Read(to);
    }

    // The row is gone; the store, its generation and its counter live on. A delivered hint goes in the same way.
    private void Lose(Row row)
    {
        LostRows++;
        row.Record = Record.Empty;
        row.Received.Clear();
    }

    private static HashSet<Event> SeenBy(Row row)
    {
        var seen = new HashSet<Event>(row.Received);
        foreach (var received in row.Received) seen.UnionWith(received.Read);
        return seen;
    }

    private sealed class Store(ReplicaId id)
    {
        public ReplicaId Id { get; } = id;

        public ulong Counter { get; set; }

        public Row[] Rows { get; } = [new(), new()];
    }

    private sealed class Row
    {
        public Record Record { get; set; } = Record.Empty;

        public HashSet<Event> Received { get; } = [];

        public ulong Floor { get; set; }
    }

    private sealed class Event(Dot dot, HashSet<Event> read)
    {
        public Dot Dot { get; } = dot;

        public HashSet<Event> Read { get; } = read;
    }

    private sealed record Context(VersionVector Vector, HashSet<Event> Events);
}
