using Dynamo.Storage;

namespace Dynamo.Core.Tests;

/// <summary>A store may hold several rows of one key, its own and hints: none may claim another's dot.</summary>
public sealed class RowsOfOneKeyTests : IDisposable
{
    private static readonly NodeId Self = new("x"), A = new("a"), B = new("b");
    private static readonly Key Key = Key.Of("b", "k");
    private static readonly PartitionId Partition = new(3);

    private readonly MemoryEngine _store = new();
    private readonly Replica _replica;

    public RowsOfOneKeyTests() => _replica = new Replica(Self, Partition, _store, NodeSettings.Standard, entropy: 1);

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_fallback_that_stood_in_for_two_owners_in_turn_keeps_every_write()
    {
        var first = Write(standingInFor: A);
        var second = Write(standingInFor: B);
        var third = Write(standingInFor: A);
        AssertAllSurvive(first, second, third);
    }

    [Fact]
    public void An_owner_again_does_not_claim_what_it_wrote_as_a_fallback()
    {
        var first = Write(standingInFor: default);
        var second = Write(standingInFor: A);
        var third = Write(standingInFor: default);
        AssertAllSurvive(first, second, third);
    }

    [Fact]
    public void Not_even_after_the_hint_was_delivered_and_removed()
    {
        var first = Write(standingInFor: default);
        var second = Write(standingInFor: A);
        var hint = Assert.Single(_store.HintsFor(Key));
        _store.Enqueue([new StoreChange.RemoveHint(A, Key, hint.Stamp)], static _ => { });
        var third = Write(standingInFor: default);
        AssertAllSurvive(first, second, third);
    }

    [Fact]
    public void The_next_write_of_the_same_row_goes_on_claiming_without_a_gap()
    {
        Write(standingInFor: A);
        Write(standingInFor: A);
        Assert.Single(Write(standingInFor: A).Clock.Ranges.ToArray());
    }

    // Blind writes, each acknowledged: merged in any order, all are siblings.
    private static void AssertAllSurvive(params Record[] acknowledged)
    {
        var dots = acknowledged.Select(static r => r.Siblings[^1].Dot).ToArray();
        Assert.Equal(acknowledged.Length, dots.Distinct().Count());
        var forth = acknowledged.Aggregate(static (x, y) => x.Merge(y));
        var back = acknowledged.Reverse().Aggregate(static (x, y) => x.Merge(y));
        Assert.Equal(dots.Order(), forth.Siblings.Select(static s => s.Dot));
        Assert.Equal(forth, back);
    }

    private Record Write(NodeId standingInFor)
    {
        var effects = new Effects();
        _replica.OnMessage(
            Self,
            new CoordinateWrite(
                new RequestId(1), Partition, Key, VersionVector.Empty, new Value(), false, standingInFor),
            new Instant(1), effects);
        var write = Assert.Single(effects.List.OfType<Effect.Write>());
        var result = new WriteResult("The write was never answered.");
        _store.Enqueue(write.Changes, r => result = r);
        effects.Clear();
        _replica.OnWritten(write.Id, result, effects);
        var reply = Assert.IsType<CoordinateWriteReply>(effects.List.OfType<Effect.Send>().Single().Message);
        Assert.Equal(WriteRefusal.None, reply.Refusal);
        return reply.Record;
    }
}
