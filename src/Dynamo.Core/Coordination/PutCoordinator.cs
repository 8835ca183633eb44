using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>One put or delete at the node that coordinates it: own copy first, then the others, then hints for who is missing.</summary>
/// <remarks>
/// <code>
///   CoordinateWrite to the own replica          issues the dot; nothing leaves before a lease that covers it is durable
///     -> ReplicaPut to the other targets        a fallback keeps it as a hint for the owner it stands in for
///       -> the client is answered               when W, DW and PW are met
///         -> hints                              for every owner that has not acknowledged, at another node or here
/// </code>
/// The machine stays until each owner has acknowledged or a hint for it is safe, answered or not.
/// The own replica answers twice, so that the others write while it does. A replica with a buffer does too: applied, which counts
/// for W and PW, and durable, which alone counts for DW and covers an owner.
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 4.5 and 4.6.
/// Differs: a silent or refusing replica is replaced by a fallback within the request.
/// </remarks>
public sealed partial class PutCoordinator
{
    private const int MostTries = 2;
    private readonly RequestId _id;
    private readonly PutRequest _request;
    private readonly CausalContext _context;
    private readonly WriteQuorum _quorum;
    private readonly bool _lastWriteWins;
    private readonly ReplicaTargets _targets;
    private readonly WriteGroup[] _groups;
    private readonly NodeId _self;
    private readonly NodeId _selfFor;
    private readonly List<WriteSlot> _slots = new(4);
    private readonly Instant _deadline;
    private readonly TimeSpan _replicaTimeout;
    private readonly long? _increment;
    private Instant _replicaDeadline;
    private CoordinateWriteReply? _own;
    private ReplicaPut? _toOwners;

    /// <summary>A put that has not written anything yet.</summary>
    /// <param name="id">This coordinator's number for it.</param>
    /// <param name="request">The request; its context has been read.</param>
    /// <param name="context">What the client had read: the siblings to replace, and the timestamp to be above.</param>
    /// <param name="quorum">The counts.</param>
    /// <param name="lastWriteWins">Whether everything held is replaced.</param>
    /// <param name="targets">Whom to write to.</param>
    /// <param name="self">This node.</param>
    /// <param name="now">The time.</param>
    /// <param name="timeout">How long the request may take.</param>
    /// <param name="replicaTimeout">How long a replica may stay silent.</param>
    /// <param name="increment">What is to be added to a counter, when it is that rather than a put.</param>
    /// <param name="other">Whom to write to as well, and how many of them, while membership changes; null when it does not.</param>
    public PutCoordinator(
        RequestId id, PutRequest request, CausalContext context, WriteQuorum quorum, bool lastWriteWins,
        ReplicaTargets targets, NodeId self, Instant now, TimeSpan timeout, TimeSpan replicaTimeout, long? increment = null,
        WriteGroup? other = null)
    {
        _groups = other is null ? [new WriteGroup(targets, quorum)] : [new WriteGroup(targets, quorum), other];
        _id = id;
        _request = request;
        _context = context;
        _quorum = quorum;
        _lastWriteWins = lastWriteWins;
        _targets = targets;
        _self = self;
        _selfFor = StandsInFor(targets, self);
        _deadline = now + timeout;
        _replicaTimeout = replicaTimeout;
        _increment = increment;
        _replicaDeadline = Instant.Never;
    }

    /// <summary>Nodes that were asked to store it so far, this one included.</summary>
    public int Asked => _slots.Count;

    /// <summary>How the put ended for its client; null while undecided.</summary>
    public Outcome? Outcome { get; private set; }

    /// <summary>
    /// Whether this node turned out unable to coordinate, with nothing written and no dot used: another one should.
    /// </summary>
    public bool ShouldMoveOn { get; private set; }

    /// <summary>Whether nothing more is waited for.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>What was written, for the answer: the record after the write, and the context the put itself returns.</summary>
    public (Record Record, VersionVector Written) Result =>
        _own is { } own ? (own.Record, own.Written) : (Record.Empty, VersionVector.Empty);

