using Akka.Remote.TestKit;

namespace Dynamo.MultiNode.Tests;

/// <summary>
/// An owner falls into a black hole: three others take its writes, deletes and counts with w=3, one of them in its place, and hand
/// them over when it returns. Nothing else may: anti-entropy is off and nobody reads.
/// </summary>
/// <remarks>Source: DeCandia et al., Dynamo (SOSP 2007), section 4.6.</remarks>
public sealed class OwnerReturnsSpec : PartitionSpec<OwnerReturnsSpec.FourNodes>
{
    private static readonly Key[] Written = [.. Enumerable.Range(0, 10).Select(static i => Key.Of("b", $"written{i}"))];
    private static readonly Key[] Deleted = [.. Enumerable.Range(0, 10).Select(static i => Key.Of("b", $"deleted{i}"))];
    private static readonly Key[] Counted = [.. Enumerable.Range(0, 10).Select(static i => Key.Of("b", $"counted{i}"))];

    private RoleName[] Three => [.. Nodes[..3]];

    private RoleName[] Owner => [Nodes[3]];

    [MultiNodeFact]
    public void An_owner_that_returns_from_a_black_hole_is_handed_what_was_written_in_its_place()
    {
        Start();
        RunOn(() => Array.ForEach([.. Written, .. Deleted], key => Put(key, "old", options: W(3))), Three[0]);
        RunOn(() => Array.ForEach(Counted, key => Increment(key, 1, W(3))), Three[0]);
        Barrier("written");
        RunOn(() => Assert.All<Key[]>([Written, Deleted, Counted], keys => Assert.Contains(keys, Owns)), Owner);

        Split(Three, Owner);
        RunOn(() => AwaitReachable(Three), Three);
        RunOn(
            () =>
            {
                Array.ForEach(Written, key => Put(key, "new", ContextOf(key), W(3)));
                Array.ForEach(Deleted, key => Delete(key, W(3)));
                Array.ForEach(Counted, key => Increment(key, 10, W(3)));
            },
            Three[1]);
        Barrier("written-without-it");
        RunOn(AssertNewest, Three);
        RunOn(() => Assert.NotEqual(0, HintsFor(Owner[0])), Three);
        var repairs = Repairs();
        RunOn(() => Assert.All(Written.Where(Owns), key => Assert.Equal(["old"], Texts(OwnSiblings(key)))), Owner);
        Barrier("hinted");

        Heal(Three, Owner);
        AwaitNoHints();
        Array.ForEach(Written, key => AwaitInOwnStore(key, "new"));
        Array.ForEach(Deleted, key => AwaitInOwnStore(key));
        Array.ForEach(Counted, key => Await(() => Assert.Equal(
            Owns(key) ? 11 : (Int128?)null, Counter.ValueOf(OwnSiblings(key)))));
        RunOn(() => Assert.NotEqual(0, Dynamo.Counters()[CounterNames.HintsDelivered]), Three);
        Assert.Equal(repairs, Repairs());
        AssertNobodyGone();
        Barrier("handed-over");

        AwaitReachable([.. Nodes]);
        RunOn(AssertNewest, Owner);
        Barrier("end");
    }

    private void AssertNewest()
    {
        Assert.All(Written, key => Assert.Equal(["new"], Texts(Get(key, R(3)))));
        Assert.All(Deleted, key => Assert.IsType<NotFound>(Get(key, R(3))));
        Assert.All(Counted, key => Assert.Equal(11, Counter.ValueOf(Assert.IsType<Found>(Get(key, R(3))).Siblings)));
    }

    private long Repairs() => new[] { CounterNames.ReadRepairs, CounterNames.ExchangeRepairs }
        .Sum(name => Dynamo.Counters().GetValueOrDefault(name));

    /// <summary>node1 to node4, without anti-entropy.</summary>
    public sealed class FourNodes : PartitionConfig
    {
        public FourNodes()
            : base(4) => Settings = Settings with { SyncEvery = TimeSpan.Zero };
    }
}
