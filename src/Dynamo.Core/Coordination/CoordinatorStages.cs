namespace Dynamo.Core;

/// <content>How a request begins, and how it goes from one stage to the next.</content>
public sealed partial class Coordinator
{
    private void Begin(
        RequestId id, ReplyAddress replyTo, ClientRequest request, TimeSpan? remaining, Instant now, Effects effects,
        Arrival? arrival = null)
    {
        var arrived = arrival?.At ?? now;
        var pending = new Pending(NameOf(request), replyTo, arrived) { LagFrom = arrived, IsTraced = arrival?.IsTraced == true };
        if (Refuse(request) is { } refusal)
        {
            Answer(pending, refusal, now, effects);
            return;
        }

        if (request is not ListRequest && !IsAdmitted(replyTo))
        {
            pending.IsShed = true;
            effects.Observe(new Observation.Shed(replyTo.Node.IsNone ? ShedPlace.Door : ShedPlace.Forwarded));
            Answer(pending, AdmissionControl.Refusal(_self), now, effects);
            return;
        }

        _pending.Add(id, pending);
        if (pending.IsOpen = request is not ListRequest) Open++;
        if (pending.IsTraced) _traced++;
        // By a ring that is no more it would find nothing, and write where nobody looks. Another node's it hands back at once.
        if (View!.Rings is { IsAsking: true } && replyTo.Node.IsNone)
        {
            pending.Held = request;
            pending.Ends = now + (remaining ?? TimeoutOf(request) ?? _settings.RequestTimeout);
        }
        else if (View.Rings is { IsAsking: true })
        {
            Answer(pending, new NotReady(AskingSentence), now, effects);
        }
        else
        {
            Begin(id, pending, request, remaining, now, effects);
        }

        Advance(id, pending, now, effects);
    }

    private bool IsAdmitted(ReplyAddress replyTo) => Open < (replyTo.Node.IsNone ? Admission.Limit : Admission.ForwardedLimit);

    private string AskingSentence => RingState.AskingSentence(_self);

    private static TimeSpan? TimeoutOf(ClientRequest request) => request switch
    {
        GetRequest get => get.Options.Timeout,
        OwnerReadRequest read => read.Options.Timeout,
        PutRequest put => put.Options.Timeout,
        DeleteRequest delete => delete.Options.Timeout ?? delete.ReadOptions.Timeout,
        IncrementRequest increment => increment.Options.Timeout,
        ListRequest list => list.Timeout,
        _ => null,
    };

    // The ring to work by is known now.
    private void GoOnWithHeld(Instant now, Effects effects)
    {
        if (View!.Rings is { IsAsking: true }) return;
        foreach (var (id, pending) in _pending.Where(static p => p.Value.Held is not null).OrderBy(static p => p.Key.Value).ToList())
        {
            var request = pending.Held!;
            pending.Held = null;
            pending.LagFrom = now;
            if (Refuse(request) is { } refusal) Answer(pending, refusal, now, effects);
            else Begin(id, pending, request, AtLeastAMoment(pending.Ends - now), now, effects);
            Advance(id, pending, now, effects);
        }
    }

    private void Begin(
        RequestId id, Pending pending, ClientRequest request, TimeSpan? remaining, Instant now, Effects effects)
    {
        switch (request)
        {
            case GetRequest get:
                pending.Ends = now + (remaining ?? get.Options.Timeout ?? _settings.RequestTimeout);
                BeginGet(id, pending, get.Key, get.Options, now, effects);
                break;
            case OwnerReadRequest read:
                BeginOwnerRead(id, pending, read, now + (remaining ?? read.Options.Timeout ?? _settings.RequestTimeout), now, effects);
                break;
            case PutRequest put:
                pending.Ends = now + (remaining ?? put.Options.Timeout ?? _settings.RequestTimeout);
                BeginPut(id, pending, put, now, effects);
                break;
            case DeleteRequest { Context.IsEmpty: true } delete:
                pending.Delete = delete;
                pending.Ends = now + (remaining ?? delete.Options.Timeout ?? _settings.RequestTimeout);
                BeginGet(id, pending, delete.Key, delete.ReadOptions, now, effects);
                break;
            case DeleteRequest delete:
                pending.Ends = now + (remaining ?? delete.Options.Timeout ?? _settings.RequestTimeout);
                BeginPut(id, pending, new PutRequest(delete.Key, delete.Context, null, delete.Options), now, effects);
                break;
            case IncrementRequest increment:
                pending.Ends = now + (remaining ?? increment.Options.Timeout ?? _settings.RequestTimeout);
                pending.Increment = increment.Delta;
                BeginPut(id, pending, new PutRequest(increment.Key, default, null, increment.Options), now, effects);
                break;
            case ListRequest list:
                pending.List = new ListCoordinator(id, list.Bucket, View!, now + (list.Timeout ?? ListTimeout));
                pending.List.Start(effects);
                break;
        }
    }

    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(60);

