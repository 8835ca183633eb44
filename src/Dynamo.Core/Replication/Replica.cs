using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>One partition replica on one node: merges what it is given, issues dots, keeps hints for others.</summary>
/// <remarks>
/// It serves its partition in every role the node can have for it: as an owner, and as a fallback that keeps records for owners
/// it stands in for. All changes of the partition's rows in this store pass through it, one at a time; only the
/// removal of delivered hints does not, and that names the stamp it saw.
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.4 to 4.6.
/// </remarks>
public sealed partial class Replica
{
    private readonly NodeId _self;
    private readonly PartitionId _partition;
    private readonly INodeStore _store;
    private readonly NodeSettings _settings;
    private readonly Prng _random;

    // Most of the time there is one write under way at most, which needs no table.
    private readonly Dictionary<WriteId, Waiting> _waiting = [];
    private (WriteId Id, Waiting? Write) _only;
    private readonly ReplicaTrees _trees;
    private readonly ReplicaReaping _reaping;
    private ClusterView? _view;
    private DotIssuer? _dots;
    private ulong _nextWrite;

    // Writes under way that bear a dot above every durable lease, and failures as of the last dot.
    private int _uncovered;
    private long _failures;

    /// <summary>The replica of a partition over what the store holds.</summary>
    /// <param name="self">The node.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="store">The node's store.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="entropy">Random: where generation numbers come from.</param>
    public Replica(NodeId self, PartitionId partition, INodeStore store, NodeSettings settings, ulong entropy)
    {
        _self = self;
        _partition = partition;
        _store = store;
        _settings = settings;
        _random = new Prng(entropy);
        _failures = store.FailedTransactions;
        _reaping = new ReplicaReaping(partition, store, settings, _random.Next());
        _trees = new ReplicaTrees(partition, store, settings, SeeRow);
    }

    // Made when first needed, so that a lease that cannot be read refuses a message and not the whole replica.
    private DotIssuer Dots =>
        _dots ??= new DotIssuer(_self, _partition, _store.Lease(_partition), _settings.LeaseBlock, _random);

    /// <summary>Takes a message for this partition.</summary>
    public void OnMessage(NodeId from, Message message, Instant now, Effects effects)
    {
        try
        {
            switch (message)
            {
                case ReplicaGet get:
                    OnGet(from, get.Id, get.Key, isDigest: false, effects);
                    break;
                case ReplicaDigest digest:
                    OnGet(from, digest.Id, digest.Key, isDigest: true, effects);
                    break;
                case CoordinateWrite write:
                    OnCoordinate(from, write, now, effects);
                    break;
                case ReplicaPut put:
                    OnPut(from, put, now, effects);
                    break;
                default:
                    OnUpkeep(from, message, now, effects);
                    break;
            }
        }
        catch (StoreFailedException fault)
        {
            // Whatever could not be read, nothing was handed to the store, so a refusal is the whole truth.
            effects.Observe(new Observation.StoreFailed(fault.Message));
            if (AnswerTo(message) is { } answer) effects.Send(from, Refused(answer, fault.Message));
        }
    }

    private static Message? AnswerTo(Message message) => message switch
    {
        ReplicaGet get => new ReplicaGetReply(get.Id, StoreReadStatus.Failed, Record.Empty),
        ReplicaDigest digest => new ReplicaDigestReply(digest.Id, StoreReadStatus.Failed, 0),
        CoordinateWrite write => Refuse(write.Id, WriteRefusal.StoreFailed, ""),
        ReplicaPut put => new ReplicaPutReply(put.Id, Durable: false, WriteRefusal.StoreFailed, put.IntendedFor),
        _ => null,
    };

