using System.Reflection;
using Dynamo.Storage;

namespace Dynamo.Core.Tests.Replication;

/// <summary>A disk that cannot be read is an answer to whoever asked, never silence and never "there is nothing".</summary>
public class StoreFailureTests
{
    private static readonly NodeId Self = new("a"), Other = new("b");
    private static readonly Key Key = Key.Of("b", "k");
    private static readonly PartitionId Partition = new(3);
    private static readonly RequestId Id = new(7);
    private readonly Effects _effects = new();

    [Fact]
    public void Every_question_to_a_replica_is_refused()
    {
        var replica = new Replica(Self, Partition, Failing(nameof(INodeStore.HintsFor), nameof(INodeStore.HintCount)), NodeSettings.Standard, 1);
        replica.OnMessage(Other, new ReplicaGet(Id, Partition, Key), default, _effects);
        Assert.Equal(StoreReadStatus.Failed, Single<ReplicaGetReply>().Status);

        replica.OnMessage(Other, new ReplicaPut(Id, Partition, Key, Record.Empty, Other, PutReason.Write), default, _effects);
        Assert.Equal((WriteRefusal.StoreFailed, Other), (Single<ReplicaPutReply>().Refusal, Single<ReplicaPutReply>().IntendedFor));

        replica.OnMessage(
            Other, new CoordinateWrite(Id, Partition, Key, VersionVector.Empty, new Value(), false, Other), default, _effects);
        var refused = Single<CoordinateWriteReply>();
        Assert.Equal((WriteRefusal.StoreFailed, "The disk is gone."), (refused.Refusal, refused.Reason));
        Assert.Equal(3, _effects.List.Count(e => e is Effect.Observe { Observation: Observation.StoreFailed }));
        Assert.DoesNotContain(_effects.List, e => e is Effect.Write);
    }

    [Fact]
    public void A_listing_says_that_it_failed()
    {
        var reply = KeyLister.Answer(Failing(nameof(INodeStore.ScanKeys)), new ListPage(Id, [Partition], "b", null), 10);
        Assert.True(reply.Failed);
    }

    [Fact]
    public void Handoff_pauses_and_goes_on_when_the_disk_is_back()
    {
        var engine = new MemoryEngine();
        var hint = new Hint(Other, Partition, Key, new StoredRecord(Record.Empty, 1, 0), engine.NextHintStamp());
        engine.Enqueue([new StoreChange.PutHint(hint)], static _ => { });
        var store = Failing(engine, nameof(INodeStore.ScanHints));
        var sender = new HandoffSender(Other, store, NodeSettings.Standard, 1);
        sender.OnReachability(true, new Instant(10_000_000), _effects);
        Assert.Single(_effects.List, e => e is Effect.Observe { Observation: Observation.StoreFailed });
        Assert.True(sender.Deadline > new Instant(10_000_000) && sender.Deadline < Instant.Never);

        ((FailingStore)(object)store).Fails.Clear();
        var later = sender.Deadline;
        sender.OnTime(later, _effects);
        // What was read leaves only once it is durable.
        sender.OnWritten(Assert.Single(_effects.List.OfType<Effect.Write>()).Id, WriteResult.Durable, later, _effects);
        Assert.Equal(PutReason.Handoff, Single<ReplicaPut>().Reason);
    }

    private T Single<T>()
        where T : Message =>
        Assert.Single(_effects.List.OfType<Effect.Send>().Select(static s => s.Message).OfType<T>());

    private static INodeStore Failing(params string[] methods) => Failing(new MemoryEngine(), methods);

    private static INodeStore Failing(INodeStore inner, params string[] methods)
    {
        var store = DispatchProxy.Create<INodeStore, FailingStore>();
        ((FailingStore)(object)store).Inner = inner;
        ((FailingStore)(object)store).Fails.AddRange(methods);
        return store;
    }
}

/// <summary>A store some of whose reads fail.</summary>
public class FailingStore : DispatchProxy
{
    public INodeStore Inner { get; set; } = null!;

    public List<string> Fails { get; } = [];

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        Fails.Contains(targetMethod!.Name)
            ? throw new StoreFailedException("The disk is gone.")
            : targetMethod.Invoke(Inner, args);
}