    private static string NameOf(ClientRequest request) => request switch
    {
        GetRequest => "get",
        OwnerReadRequest => "owner_get",
        PutRequest => "put",
        DeleteRequest => "delete",
        IncrementRequest => "increment",
        _ => "list",
    };

    // What can be refused before anything is looked up or sent.
    private Outcome? Refuse(ClientRequest request)
    {
        if (View is null) return new NotReady("The node does not know its cluster yet.");
        if (View.Rings is { Absence: { Length: > 0 } absence }) return new NotReady(absence);
        if (View.SelfIndex < 0) return new NotReady($"{_self} is no member of the cluster.");
        if (_pending.Count >= _settings.MaxRequestsInFlight)
            return new Overloaded($"The node has {_pending.Count} requests under way, which is its limit.");
        if (TimeoutOf(request) is { } asked && (asked < TimeSpan.FromMilliseconds(1) || asked > TimeSpan.FromHours(1)))
            return new BadRequest("The timeout must be 1 millisecond to 1 hour.");
        if (request is not PutRequest { Value: { } value }) return null;
        if (value.Body.Length > _settings.MaxValueBytes)
            return new TooLarge($"The value has {value.Body.Length} bytes; at most {_settings.MaxValueBytes} are allowed.");
        return value.Check() is { Length: > 0 } error ? new BadRequest(error) : null;
    }

    private void BeginGet(RequestId id, Pending pending, Key key, GetOptions options, Instant now, Effects effects)
    {
        var view = View!;
        var bucket = view.PropertiesOf(key.Bucket);
        var quorum = ReadQuorum.Resolve(bucket, options, view.Ring.Nodes.Length, out var error);
        if (error.Length > 0)
        {
            Answer(pending, new BadRequest(error), now, effects);
            return;
        }

        var targets = view.TargetsOf(view.Ring.PartitionOf(key), quorum.N);
        pending.Key = key;
        pending.N = quorum.N;
        pending.Get = new GetCoordinator(
            id, key, quorum, bucket.IsLastWriteWins, targets, _self, now, pending.Ends - now, _settings.ReplicaTimeout);
        if (!targets.Includes(_self)) NoteLag(pending, now);
        pending.Get.Start(effects);
    }

    private void BeginOwnerRead(RequestId id, Pending pending, OwnerReadRequest read, Instant deadline, Instant now, Effects effects)
    {
        pending.OwnerRead = OwnerReader.Begin(read, View!, deadline, out var refusal);
        if (refusal is not null)
        {
            Answer(pending, refusal, now, effects);
            return;
        }

        pending.Key = read.Key;
        effects.Send(_self, new ReplicaGet(id, pending.OwnerRead!.Partition, read.Key));
    }

    private void OnRead(RequestId id, Pending pending, ReadResult read, Instant now, Effects effects)
    {
        if (pending.Delete is not { } delete)
        {
            Answer(pending, read.ToOutcome(pending.Key!, _contexts), now, effects);
            return;
        }

        // A delete without a context covers what was read just now; where nothing lives there is nothing to delete.
        if (pending.PutRequest is not null) return;
        var outcome = read.ToOutcome(delete.Key, _contexts);
        if (outcome is not Found found)
            Answer(pending, outcome, now, effects);
        else
            BeginPut(id, pending, new PutRequest(delete.Key, found.Context, null, delete.Options), now, effects);
    }

    private void BeginPut(RequestId id, Pending pending, PutRequest put, Instant now, Effects effects)
    {
        var view = View!;
        var context = CausalContext.Empty;
        var error = "";
        if (!put.Context.IsEmpty && !_contexts.TryDecode(put.Key, put.Context.Span, out context, out error))
        {
            Answer(pending, new BadContext(error), now, effects);
            return;
        }

        var bucket = view.PropertiesOf(put.Key.Bucket);
        if (pending.Increment is not null && bucket.IsLastWriteWins)
        {
            Answer(pending, new BadRequest(IncrementRequest.NeedsSiblings), now, effects);
            return;
        }

        var quorum = WriteQuorum.Resolve(bucket, put.Options, view.Ring.Nodes.Length, out error);
        if (error.Length > 0)
        {
            Answer(pending, new BadRequest(error), now, effects);
            return;
        }

        pending.PutRequest = put;
        (pending.N, pending.W) = (quorum.N, quorum.W);
        pending.LastWriteWins = bucket.IsLastWriteWins;
        var targets = TargetsFor(view, pending.Tried, put.Key, quorum);
        var mayCoordinate = !pending.Tried.Contains(_self);
        var isAsked = mayCoordinate && (targets.IsCoordinator(_self) || !pending.ReplyTo.Node.IsNone);
        List<NodeId> candidates = isAsked ? [] : [.. targets.Coordinators().Where(node => !pending.Tried.Contains(node))];
        var lastResort = candidates.Count == 0 || pending.Forwarder is { IsExhausted: true };
        if (isAsked || (mayCoordinate && lastResort))
        {
            // A stage before this one has told its own.
            if (pending.LagFrom == Instant.Never) pending.LagFrom = now;
            pending.Put = new PutCoordinator(
                id, put, context, quorum, bucket.IsLastWriteWins, targets, _self,
                now, pending.Ends - now, _settings.ReplicaTimeout, pending.Increment, OtherGroup(pending, put, bucket));
            pending.Put.Start(effects);
            return;
        }

        // The replica that answered the context's read first goes first; the hint is ignored unless it is a reachable primary.
        if (targets.ReachablePrimaries > 0 && candidates.Remove(context.FastestReplica))
            candidates.Insert(0, context.FastestReplica);
        NoteLag(pending, now);
        pending.Forwarder = new PutForwarder(
            id, put, quorum.W, candidates, now, pending.Ends - now, _settings.ReplicaTimeout, pending.Increment);
        pending.Forwarder.Start(now, effects);
    }