    /// <summary>A write is durable, or failed with nothing applied.</summary>
    public void OnWritten(WriteId id, WriteResult result, Effects effects)
    {
        if (TakeWaiting(id) is not { } waiting)
        {
            // What could not be dropped is dropped another time.
            if (_drops.Remove(id.Value) && !result.Ok) (_dropAt, _dropped) = (_lastDrop + DropAgain, null);
            if (!result.Ok) OnWriteFailed(result.Error!, effects);
            return;
        }

        if (waiting.IsUncovered) _uncovered--;
        if (!result.Ok) OnWriteFailed(result.Error!, effects);
        else if (waiting.Lease is { } lease) Dots.OnLeased(lease);
        if (result.Ok && waiting.Answer is CoordinateWriteReply or ReplicaPutReply) effects.Observe(Observation.ReplicaWritten.Instance);
        if (result.Ok && waiting.Mends) effects.Observe(new Observation.RecordMended(_partition));
        if (result.Ok && !waiting.HintsFor.IsDefaultOrEmpty)
            foreach (var owner in waiting.HintsFor) effects.Observe(new Observation.HintStored(owner, _partition));
        // A reaper asks again until it hears that the removal is durable.
        if (!result.Ok && waiting.Answer is (ReapReply or ReapedReply)) return;
        if (waiting.Answer is { } answer) effects.Send(waiting.To, result.Ok ? answer : Refused(answer, result.Error!));
    }

    private static Message Refused(Message answer, string error) => answer switch
    {
        CoordinateWriteReply reply => Refuse(reply.Id, WriteRefusal.StoreFailed, error) with { WasHandedOver = true },
        ReplicaPutReply reply => reply with { Durable = false, Refusal = WriteRefusal.StoreFailed },
        ReplicaGetReply reply => new ReplicaGetReply(reply.Id, StoreReadStatus.Failed, Record.Empty),
        ReplicaDigestReply reply => new ReplicaDigestReply(reply.Id, StoreReadStatus.Failed, 0),
        _ => answer,
    };

    private static CoordinateWriteReply Refuse(RequestId id, WriteRefusal refusal, string reason) =>
        new(id, Record.Empty, VersionVector.Empty, refusal, reason);

    // What an owner holds as its own and what it, or a fallback, holds for others is all knowledge of the key.
    private void OnGet(NodeId from, RequestId id, Key key, bool isDigest, Effects effects)
    {
        effects.Observe(Observation.ReplicaRead.Instance);
        var read = ReadOwn(key, effects);
        var record = read.Stored?.Record ?? Record.Empty;
        var queued = read.Queued;
        foreach (var hint in _store.HintsFor(key))
        {
            var merged = record.Merge(hint.Stored.Record);
            // Whether a hint is durable yet is not known, so one that adds something counts as queued.
            queued |= !ReferenceEquals(merged, record);
            record = merged;
        }

        var status = read.Status is StoreReadStatus.Corrupt or StoreReadStatus.Failed ? read.Status
            : record.IsEmpty ? StoreReadStatus.Missing
            : StoreReadStatus.Found;
        var isFound = status == StoreReadStatus.Found;
        Message reply = isDigest
            ? new ReplicaDigestReply(id, status, isFound ? RecordCodec.DigestOf(record) : 0)
            : new ReplicaGetReply(id, status, isFound ? record : Record.Empty);
        // A version that is not durable yet could still vanish, so it is shown only once it is; but for what a buffer may show.
        if (queued && !MayLeave) Write([], new Waiting(from, reply), effects);
        else effects.Send(from, reply);
    }

