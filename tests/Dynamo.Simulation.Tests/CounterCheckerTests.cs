namespace Dynamo.Simulation.Tests;

/// <summary>The checker of counters proves itself on histories written by hand.</summary>
public class CounterCheckerTests
{
    private static readonly Key Key = Key.Of("counters", "n0");
    private static readonly Outcome Ok = new Stored(default, []);
    private static readonly Outcome Perhaps = new TimedOut(QuorumKind.W, 2, 0, MayTakeEffect: true);
    private static readonly Outcome No = new NotReady("Nothing was written.");

    // Increments of 1, -8 and 64, acknowledged, unknown and refused.
    [Theory]
    [InlineData(1, true)]
    [InlineData(1 - 8, true)]
    [InlineData(0, false)]
    [InlineData(-8, false)]
    [InlineData(2, false)]
    [InlineData(1 - 16, false)]
    [InlineData(1 + 64, false)]
    [InlineData(1 - 8 + 64, false)]
    [InlineData(1 + 512, false)]
    [InlineData(7, false)]
    public void The_end_has_what_was_acknowledged_once_and_what_was_refused_never(long value, bool good) =>
        Assert.Equal(good, Check(value, shown: null).IsClean);

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(-8, true)]
    [InlineData(2, false)]
    [InlineData(-15, false)]
    [InlineData(65, false)]
    public void What_is_shown_on_the_way_may_lack_something_but_has_nothing_twice(long shown, bool good) =>
        Assert.Equal(good, Check(1, shown).IsClean);

    [Fact]
    public void What_is_missing_counts_as_lost() => Assert.Equal(1, Check(0, shown: null).Lost);

    [Fact]
    public void A_counter_of_which_faults_destroyed_an_entry_is_excused() =>
        Assert.True(Check(0, shown: null, destroyed: true).IsClean);

    [Theory]
    [InlineData("count-twice")]
    [InlineData("hand-to-two")]
    [InlineData("start-from-sum")]
    public void It_is_this_checker_that_catches_the_bugs_of_counters(string bug)
    {
        for (var seed = 1UL; seed <= 200; seed++)
            if (Runs.Of("calm", seed, mutant: bug).Verdict.Findings.Any(static f => f.Checker == new CountersCountOnce().Name)) return;
        Assert.Fail($"{bug} was not caught by it.");
    }

    private static Verdict Check(long value, long? shown, bool destroyed = false)
    {
        var history = new RunHistory();
        var key = history.Of(Key);
        key.IsCounter = true;
        foreach (var (delta, outcome) in new[] { (1, Ok), (-8, Perhaps), (64, No) })
            history.Add(Begin(history, OperationKind.Increment, delta, outcome));
        var sibling = EntryOf(value, 1);
        history.See(Key, sibling, 1).WasDestroyed = destroyed;
        var record = Record.Empty.Put(VersionVector.Empty, sibling, DotRange.Of(sibling.Dot));
        key.AtTheEnd.Add((new NodeId("n1"), record));
        if (shown is { } seen)
        {
            var get = Begin(history, OperationKind.Get, 0, new Found([EntryOf(seen, 2)], default));
            get.Shown = [EntryOf(seen, 2)];
            history.Add(get);
        }

        var verdict = new Verdict();
        new CountersCountOnce().Check(history, verdict);
        return verdict;
    }

    private static Sibling EntryOf(long value, ulong counter) => new(
        new Dot(new ReplicaId(new NodeId("n1"), 1), counter), 1,
        new CounterEntry((ulong)Math.Max(value, 0), (ulong)Math.Max(-value, 0)).ToValue());

    private static Operation Begin(RunHistory history, OperationKind kind, long delta, Outcome outcome) => new()
    {
        Id = history.Operations.Count + 1, Client = "c1", Kind = kind, Key = Key, Began = 1, Delta = delta, Ended = 2, Outcome = outcome,
    };
}
