using System.Collections.Immutable;

namespace Dynamo.Simulation;

/// <summary>Decides, from the history of a run and nothing else, whether one promise was kept.</summary>
/// <remarks>A checker knows neither simulator nor machines: it can be given a history written by hand, and its tests do so.</remarks>
public abstract class Checker
{
    /// <summary>Every checker.</summary>
    public static readonly ImmutableArray<Checker> All =
    [
        new AcknowledgedWritesAreDurable(), new AcknowledgedWritesSurvive(), new NothingIsResurrected(), new NoPhantoms(),
        new ContextsCoverWhatWasRead(), new DotsAreIssuedOnce(), new ReplicasConverge(), new HintsReachTheirOwner(),
        new SiblingsAreBounded(), new CountersCountOnce(), new PreferenceListsAgree(), new NobodyElseHoldsRows(),
        new StormsDoNotHurt(), new ChangesCountOnce(),
    ];

    /// <summary>The promise, in a few words.</summary>
    public abstract string Name { get; }

    /// <summary>Reports every way in which the promise was broken.</summary>
    public abstract void Check(RunHistory history, Verdict verdict);

    /// <summary>Asks every checker.</summary>
    public static Verdict CheckAll(RunHistory history)
    {
        var verdict = new Verdict();
        foreach (var checker in All) checker.Check(history, verdict);
        return verdict;
    }
}