    private void OnCoordinate(NodeId from, CoordinateWrite write, Instant now, Effects effects)
    {
        if (IsBehind(_settings.MaxStoreBacklog, effects))
        {
            effects.Send(from, Refuse(write.Id, WriteRefusal.Overloaded, $"{_self} is overloaded: {_store.Backlog} writes wait in its store."));
            return;
        }

        if (MustWait(from, write, now, effects)) return;
        var forOther = !write.IntendedFor.IsNone && write.IntendedFor != _self;
        // The ring has changed since the coordinator looked.
        if (!forOther && !Owns(write.Key))
        {
            write = write with { IntendedFor = Owners(write.Key)[0] };
            forOther = true;
        }

        if (forOther && IsHintRefused(write.IntendedFor, write.Key, effects))
        {
            effects.Send(from, Refuse(write.Id, WriteRefusal.HintsFull, HintsFullSentence(write.IntendedFor)));
            return;
        }

        EndWhenForgetful(effects);
        var read = forOther ? ReadHint(write.IntendedFor, write.Key) : ReadOwn(write.Key, effects);
        if (read.Status == StoreReadStatus.Failed)
        {
            effects.Send(from, Refuse(write.Id, WriteRefusal.StoreFailed, read.Error ?? "The store could not be read."));
            return;
        }

        var held = read.Stored?.Record ?? Record.Empty;
        Dots.Meet(held.Clock, effects);
        Dots.Meet(write.Context, effects);
        var context = write.LastWriteWins ? write.Context.Merge(held.Clock) : write.Context;
        var dot = Dots.Next(effects);
        CounterWrite? count = write.Increment is { } delta ? CounterWrite.Of(read.Stored, dot.Replica, delta) : null;
        var last = LastIssued(read.Stored, dot);
        var claim = new DotRange(dot.Replica, last + 1, dot.Counter);
        var sibling = new Sibling(dot, Timestamp(held, write.After, now), count is null ? write.Value : count.Value.Value);
        var record = held.Put(count?.Context ?? context, sibling, claim);
        if (_settings.TruncateAsPaper) record = record.Truncate(_settings.PruneAbove);
        if (Exceeds(record, held, isCount: count is not null) is { } refusal)
        {
            effects.Send(from, Refuse(write.Id, refusal.Why, refusal.Sentence));
            return;
        }

        if (record.Siblings.Length > _settings.SiblingsWarn)
            effects.Observe(new Observation.ManySiblings(write.Key, record.Siblings.Length));
        // The memory of a new row begins at its dot, and so does that of one in which a counter's entry begins.
        var stored = read.Stored is { } row && count is not { Begins: true }
            ? row with { Record = record }
            : new StoredRecord(record, dot.Replica.Generation, dot.Counter - 1);
        var written = write.Context.With(claim);
        var answer = new CoordinateWriteReply(write.Id, record, written, WriteRefusal.None, "");
        var lease = Dots.LeaseToWrite();
        var change = Change(write.Key, stored, forOther ? write.IntendedFor : default);
        List<StoreChange> changes = lease is null ? [change] : [new StoreChange.PutLease(_partition, lease), change];
        RaiseOtherFloors(write.Key, forOther ? write.IntendedFor : default, dot, changes);
        if (!forOther) Changed(write.Key, held, record, now);
        Write(
            changes,
            new Waiting(from, answer, lease, forOther ? [write.IntendedFor] : default, read.Status == StoreReadStatus.Corrupt, !Dots.IsCovered),
            effects);
        if (!Dots.IsCovered) _uncovered++;
        else if (_uncovered == 0 && !_store.IsImmediate)
            effects.Send(from, answer with { Copy = _store.Buffer == StoreBuffer.Open ? CopyState.Applied : CopyState.Issued });
    }

    // A store may hold several rows of one key: its own and a hint for each owner it stands in for. The dot just issued
    // is known to one of them only, so the others must not claim it with their next write: their claims begin above it.
    private void RaiseOtherFloors(Key key, NodeId written, Dot dot, List<StoreChange> changes)
    {
        if (!written.IsNone && _store.Read(_partition, key).Stored is { } own)
            changes.Add(Change(key, RaiseFloor(own), default));
        if (_store.HintOwners().Count == 0) return;
        foreach (var hint in _store.HintsFor(key))
            if (hint.Owner != written) changes.Add(Change(key, RaiseFloor(hint.Stored), hint.Owner));

        StoredRecord RaiseFloor(StoredRecord row) =>
            row with { Generation = dot.Replica.Generation, Floor = dot.Counter };
    }

    // The last dot this store issued for the key, as far as it can know: what lies between that and the new dot can
    // be claimed. A row of an earlier generation says nothing of this one, which then has issued none since it began;
    // without a row, whatever was issued is forgotten and only the new dot is claimed.
    private static ulong LastIssued(StoredRecord? row, Dot dot)
    {
        if (row is null) return dot.Counter - 1;
        var floor = row.Generation == dot.Replica.Generation ? row.Floor : 0;
        // A floor may name a dot whose own write failed, with the lease that covered it: after a restart it is issued again.
        return Math.Min(dot.Counter - 1, Math.Max(floor, row.Record.Clock.LastOf(dot.Replica)));
    }

