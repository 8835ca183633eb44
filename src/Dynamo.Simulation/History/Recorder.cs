using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Writes the history down while a run goes on: it sees every disk and every answer, and decides nothing.</summary>
internal sealed class Recorder(ContextCodec contexts, IReadOnlyList<SimulatedNode> nodes)
{
    private readonly Dictionary<(NodeId Holder, NodeId Owner, ulong Stamp), HintStay> _open = [];
    private readonly Dictionary<(NodeId Owner, Key Key), List<HintStay>> _undelivered = [];

    // All that a node ever durably knew as its own: what it knew and lost again was delivered all the same.
    private readonly Dictionary<(NodeId Owner, Key Key), VersionVector> _everKnown = [];

    // The same with what it kept for others: where a write was durable at some moment.
    private readonly Dictionary<(NodeId Node, Key Key), VersionVector> _everHeld = [];

    // Every version that a node has asked its disk to keep, and when, as long as it was durable nowhere: where time decides, one may be
    // replaced before it is, and a dot that never left its node because a crash came first is issued again.
    private readonly Dictionary<Key, Dictionary<Dot, (Sibling Sibling, long At)>> _asked = [];

    // Rows that go because their holder is no owner any more.
    private readonly HashSet<StoreChange> _drops = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<StoreChange> _passedOn = new(ReferenceEqualityComparer.Instance);

    public RunHistory History { get; } = new();

    public void Ended(Operation operation, Outcome? outcome, long now)
    {
        operation.Outcome = outcome;
        if (outcome is null) return;
        operation.Ended = now;
        var (token, shown) = outcome switch
        {
            Found found => (found.Context, found.Siblings),
            Stored stored => (stored.Context, stored.Siblings),
            NotFound missing => (missing.Context, []),
            _ => (default, []),
        };
        operation.Shown = shown;
        if (!token.IsEmpty) operation.Returned = Decode(operation.Key, token);
        foreach (var sibling in shown) See(operation.Key, sibling, now).WasShown = true;
        if (operation is { IsAcknowledgedWrite: true, Kind: not OperationKind.Increment }) operation.DurableAt = CountHolders(operation, operation.Coming?.Ring);
    }

    // At how many nodes the write's own version was durable by now, as itself or as something known to be replaced; of several
    // tombstones that may be its own, the one at the most.
    // While the membership changes as many members of the coming ring are asked for.
    private int CountHolders(Operation write, Ring? coming)
    {
        var most = 0;
        if (!_asked.TryGetValue(write.Key, out var asked)) return most;
        foreach (var (version, at) in asked.Values)
        {
            if (!IsOwn(version, at) || write.Returned?.Covers(version.Dot) != true) continue;
            var holders = 0;
            foreach (var node in nodes)
                if (!(coming?.IndexOf(node.Name) < 0) && _everHeld.TryGetValue((node.Name, write.Key), out var held) && held.Covers(version.Dot)) holders++;
            most = Math.Max(most, holders);
        }

        return most;

        bool IsOwn(Sibling version, long at) => write.Kind == OperationKind.Put
            ? Operation.IdOf(version.Value) == write.Id
            : version.IsTombstone && at >= write.Began && !write.Given.Covers(version.Dot);
    }

    /// <summary>What a token covers.</summary>
    public VersionVector Decode(Key key, ReadOnlyMemory<byte> token) =>
        token.IsEmpty ? VersionVector.Empty
        : contexts.TryDecode(key, token.Span, out var context, out var error) ? context.Vector
        : throw new InvalidOperationException($"A node handed out a context that it refuses itself: {error}");

    public void Forwarded(PutRequest request)
    {
        var id = Operation.IdOf(request.Value);
        if (id > 0 && id <= History.Operations.Count) History.Operations[id - 1].Forwards++;
    }

    /// <summary>A node asks for a write: who is no owner drops its rows, which reaps nothing, and keeps what comes for the owners.</summary>
    public void Asked(SimulatedNode node, IReadOnlyList<StoreChange> changes, long now)
    {
        foreach (var change in changes)
        {
            if (change is StoreChange.PutRecord row) Note(row.Key, row.Stored.Record);
            else if (change is StoreChange.PutHint { Hint: var hint }) Note(hint.Key, hint.Stored.Record);
            if (change is StoreChange.RemoveRecord remove && !node.Owns(remove.Key)) _drops.Add(change);
            else if (change is StoreChange.PutHint put && !node.Owns(put.Hint.Key)) _passedOn.Add(change);
        }

        void Note(Key key, Record record)
        {
            if (!_asked.TryGetValue(key, out var versions)) _asked.Add(key, versions = []);
            foreach (var sibling in record.Siblings)
                if (!versions.TryGetValue(sibling.Dot, out var known)
                    || (!known.Sibling.Equals(sibling) && History.Of(key).Find(sibling.Dot) is null)) versions[sibling.Dot] = (sibling, now);
        }
    }

