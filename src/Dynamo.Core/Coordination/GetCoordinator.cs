namespace Dynamo.Core;

/// <summary>One get: asks the first N reachable nodes, answers at R, keeps listening, repairs what is stale.</summary>
/// <remarks>
/// Three decisions, kept apart: may I answer (<see cref="Decide"/>), am I finished (<see cref="IsFinished"/>), what remains
/// to be repaired (<see cref="Repair"/>). A fallback that holds nothing says nothing about the key while a reachable
/// primary may still speak, so it counts towards R only when every one of those has answered or stayed silent too long.
/// Where this node owns the key R are asked for their records, it among them, and the rest for a digest of theirs, see <see cref="OnDigest"/>.
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.5, 4.6 and 5.
/// Differs: a silent replica is replaced by a fallback within the request, before the failure detector has noticed.
/// </remarks>
public sealed partial class GetCoordinator
{
    private readonly Key _key;
    private readonly ReadQuorum _quorum;
    private readonly bool _lastWriteWins;
    private readonly ReplicaTargets _targets;
    private readonly List<ReadSlot> _slots = new(4);
    private readonly Instant _deadline;
    private readonly TimeSpan _replicaTimeout;
    private readonly NodeId _self;
    private readonly ReplicaGet _question;
    private ReplicaDigest? _digestQuestion;
    private Instant _replicaDeadline;
    private int _answers;
    private Record _merged = Record.Empty;

    /// <summary>A get that has not asked anybody yet.</summary>
    /// <param name="id">This coordinator's number for it.</param>
    /// <param name="key">The key.</param>
    /// <param name="quorum">The counts.</param>
    /// <param name="lastWriteWins">Whether the reader sees the latest version alone.</param>
    /// <param name="targets">Whom to ask.</param>
    /// <param name="self">This node.</param>
    /// <param name="now">The time.</param>
    /// <param name="timeout">How long the request may take.</param>
    /// <param name="replicaTimeout">How long a replica may stay silent.</param>
    public GetCoordinator(
        RequestId id, Key key, ReadQuorum quorum, bool lastWriteWins, ReplicaTargets targets,
        NodeId self, Instant now, TimeSpan timeout, TimeSpan replicaTimeout)
    {
        _key = key;
        _quorum = quorum;
        _lastWriteWins = lastWriteWins;
        _targets = targets;
        _self = self;
        _question = new ReplicaGet(id, targets.Partition, key);
        _deadline = now + timeout;
        _replicaTimeout = replicaTimeout;
        _replicaDeadline = Instant.Min(_deadline, now + replicaTimeout);
    }

    /// <summary>How the get ended for its client; null while undecided.</summary>
    public ReadResult? Result { get; private set; }

    /// <summary>The counts.</summary>
    public ReadQuorum Quorum => _quorum;

    /// <summary>Nodes that were asked so far.</summary>
    public int Asked => _slots.Count;

    /// <summary>Whether nothing more is waited for.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline => IsFinished ? Instant.Never : Instant.Min(_replicaDeadline, _deadline);

    /// <summary>Asks the replicas, unless it is plain already that they are too few.</summary>
    public void Start(Effects effects)
    {
        if (_targets.ReachablePrimaries < _quorum.PR)
            Result = Fail(new Unavailable(QuorumKind.PR, _quorum.PR, _targets.ReachablePrimaries));
        else if (_targets.Targets.Length < _quorum.R)
            Result = Fail(new Unavailable(QuorumKind.R, _quorum.R, _targets.Targets.Length));
        IsFinished = Result is not null;
        if (IsFinished) return;
        // R records without another round trip, this node's own among them; whoever is asked beyond that is asked what it holds.
        var wholes = _targets.Targets.AsSpan().Contains(new ReplicaTarget(_self, _self)) ? _quorum.R - 1 : int.MaxValue;
        foreach (var target in _targets.Targets) Ask(target, isDigest: target.IsPrimary && target.Node != _self && wholes-- <= 0, effects);
    }