    private static long Timestamp(Record held, long after, Instant now)
    {
        var timestamp = Math.Max(now.Microseconds, after + 1);
        foreach (var sibling in held.Siblings) timestamp = Math.Max(timestamp, sibling.Timestamp + 1);
        return timestamp;
    }

    private (WriteRefusal Why, string Sentence)? Exceeds(Record record, Record held, bool isCount)
    {
        // A write that makes the pile smaller is always welcome. Of a counter's entries there are as many as generations and
        // hint rows that have counted, not as many as increments, and no client can resolve them.
        if (!isCount && record.Siblings.Length > _settings.SiblingsMax && record.Siblings.Length > held.Siblings.Length)
            return (WriteRefusal.TooManySiblings,
                $"The key has {held.Siblings.Length} siblings; resolve them first: put with the context of a get.");
        return record.BodyBytes > _settings.MaxRecordBytes && record.BodyBytes > held.BodyBytes
            ? (WriteRefusal.TooLarge, $"All siblings together would have more than {_settings.MaxRecordBytes} bytes.")
            : null;
    }

    private StoreRead ReadOwn(Key key, Effects effects)
    {
        var read = _store.Read(_partition, key);
        if (read.Status == StoreReadStatus.Corrupt)
        {
            effects.Observe(new Observation.CorruptRecord(_partition, key));
            Dots.End("a record failed its checksum", effects);
            _trees.Drop();
        }
        else if (read.Status == StoreReadStatus.Failed)
        {
            effects.Observe(new Observation.StoreFailed(read.Error ?? ""));
        }

        return read;
    }

    private StoreRead ReadHint(NodeId owner, Key key) => _store.ReadHint(owner, key) is { } hint
        // Whether it is queued is not known per hint; asking for a durable barrier is always right.
        ? new StoreRead(StoreReadStatus.Found, hint.Stored, Queued: true)
        : new StoreRead(StoreReadStatus.Missing);

    private bool IsHintRefused(NodeId owner, Key key, Effects effects)
    {
        if (_store.HintCount(owner) < _settings.MaxHintsPerOwner || _store.ReadHint(owner, key) is not null) return false;
        effects.Observe(new Observation.HintRefused(owner));
        return true;
    }

    private bool IsBehind(int limit, Effects effects)
    {
        if (_store.Backlog < limit) return false;
        effects.Observe(new Observation.Shed(ShedPlace.Store));
        return true;
    }

    private string HintsFullSentence(NodeId owner) =>
        $"{_self} holds {_settings.MaxHintsPerOwner} hints for {owner}, which is its limit.";

    private StoreChange Change(Key key, StoredRecord stored, NodeId hintFor) => hintFor.IsNone
        ? new StoreChange.PutRecord(_partition, key, stored)
        : new StoreChange.PutHint(new Hint(hintFor, _partition, key, stored, _store.NextHintStamp()));

    private void Write(IReadOnlyList<StoreChange> changes, Waiting waiting, Effects effects)
    {
        var id = new WriteId(++_nextWrite);
        if (_only.Write is null) _only = (id, waiting);
        else _waiting.Add(id, waiting);
        effects.Write(id, changes);
    }

    private Waiting? TakeWaiting(WriteId id)
    {
        if (_only.Write is not { } only || _only.Id != id) return _waiting.Remove(id, out var waiting) ? waiting : null;
        _only = default;
        return only;
    }

    // What to say, if anything, and to whom, once a write is durable; whether it takes the place of a damaged record, and bears a dot that no
    // durable lease covers.
    private sealed record Waiting(
        NodeId To, Message? Answer, GenerationLease? Lease = null, ImmutableArray<NodeId> HintsFor = default, bool Mends = false,
        bool IsUncovered = false);
}