    /// <summary>A write has become durable on a node's disk.</summary>
    public void Durable(NodeId node, IReadOnlyList<StoreChange> changes, long now)
    {
        foreach (var change in changes)
        {
            switch (change)
            {
                case StoreChange.PutRecord put:
                    See(put.Key, put.Stored.Record, now);
                    Deliver(node, put.Key, put.Stored.Record.Clock);
                    Add(_everHeld, (node, put.Key), put.Stored.Record.Clock);
                    break;
                case StoreChange.RemoveRecord removed when _everHeld.TryGetValue((node, removed.Key), out var held)
                    && !_drops.Remove(removed):
                    foreach (var version in History.Of(removed.Key).Versions)
                        version.WasReaped |= version.Sibling.IsTombstone && held.Covers(version.Dot);
                    break;
                case StoreChange.PutHint { Hint: var hint }:
                    See(hint.Key, hint.Stored.Record, now);
                    Add(_everHeld, (node, hint.Key), hint.Stored.Record.Clock);
                    // A former owner passes on what comes to it: it has it, and owes it to others from now on.
                    if (_passedOn.Remove(change)) Deliver(node, hint.Key, hint.Stored.Record.Clock);
                    break;
            }
        }
    }

    /// <summary>A node is told that what it asked for is durable: from now on it answers for the hints among it.</summary>
    public void Promised(NodeId node, IReadOnlyList<StoreChange> asked)
    {
        foreach (var change in asked)
        {
            switch (change)
            {
                case StoreChange.PutHint { Hint: var hint }:
                    var stay = new HintStay
                    {
                        Holder = node, Owner = hint.Owner, Key = hint.Key, Stamp = hint.Stamp, Clock = hint.Stored.Record.Clock,
                    };
                    History.Hints.Add(stay);
                    _open[(node, hint.Owner, hint.Stamp)] = stay;
                    if (_everKnown.GetValueOrDefault((hint.Owner, hint.Key))?.Descends(stay.Clock) == true) stay.WasDelivered = true;
                    else if (_undelivered.TryGetValue((hint.Owner, hint.Key), out var others)) others.Add(stay);
                    else _undelivered.Add((hint.Owner, hint.Key), [stay]);
                    break;
                case StoreChange.RemoveHint remove when _open.Remove((node, remove.Owner, remove.Stamp), out var removed):
                    // A hint for who is dead for good, or no member by then as its holder knows, goes to others; whether they came to
                    // know it shows at the end. So does any that a node which has left cannot deliver.
                    removed.WasRehomed = !IsMember(node, node) || !IsMember(node, removed.Owner);
                    removed.WasRemovedTooEarly = !removed.WasDelivered && !removed.WasRehomed && IsMember(node, removed.Owner)
                        && !nodes.First(n => n.Name == removed.Owner).IsGone;
                    break;
            }
        }
    }

    /// <summary>A fault took something from a disk that had been reported durable.</summary>
    /// <param name="node">Whose disk.</param>
    /// <param name="lost">What it was.</param>
    /// <param name="disks">Every disk of the cluster, as it is now.</param>
    public void Destroyed(
        NodeId node, IReadOnlyList<(Key Key, VersionVector Clock, bool ByLie)> lost, IReadOnlyList<StoreImage> disks)
    {
        if (lost.Count == 0) return;
        var left = new Dictionary<Key, List<VersionVector>>();
        foreach (var (key, clock, hintFor) in disks.SelectMany(static disk => disk.Knowledge()))
        {
            // A hint that its owner has acknowledged goes at any moment, so it is no copy to rely on.
            if (_everKnown.TryGetValue((hintFor, key), out var known) && known.Descends(clock)) continue;
            if (left.TryGetValue(key, out var clocks)) clocks.Add(clock);
            else left.Add(key, [clock]);
        }

        foreach (var (key, clock, byLie) in lost)
        {
            // A store that was lied to does not know what it has forgotten, so others' copies are no excuse to go on.
            var copies = byLie ? [] : left.GetValueOrDefault(key) ?? [];
            foreach (var version in History.Of(key).Versions)
                if (clock.Covers(version.Dot) && !copies.Exists(copy => copy.Covers(version.Dot))) version.WasDestroyed = true;
        }

        foreach (var stay in History.Hints)
            if (stay.Holder == node && !stay.WasDelivered && lost.Any(row => row.Key.Equals(stay.Key))) stay.WasDestroyed = true;
    }

    /// <summary>No hint is left on any disk: whoever was promised one must have what it knew by now.</summary>
    public void HintsDrained()
    {
        foreach (var stay in History.Hints) stay.WasMissed = stay is { WasDelivered: false, WasDestroyed: false };
    }

    private bool IsMember(NodeId node, NodeId owner) =>
        nodes.First(n => n.Name == node).Rings.Ring is not { } ring || ring.IndexOf(owner) >= 0;

    private void See(Key key, Record record, long now)
    {
        History.SiblingsSeen = Math.Max(History.SiblingsSeen, record.Siblings.Length);
        foreach (var sibling in record.Siblings) See(key, sibling, now).WasDurable = true;
    }

    private VersionSeen See(Key key, Sibling sibling, long now) => History.See(
        key, sibling, now, _asked.TryGetValue(key, out var asked) && asked.TryGetValue(sibling.Dot, out var first) ? first.At : null);

    private static void Add(
        Dictionary<(NodeId Node, Key Key), VersionVector> to, (NodeId Node, Key Key) place, VersionVector clock) =>
        to[place] = to.TryGetValue(place, out var known) ? known.Merge(clock) : clock;

    private void Deliver(NodeId owner, Key key, VersionVector clock)
    {
        Add(_everKnown, (owner, key), clock);
        if (!_undelivered.TryGetValue((owner, key), out var stays)) return;
        foreach (var stay in stays) stay.WasDelivered |= clock.Descends(stay.Clock);
        stays.RemoveAll(static stay => stay.WasDelivered);
        if (stays.Count == 0) _undelivered.Remove((owner, key));
    }
}