    /// <summary>Takes a replica's answer; late and repeated ones are welcome.</summary>
    public void OnReply(NodeId from, ReplicaGetReply reply, Effects effects)
    {
        if (IsFinished) return;
        if (SlotOf(from) is not { Answered: null } slot) return;
        slot.Digest = null;
        Note(slot, reply.Status, reply.Record);
        MatchDigests(effects);
        Decide();
        if (_answers == _slots.Count) Finish(effects);
    }

    /// <summary>Tells the time: silent replicas are replaced, and the request ends at its deadline.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (IsFinished) return;
        if (now >= _deadline)
        {
            Result ??= Fail(TimeOut());
            Finish(effects);
        }
        else if (now >= _replicaDeadline)
        {
            Replace(effects);
            _replicaDeadline = MatchDigests(effects) ? Instant.Min(_deadline, now + _replicaTimeout) : Instant.Never;
            Decide();
            // With the client answered, a replica that has stayed silent this long is not worth keeping the request for.
            if (Result is not null) Finish(effects);
        }
    }

    /// <summary>One line for a person who looks at a stuck request.</summary>
    public string Describe() =>
        $"get {_key} R={_quorum.R} PR={_quorum.PR}: {string.Join(", ", _slots)}{(Result is null ? "" : ", answered")}";

    /// <summary>Throws when a rule of this machine is broken.</summary>
    public void CheckInvariants()
    {
        Invariant.Holds(!IsFinished || Result is not null, "A finished get has a result.");
        Invariant.Holds(
            _slots.TrueForAll(s => s.Answered != StoreReadStatus.Found || _merged.Clock.Descends(s.Record.Clock)),
            "What a get answers with covers everything it was told.");
    }

    private ReadSlot? SlotOf(NodeId node)
    {
        foreach (var slot in _slots)
            if (slot.Target.Node == node) return slot;
        return null;
    }

    private void Note(ReadSlot slot, StoreReadStatus status, Record record)
    {
        slot.Answered = status;
        slot.Record = record;
        slot.Order = ++_answers;
        if (status == StoreReadStatus.Found) _merged = _merged.Merge(record);
    }

    private void Ask(ReplicaTarget target, bool isDigest, Effects effects)
    {
        _slots.Add(new ReadSlot(target) { IsAskedWhole = !isDigest });
        effects.Send(target.Node, isDigest ? _digestQuestion ??= new ReplicaDigest(_question.Id, _question.Partition, _key) : _question);
    }

    private void Replace(Effects effects)
    {
        foreach (var silent in _slots.FindAll(static s => s is { Answered: null, IsSilent: false } and not { Digest: not null, IsAskedWhole: false }))
        {
            silent.IsSilent = true;
            if (Result is not null) continue;
            var fallback = _targets.NextFallback();
            if (!fallback.IsNone) Ask(new ReplicaTarget(fallback, silent.Target.Owner), isDigest: false, effects);
        }
    }

    private void Decide()
    {
        if (Result is not null) return;
        var (r, pr, nothing) = Count();
        if (r.State == QuorumState.Met && pr.State == QuorumState.Met) Result = Answer();
        else if (!_quorum.NotFoundOk && _quorum.BasicQuorum && nothing > _quorum.N / 2 && _merged.IsEmpty) Result = Answer();
        else if (r.State == QuorumState.Impossible || pr.State == QuorumState.Impossible) GiveUp(r, pr);
    }

    private (Tally R, Tally PR, int Nothing) Count()
    {
        var primariesSettled = _slots.TrueForAll(static s => !s.Target.IsPrimary || s.Answered is not null || s.IsSilent);
        int got = 0, possible = 0, gotPrimaries = 0, possiblePrimaries = 0, nothing = 0;
        foreach (var slot in _slots)
        {
            var primary = slot.Target.IsPrimary;
            if (slot.Answered == StoreReadStatus.Missing) nothing++;
            switch (slot.Answered)
            {
                case null:
                    possible++;
                    if (primary) possiblePrimaries++;
                    break;
                case StoreReadStatus.Found:
                case StoreReadStatus.Missing when _quorum.NotFoundOk && (primary || primariesSettled):
                    got++;
                    if (primary) gotPrimaries++;
                    break;
                case StoreReadStatus.Missing when _quorum.NotFoundOk:
                    possible++;
                    break;
            }
        }

        return (new Tally(QuorumKind.R, _quorum.R, got, possible),
            new Tally(QuorumKind.PR, _quorum.PR, gotPrimaries, possiblePrimaries), nothing);
    }

    // It is not enough any more. With notfound_ok = false that may mean that there is nothing, which is an answer, not a
    // failure, but only once everybody has said so.
    private void GiveUp(Tally r, Tally pr)
    {
        var mayBeNothing = !_quorum.NotFoundOk && _slots.TrueForAll(static s => s.Answered is StoreReadStatus.Missing or null);
        var failed = r.State == QuorumState.Impossible ? r : pr;
        if (!mayBeNothing) Result = Fail(new Unavailable(failed.Kind, failed.Needed, failed.Got));
        else if (_slots.TrueForAll(static s => s.Answered is not null)) Result = Answer();
    }

    private TimedOut TimeOut()
    {
        var (r, pr, _) = Count();
        var failed = r.State != QuorumState.Met ? r : pr;
        return new TimedOut(failed.Kind, failed.Needed, failed.Got);
    }

    private ReadResult Answer()
    {
        var fastest = default(NodeId);
        foreach (var slot in _slots)
            if (slot.Order == 1 && slot.Target.IsPrimary) fastest = slot.Target.Node;
        return new ReadResult(null, _merged, _lastWriteWins, fastest);
    }

    private ReadResult Fail(Outcome failure) => new(failure, _merged, _lastWriteWins, default);

    private void Finish(Effects effects)
    {
        IsFinished = true;
        Repair(effects);
    }

    // Read repair: owners that answered with less than the whole are sent the whole. Nobody waits for it, and where the get belongs to a
    // delete the answer must not be taken for that of the tombstone.
    private void Repair(Effects effects)
    {
        if (_merged.IsEmpty) return;
        foreach (var slot in _slots)
        {
            if (!slot.Target.IsPrimary || slot.Answered is null or StoreReadStatus.Failed) continue;
            if (slot.Record.HasSameVersions(_merged)) continue;
            effects.Send(slot.Target.Node, new ReplicaPut(
                RequestId.None, _targets.Partition, _key, _merged, IntendedFor: default, PutReason.ReadRepair));
            effects.Observe(new Observation.ReadRepaired(slot.Target.Node, _key));
        }
    }

    private sealed class ReadSlot(ReplicaTarget target)
    {
        public ReplicaTarget Target { get; } = target;
        public StoreReadStatus? Answered { get; set; }
        public Record Record { get; set; } = Record.Empty;
        public bool IsSilent { get; set; }
        public int Order { get; set; }

        /// <summary>The digest of what it holds, when it has said so or somebody has asked.</summary>
        public ulong? Digest { get; set; }

        /// <summary>Whether it was asked for its record.</summary>
        public bool IsAskedWhole { get; set; }

        public override string ToString() =>
            $"{Target.Node}{(Target.IsPrimary ? "" : $" for {Target.Owner}")}:{Answered?.ToString() ?? (IsSilent ? "silent" : "asked")}";
    }
}

/// <summary>What a get came to, before it is put into words for a client.</summary>
/// <param name="Failure">Why there is no answer; null when there is one.</param>
/// <param name="Merged">Everything the answering replicas know of the key.</param>
/// <param name="LastWriteWins">Whether the reader sees the latest version alone.</param>
/// <param name="Fastest">The owner that answered first; <c>default</c> when a fallback did.</param>
public sealed record ReadResult(Outcome? Failure, Record Merged, bool LastWriteWins, NodeId Fastest)
{
    /// <summary>The client's outcome.</summary>
    public Outcome ToOutcome(Key key, ContextCodec contexts)
    {
        if (Failure is not null) return Failure;
        if (Merged.IsEmpty) return NotFound.Nothing;
        var context = contexts.Encode(key, new CausalContext(Merged.Clock, Fastest, Merged.LatestTimestamp));
        var visible = Merged.Visible(LastWriteWins);
        return visible.IsEmpty ? new NotFound(context, Merged.Latest()?.Timestamp) : new Found(visible, context);
    }
}
