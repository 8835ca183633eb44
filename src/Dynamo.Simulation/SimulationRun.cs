using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>One run from its seed to its report: a safety phase full of faults, then a liveness phase in which everything heals.</summary>
public sealed class SimulationRun
{
    private const long Second = 1_000_000;

    // Virtual time in which a healed cluster must have delivered every hint and ended every request.
    private const long LivenessLimit = 240 * Second;
    private const long SafetyLimit = 3_600 * Second;
    private readonly Simulator _simulator;
    private readonly FaultInjector _faults;
    private readonly RandomWorkload _workload;
    private readonly CounterWorkload _counters;
    private readonly Trace _trace;

    private SimulationRun(SimulationEnvironment environment, Mutant? mutant, TextWriter? story)
    {
        _trace = new Trace(story);
        _simulator = new Simulator(environment, mutant, _trace);
        _faults = new FaultInjector(_simulator);
        _workload = new RandomWorkload(_simulator);
        _counters = new CounterWorkload(_simulator);
        _simulator.Recorder.History.SiblingsMax = environment.Settings.SiblingsMax;
        _simulator.Recorder.History.Writers = environment.Clients;
    }

    /// <summary>Carries out a run.</summary>
    /// <param name="environment">What it is made of.</param>
    /// <param name="mutant">The name of a planted bug; null for none.</param>
    /// <param name="story">Receives the trace in words; null for none.</param>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a machine throws is a finding, and the batch goes on.")]
    public static SimulationReport CarryOut(SimulationEnvironment environment, string? mutant = null, TextWriter? story = null)
    {
        var clock = Stopwatch.StartNew();
        var planted = mutant is null ? null : PlantedBug.Find(mutant)?.Make(new Prng(environment.Seed ^ 0xB06))
            ?? throw new ArgumentException($"There is no mutant {mutant}.", nameof(mutant));
        try
        {
            if (environment.Profile.Name == FaultProfile.JepsenSet) return JepsenSet.Run(environment, planted, story);
            if (environment.Profile.Name is FaultProfile.Rebuild or FaultProfile.ReadRepair)
                return Rebuild.Run(environment, planted, story);
            if (environment.Profile.Name == FaultProfile.HintStorm) return HintStorm.Run(environment, planted, story);
        }
        catch (Exception fault)
        {
            return new SimulationReport
            {
                Environment = environment, Crash = fault.ToString(), Verdict = new Verdict(), WallTime = clock.Elapsed, Hash = "",
            };
        }

        if (story is not null)
            foreach (var line in environment.Describe()) story.WriteLine(line);
        var run = new SimulationRun(environment, planted, story);
        string? crash = null, notLive = null;
        try
        {
            notLive = run.Live();
        }
        catch (Exception fault)
        {
            crash = fault.ToString();
        }

        return run.Report(crash, notLive, clock.Elapsed);
    }

    // The whole life of the cluster; null when everything that must come to an end did.
    private string? Live()
    {
        _simulator.StartAll();
        // Nobody has heard of anybody at first; then the word of the bucket's properties spreads.
        _simulator.Run(Second);
        _workload.Prepare();
        _simulator.Run(3 * Second);
        _faults.Start();
        _workload.Start();
        _counters.Start();
        var over = _simulator.Run(SafetyLimit, () => _workload.IsOver && _counters.IsOver);
        _faults.HealAll();
        if (!over) return "Clients still wait for an answer after an hour.";
        // What was sent while things were slow may still be on its way.
        _simulator.Run((10 * Second) + (long)_simulator.Environment.LongDelay.TotalMicroseconds);
        if (!RunUntil(() => _faults.ChangesAreOver && _simulator.HasOneRing))
            return $"The ring is not settled {LivenessLimit / Second} s after everything healed: {_simulator.DescribeRings()}.";
        if (!RunUntil(() => _simulator.HasCalmed))
            return $"{_simulator.HintsLeft} hints and {_simulator.RequestsLeft} requests are left "
                + $"{LivenessLimit / Second} s after everything healed.";
        _simulator.Recorder.HintsDrained();
        var settling = new Settling(_simulator, _workload, Keys);
        // Who does not come to agree is found by the checker of convergence.
        RunUntil(() => settling.HaveAgreed() && settling.HaveDropped());
        if (!RunUntil(() => settling.Tombstones() == 0 && settling.HaveAgreed()) && settling.Tombstones() > 0)
            return $"{settling.Tombstones()} tombstones are left {LivenessLimit / Second} s after everything healed.";
        settling.ReadOnce();
        // A clock that is being shortened just then is repaired by whoever reads, and shortened again: it is over when it lasts.
        bool IsOver() => _simulator.HasCalmed && settling.Tombstones() == 0 && settling.HaveAgreed();
        for (var pass = 0; pass < 20; pass++)
        {
            RunUntil(IsOver);
            _simulator.Run(2 * Second);
            if (IsOver()) break;
        }

        return _simulator.HasCalmed ? null : $"{_simulator.RequestsLeft} requests of the last reads never ended.";
    }

    // Asking every node is dear, so it is asked now and then, not after each event.
    private bool RunUntil(Func<bool> condition)
    {
        for (var passed = 0L; passed < LivenessLimit; passed += Second / 2)
        {
            if (condition()) return true;
            _simulator.Run(Second / 2);
        }

        return condition();
    }

    private IReadOnlyList<Key> Keys => [.. _workload.Keys, .. _counters.Keys];

    private SimulationReport Report(string? crash, string? notLive, TimeSpan wall)
    {
        var history = _simulator.Recorder.History;
        _simulator.RecordEnd(Keys);
        // A run that did not come to its end says nothing about what the end should be like.
        var verdict = crash is null && notLive is null ? Checker.CheckAll(history) : new Verdict();
        return new SimulationReport
        {
            Environment = _simulator.Environment,
            Crash = crash,
            NotLive = notLive,
            Verdict = verdict,
            Acknowledged = history.Operations.Count(static o => o.IsAcknowledgedWrite),
            SiblingsMax = history.SiblingsSeen,
            HintsLeft = history.HintsLeft,
            Hints = history.Hints.Count,
            Destroyed = history.AllKeys.Sum(static key => key.Versions.Count(static v => v.WasDestroyed)),
            VirtualTime = TimeSpan.FromMicroseconds(_simulator.Now),
            WallTime = wall,
            Events = _simulator.Events,
            Hash = _trace.Hash,
        };
    }
}