    // While membership changes a write is acknowledged when it is where each of the two rings looks for it.
    private WriteGroup? OtherGroup(Pending pending, PutRequest put, BucketProperties bucket)
    {
        if (View!.Other is not { } other) return null;
        var quorum = WriteQuorum.Resolve(bucket, put.Options, other.Ring.Nodes.Length, out _);
        return new WriteGroup(TargetsFor(other, pending.Tried, put.Key, quorum), quorum);
    }

    // Nodes that were asked in vain are as good as unreachable for this request, and this node may have become the first of those
    // that are left. Where too few are left they are written to all the same: silent for so long, on a busy machine, is not dead.
    private static ReplicaTargets TargetsFor(ClusterView view, NodeId[] tried, Key key, WriteQuorum quorum)
    {
        var partition = view.Ring.PartitionOf(key);
        var left = view.Without(tried).TargetsOf(partition, quorum.N);
        return tried.Length == 0 || new WriteGroup(left, quorum).Refusal is null ? left : view.TargetsOf(partition, quorum.N);
    }

    // The own store could not begin the write, so nothing is written and the next coordinator may be asked. A node that
    // forwarded the request is told instead, and asks the next one itself.
    private bool MoveOn(RequestId id, Pending pending, Instant now, Effects effects)
    {
        if (!pending.ReplyTo.Node.IsNone || pending.Tried.Contains(_self)) return false;
        pending.Tried = [.. pending.Tried, _self];
        pending.Refusal = pending.Put!.Outcome;
        pending.Put = null;
        BeginPut(id, pending, pending.PutRequest!, now, effects);
        Advance(id, pending, now, effects);
        return true;
    }

    // Everybody who should coordinate stayed silent or could not: this node does, as a fallback, unless its own store
    // has refused already.
    private bool TakeOver(RequestId id, Pending pending, Instant now, Effects effects)
    {
        var forwarder = pending.Forwarder!;
        if (pending.Tried.Contains(_self))
        {
            if (pending.Refusal is null || forwarder.Asked.Count > 0) return false;
            Answer(pending, pending.Refusal, now, effects);
            return false;
        }

        pending.Tried = [.. pending.Tried, .. forwarder.Asked];
        BeginPut(id, pending, pending.PutRequest!, now, effects);
        pending.Forwarder = null;
        Advance(id, pending, now, effects);
        return true;
    }

    private void OnForward(NodeId from, ForwardPut forward, Instant now, Effects effects)
    {
        var replyTo = new ReplyAddress(from, forward.Id);
        switch (_forwards.Seen(replyTo, out var ended))
        {
            case RecentForwards.State.Ended:
                effects.Send(from, new ForwardReply(forward.Id, ended!));
                return;
            case RecentForwards.State.UnderWay:
                effects.Send(from, new ForwardAccepted(forward.Id));
                return;
        }

        effects.Send(from, new ForwardAccepted(forward.Id));
        Begin(NextId(), replyTo, forward.Request, AtLeastAMoment(forward.Remaining), now, effects);
    }

    // Taken once, by the run that gave the ticket, however often it arrives. What comes with another ticket may have been
    // taken by an earlier run of this node, so nothing is said about it: the sender waits, and then says that it cannot know.
    private void OnForward(NodeId from, ForwardIncrement forward, Instant now, Effects effects)
    {
        if (forward.Ticket == 0)
            effects.Send(from, new IncrementTicket(forward.Id, _tickets.Issue()));
        else if (_tickets.TryUse(forward.Ticket))
            Begin(NextId(), new ReplyAddress(from, forward.Id), forward.Request, AtLeastAMoment(forward.Remaining), now, effects);
    }

    private static TimeSpan AtLeastAMoment(TimeSpan remaining) =>
        remaining > TimeSpan.Zero ? remaining : TimeSpan.FromMilliseconds(1);
}
