namespace Dynamo.Core.Tests;

/// <summary>Several replicas of one key, each a record beside a dumb set of write events that must agree with it.</summary>
/// <remarks>
/// The dumb side knows nothing of counters: an event is a write together with the set of events its writer had read,
/// a replica is the set of events it received, and a sibling is an event that no received event has read. Counters
/// are shared with other keys, and a replica can lose its row.
/// </remarks>
internal sealed class EventWorld
{
    private readonly Prng _random;
    private readonly bool _honestClaims;
    private readonly Replica[] _replicas;
    private readonly List<Event> _events = [];
    private readonly List<Context> _contexts = [new(VersionVector.Empty, [])];

    /// <summary>A world of its own for each seed.</summary>
    /// <param name="seed">Decides everything that happens.</param>
    /// <param name="replicas">How many replicas there are.</param>
    /// <param name="honestClaims">False plants a bug: a write claims everything since the last own dot the record shows, lost or not.</param>
    public EventWorld(ulong seed, int replicas, bool honestClaims)
    {
        _random = new Prng(seed);
        _honestClaims = honestClaims;
        _replicas = [.. Enumerable.Range(1, replicas).Select(static i => new Replica(new(new NodeId($"n{i}"), 7)))];
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
        var replica = _replicas[_random.Below(_replicas.Length)];
        switch (_random.Below(20))
        {
            case < 9:
                Put(replica, _contexts[Math.Max(0, _contexts.Count - 1 - _random.Below(8))]);
                break;
            case < 11:
                Put(replica, _contexts[0]);
                break;
            case < 17:
                Merge(replica, _replicas[_random.Below(_replicas.Length)]);
                break;
            case 17:
                Lose(replica);
                break;
            default:
                replica.Counter += (ulong)_random.Below(4); // Other keys of the partition.
                break;
        }
    }

    /// <summary>Everybody hears from everybody.</summary>
    public void MergeAll()
    {
        foreach (var from in _replicas) Merge(_replicas[0], from);
        foreach (var to in _replicas) Merge(to, _replicas[0]);
    }

    /// <summary>One sentence about the first replica whose record is not what the events say; null when all agree.</summary>
    public string? FirstDisagreement()
    {
        foreach (var replica in _replicas)
        {
            var read = new HashSet<Event>(replica.Received);
            foreach (var received in replica.Received) read.UnionWith(received.Read);
            foreach (var e in _events)
            {
                if (replica.Record.Clock.Covers(e.Dot) != read.Contains(e))
                    return $"{replica.Id} has record {replica.Record}, which is wrong about having seen {e.Dot}.";
            }

            var expected = replica.Received
                .Where(e => !replica.Received.Any(other => other.Read.Contains(e)))
                .Select(static e => e.Dot).Order();
            if (!expected.SequenceEqual(replica.Record.Siblings.Select(static s => s.Dot)))
                return $"{replica.Id} has record {replica.Record}; its siblings should be {string.Join(' ', expected)}.";
        }

        return null;
    }

    private void Put(Replica at, Context context)
    {
        if (context.Events.Count == 0) BlindPuts++;
        else InformedPuts++;
        if (at.Record.Clock.IsEmpty) at.Floor = at.Counter;
        at.Counter++;
        var dot = new Dot(at.Id, at.Counter);
        var known = _honestClaims ? Math.Max(at.Floor, at.Record.Clock.LastOf(at.Id)) : at.Record.Clock.LastOf(at.Id);
        var claim = new DotRange(at.Id, Math.Max(known, context.Vector.LastOf(at.Id)) + 1, at.Counter);
        at.Record = at.Record.Put(context.Vector, new Sibling(dot, 0, null), claim);
        var written = new Event(dot, context.Events);
        _events.Add(written);
        at.Received.Add(written);

        // What the put returns, and what a client would read now: both come back with later puts.
        _contexts.Add(new(context.Vector.With(claim), [.. context.Events, written]));
        Read(at);
    }

    private void Read(Replica at)
    {
        var events = new HashSet<Event>(at.Received);
        foreach (var received in at.Received) events.UnionWith(received.Read);
        _contexts.Add(new(at.Record.Clock, events));
        MostSiblings = Math.Max(MostSiblings, at.Record.Siblings.Length);
    }

    private void Merge(Replica to, Replica from)
    {
        Merges++;
        if (to.Record.Clock.IsEmpty) to.Floor = to.Counter;
        to.Record = to.Record.Merge(from.Record);
        to.Received.UnionWith(from.Received);
        if (!to.Record.Clock.IsEmpty) Read(to);
    }

    // The row is gone; the store, its generation and its counter live on.
    private void Lose(Replica at)
    {
        LostRows++;
        at.Record = Record.Empty;
        at.Received.Clear();
    }

    private sealed class Replica(ReplicaId id)
    {
        public ReplicaId Id { get; } = id;

        public Record Record { get; set; } = Record.Empty;

        public HashSet<Event> Received { get; } = [];

        public ulong Counter { get; set; }

        public ulong Floor { get; set; }
    }

    private sealed class Event(Dot dot, HashSet<Event> read)
    {
        public Dot Dot { get; } = dot;

        public HashSet<Event> Read { get; } = read;
    }

    private sealed record Context(VersionVector Vector, HashSet<Event> Events);
}