    /// <summary>When to call <see cref="OnTime"/>; calling it earlier does nothing.</summary>
    public Instant Deadline => IsFinished ? Instant.Never : Instant.Min(_replicaDeadline, _deadline);

    /// <summary>Writes the own copy, unless it is plain already that too few nodes can be reached: then nothing is written.</summary>
    public void Start(Effects effects)
    {
        var refusal = _groups[0].Refusal ?? _groups[^1].Refusal;
        if (refusal is not null)
            Refuse(refusal);
        else
            effects.Send(_self, new CoordinateWrite(
                _id, _targets.Partition, _request.Key, _context.Vector, _request.Value, _lastWriteWins,
                _selfFor == _self ? default : _selfFor, _context.Timestamp, _increment));
    }

    /// <summary>The own copy is durable, or issued or applied with another answer to follow, or could not be written.</summary>
    public void OnCoordinated(CoordinateWriteReply reply, Instant now, Effects effects)
    {
        if (IsFinished) return;
        if (_own is not null)
        {
            if (_slots[0].IsOpen && (reply.Copy == CopyState.Durable || reply.Refusal != WriteRefusal.None)) Conclude(_slots[0], reply.Refusal, effects);
            return;
        }

        switch (reply.Refusal)
        {
            case WriteRefusal.TooManySiblings or WriteRefusal.TooLarge:
                Refuse(new TooLarge(reply.Reason));
                return;
            case WriteRefusal.Overloaded:
                // The next one would be asked for the same work, and a node that is not an owner for a hint besides.
                Refuse(new Overloaded(reply.Reason));
                return;
            case not WriteRefusal.None when reply.WasHandedOver && _increment is not null:
                // A put that is there after all would be a sibling of the same value; this would count twice.
                Refuse(new Unavailable(QuorumKind.W, _quorum.W, 0, MayTakeEffect: true));
                return;
            case not WriteRefusal.None:
                Refuse(new NotReady(reply.Reason));
                ShouldMoveOn = true;
                return;
        }

        _own = reply;
        _slots.Add(new WriteSlot(_self, _selfFor)
        {
            State = reply.Copy == CopyState.Durable ? SlotState.Acknowledged : SlotState.Asked, IsApplied = reply.Copy == CopyState.Applied,
        });
        _replicaDeadline = Instant.Min(_deadline, now + _replicaTimeout);
        foreach (var group in _groups)
        {
            foreach (var target in group.Targets.Targets)
                if (!HasSlot(group, target.Owner)) Ask(target.Node, target.Owner, effects);
            // Owners nobody can stand in for are remembered here; that is one node twice, so it counts for nothing.
            foreach (var owner in group.Owners)
                if (!HasSlot(group, owner)) Ask(_self, owner, effects);
        }

        Settle(effects);
    }

    /// <summary>Takes a replica's answer; late and repeated ones are welcome.</summary>
    public void OnReply(NodeId from, ReplicaPutReply reply, Effects effects)
    {
        if (IsFinished || _own is null) return;
        var owner = reply.IntendedFor.IsNone ? from : reply.IntendedFor;
        if (OpenSlot(from, owner) is not { } slot) return;
        if (!reply.Durable && reply.Refusal == WriteRefusal.None)
        {
            slot.IsApplied = true;
            Settle(effects);
            return;
        }

        if (reply.Refusal == WriteRefusal.Fenced && slot.Tries < MostTries)
        {
            slot.Tries++;
            Send(slot, effects);
            return;
        }

        Conclude(slot, reply.Refusal, effects);
    }

    /// <summary>Tells the time: silent replicas are replaced, and the request ends at its deadline.</summary>
    public void OnTime(Instant now, Effects effects)
    {
        if (IsFinished) return;
        if (now >= _replicaDeadline && now < _deadline)
        {
            foreach (var slot in _slots.FindAll(static s => s.State == SlotState.Asked))
            {
                slot.State = SlotState.Silent;
                Replace(slot, effects);
            }

            _replicaDeadline = Instant.Min(_deadline, now + _replicaTimeout);
            Settle(effects);
        }

        if (now < _deadline || IsFinished) return;
        foreach (var owner in Missing()) Ask(_self, owner, effects);
        Outcome ??= TimeOut();
        IsFinished = true;
    }

