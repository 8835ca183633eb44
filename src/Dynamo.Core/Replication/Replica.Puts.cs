using System.Collections.Immutable;

namespace Dynamo.Core;

// What a replica keeps of the records that others send, and for whom.
public sealed partial class Replica
{
    private static readonly ImmutableArray<NodeId> OwnRow = [default];

    private void OnPut(NodeId from, ReplicaPut put, Instant now, Effects effects)
    {
        var reply = new ReplicaPutReply(put.Id, Durable: true, WriteRefusal.None, put.IntendedFor);
        var keptFor = KeptFor(from, put);
        if (from != _self && _view?.Rings is { IsSealed: true })
        {
            effects.Send(from, reply with { Durable = false, Refusal = WriteRefusal.Departed });
            return;
        }

        // What a client waits for goes before what can be sent again at any time.
        if (IsBehind(put.Reason == PutReason.Write ? _settings.MaxStoreBacklog : Math.Max(1, _settings.MaxStoreBacklog / 2), effects))
        {
            effects.Send(from, reply with { Durable = false, Refusal = WriteRefusal.Overloaded });
            return;
        }

        foreach (var owner in keptFor)
        {
            if (owner.IsNone || !IsHintRefused(owner, put.Key, effects)) continue;
            effects.Send(from, reply with { Durable = false, Refusal = WriteRefusal.HintsFull });
            return;
        }

        List<StoreChange> changes = new(1);
        var hinted = ImmutableArray<NodeId>.Empty;
        GenerationLease? lease = null;
        var (queued, mends) = (false, false);
        foreach (var owner in keptFor)
        {
            var read = owner.IsNone ? ReadOwn(put.Key, effects) : ReadHint(owner, put.Key);
            if (read.Status == StoreReadStatus.Failed)
            {
                effects.Send(from, Refused(reply, read.Error ?? ""));
                return;
            }

            Dots.Meet(put.Record.Clock, effects);
            var held = read.Stored?.Record ?? Record.Empty;
            var merged = held.Merge(put.Record);
            if (read.Stored is not null && merged.HasSameVersions(held))
            {
                queued |= read.Queued;
                continue;
            }

            if (_reaping.Refuses(put.Key, put.Record, now))
            {
                effects.Send(from, reply with { Durable = false, Refusal = WriteRefusal.Outdated });
                return;
            }

            var stored = read.Stored is { } row
                ? row with { Record = merged }
                : new StoredRecord(merged, Dots.Replica.Generation, Dots.Issued);
            changes.Add(Change(put.Key, stored, owner));
            mends |= read.Status == StoreReadStatus.Corrupt;
            if (read.Stored is null) lease ??= Dots.UnrecordedLease;
            if (owner.IsNone) Changed(put.Key, held, merged, now);
            else hinted = hinted.Add(owner);
            See(merged.Clock);
        }

        if (lease is not null) changes.Insert(0, new StoreChange.PutLease(_partition, lease));
        if (changes.Count > 0 || queued)
        {
            Write(changes, new Waiting(from, reply, lease, hinted, mends), effects);
            // Only who coordinates a put counts what is applied. Handoff, repairs and transfers build on what is durable.
            if (put.Reason == PutReason.Write && _store.Buffer == StoreBuffer.Open) effects.Send(from, reply with { Durable = false });
        }
        else
        {
            effects.Send(from, reply);
        }
    }

    // Whether a buffer may show what is not durable yet: not as long as a dot waits in it that no durable lease covers. Once out in the
    // world that dot could be issued again, after a crash that leaves the store sealed below it.
    private bool MayLeave => _store.Buffer != StoreBuffer.None && _uncovered == 0;

    // What a store has failed to keep others may have been given, under dots that a row which is back at an earlier state would
    // claim with its next write. In a new generation it claims none of them, and a counter begins another entry.
    private void EndWhenForgetful(Effects effects)
    {
        if (!IsForgetful) return;
        _failures = _store.FailedTransactions;
        Dots.End("the store failed to keep what it was given", effects);
    }

    private bool IsForgetful => _store.FailedTransactions != _failures;

    // As an own row, or as a hint. What comes to a former owner becomes hints for the present ones: a row would lie there until
    // somebody looked. What its own exchanges bring it compares with the present owners before it goes.
    private ImmutableArray<NodeId> KeptFor(NodeId from, ReplicaPut put) =>
        !put.IntendedFor.IsNone && put.IntendedFor != _self ? [put.IntendedFor]
        : from != _self && !Owns(put.Key) ? Owners(put.Key)
        : OwnRow;

    // By either ring, since while they change both are written by.
    private bool Owns(Key key)
    {
        if (_view?.Rings is null or { Settled.Number: 0, Next: null }) return true;
        return IsIn(_view) || (_view.Other is { } other && IsIn(other));

        bool IsIn(ClusterView view)
        {
            if (view.SelfIndex < 0) return false;
            Span<int> owners = stackalloc int[_view.PropertiesOf(key.Bucket).NVal];
            return owners[..view.Ring.PreferenceList(_partition, owners)].Contains(view.SelfIndex);
        }
    }

    private ImmutableArray<NodeId> Owners(Key key) => _view!.Ring.PreferenceList(_partition, _view.PropertiesOf(key.Bucket).NVal);
}
