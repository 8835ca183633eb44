using Akka.Actor;
using Akka.Persistence;
using Dynamo.Core;

namespace Dynamo.Actors;

/// <summary>
/// The persistent half of <see cref="RingActor"/>: what this node remembers of the cluster, event by event.
/// </summary>
/// <remarks>
/// An actor of its own, because Akka.Persistence stops an actor whose journal fails, and the failure detector must
/// outlive a full disk. Events hold bytes of Core's formats, and only the classes of RingEvents.cs are ever
/// written.
/// </remarks>
internal sealed class RingHistory(NodeId self) : UntypedPersistentActor
{
    /// <summary>After how many events a snapshot is taken and the events before it are removed.</summary>
    public const int SnapshotEvery = 64;

    private ReadOnlyMemory<byte>? _founding;
    private ReadOnlyMemory<byte>? _properties;
    private ReadOnlyMemory<byte>? _membership;

    /// <inheritdoc/>
    public override string PersistenceId { get; } = $"dynamo-ring-{self}";

    /// <summary>Asks that an event be persisted; ends with <see cref="Saved"/> unless this actor stops.</summary>
    public sealed record Save(WriteId Id, object Event) : INoSerializationVerificationNeeded;

    /// <summary>The event is durable, or could not be written.</summary>
    public sealed record Saved(WriteId Id, WriteResult Result) : INoSerializationVerificationNeeded;

    /// <summary>What the history says; null for what it does not know yet.</summary>
    public sealed record Recovered(
        ReadOnlyMemory<byte>? Founding, ReadOnlyMemory<byte>? Properties, ReadOnlyMemory<byte>? Membership)
        : INoSerializationVerificationNeeded;

    /// <summary>The journal fails; this actor stops.</summary>
    public sealed record Failed(string Reason) : INoSerializationVerificationNeeded;

    /// <inheritdoc/>
    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: HistorySnapshot snapshot }:
                Apply(new Founded(snapshot.Founding));
                if (!snapshot.Properties.IsEmpty) Apply(new PropertiesChanged(snapshot.Properties));
                if (!snapshot.Membership.IsEmpty) Apply(new MembershipChanged(snapshot.Membership));
                break;
            case Founded or PropertiesChanged or MembershipChanged:
                Apply(message);
                break;
            case RecoveryCompleted:
                Context.Parent.Tell(new Recovered(_founding, _properties, _membership));
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Save save:
                Persist(save.Event, saved =>
                {
                    Apply(saved);
                    Context.Parent.Tell(new Saved(save.Id, WriteResult.Durable));
                    if (LastSequenceNr % SnapshotEvery == 0 && _founding is { } founding)
                        SaveSnapshot(new HistorySnapshot(founding, _properties ?? default, _membership ?? default));
                });
                break;
            case SaveSnapshotSuccess taken:
                // The snapshot stands for them; the last few go with the next one.
                DeleteMessages(taken.Metadata.SequenceNr);
                DeleteSnapshots(new SnapshotSelectionCriteria(taken.Metadata.SequenceNr - 1));
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Context.Parent.Tell(new Failed(cause.Message));

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        Context.Parent.Tell(new Failed(cause.Message));

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        Context.Parent.Tell(new Failed(reason.Message));

    private void Apply(object @event)
    {
        if (@event is Founded founded) _founding = founded.Bytes;
        else if (@event is PropertiesChanged changed) _properties = changed.Bytes;
        else if (@event is MembershipChanged membership) _membership = membership.Bytes;
    }
}