    /// <summary>One line for a person who looks at a stuck request.</summary>
    public string Describe() =>
        $"put {_request.Key} W={_quorum.W} DW={_quorum.DW} PW={_quorum.PW}: "
        + (_own is null ? "own copy not written yet" : string.Join(", ", _slots)) + (Outcome is null ? "" : ", answered");

    /// <summary>Throws when a rule of this machine is broken.</summary>
    public void CheckInvariants()
    {
        Invariant.Holds(!IsFinished || Outcome is not null, "A finished put has an outcome.");
        Invariant.Holds(Outcome is not Stored || _own is not null, "Nothing is acknowledged before the own copy is written.");
        Invariant.Holds(
            Outcome is not Stored || Unmet(QuorumState.Pending) is null,
            "An acknowledged put has met all its counts.");
    }

    private static NodeId StandsInFor(ReplicaTargets targets, NodeId self)
    {
        foreach (var target in targets.Targets)
            if (target.Node == self) return target.Owner;
        if (targets.Primaries.Contains(self)) return self;
        // A sender with another view chose this node: it stands in for an owner it cannot reach itself, or for the last.
        foreach (var target in targets.Targets)
            if (!target.IsPrimary) return target.Owner;
        return targets.Uncovered.IsEmpty ? targets.Primaries[^1] : targets.Uncovered[0];
    }

    private void Ask(NodeId node, NodeId owner, Effects effects)
    {
        var slot = new WriteSlot(node, owner);
        _slots.Add(slot);
        Send(slot, effects);
    }

    private void Send(WriteSlot slot, Effects effects) => effects.Send(
        slot.Node, slot.Node == slot.Owner ? _toOwners ??= PutFor(default) : PutFor(slot.Owner));

    private ReplicaPut PutFor(NodeId owner) => new(_id, _targets.Partition, _request.Key, Result.Record, owner, PutReason.Write);

    private WriteSlot? OpenSlot(NodeId node, NodeId owner)
    {
        foreach (var slot in _slots)
            if (slot.Node == node && slot.Owner == owner && slot.IsOpen) return slot;
        return null;
    }

    // The last word of a replica. What it had applied and could not keep is nowhere any more; for an answered client it counted.
    private void Conclude(WriteSlot slot, WriteRefusal refusal, Effects effects)
    {
        slot.State = refusal == WriteRefusal.None ? SlotState.Acknowledged : SlotState.Refused;
        if (slot.State == SlotState.Refused)
        {
            if (Outcome is null) slot.IsApplied = false;
            Replace(slot, effects, refusal == WriteRefusal.Overloaded);
        }

        Settle(effects);
    }

    // Where the load is too much, a fallback would only be the next to refuse, and the one after it: whoever refused for that
    // reason is remembered here, which has written the record already. So is this node, unless its buffer lost the own copy.
    private void Replace(WriteSlot slot, Effects effects, bool isOverloaded = false)
    {
        if (slot.Node == _self && !(slot == _slots[0] && slot.State == SlotState.Refused)) return;
        foreach (var group in _groups)
        {
            if (!group.Owners.Contains(slot.Owner) || IsCovered(group, slot.Owner)) continue;
            var fallback = isOverloaded ? default : group.Targets.NextFallback();
            Ask(fallback.IsNone || fallback == _self ? _self : fallback, slot.Owner, effects);
        }
    }

    private void Settle(Effects effects)
    {
        Decide();
        if (Outcome is null) return;
        IsFinished = AllAreCovered() || !_slots.Exists(static s => s.IsOpen);
    }

    private void Refuse(Outcome outcome)
    {
        Outcome = outcome;
        IsFinished = true;
    }
}
