using System.Globalization;
using System.Text.Json;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>The totals of many runs, under the names of a single run's report.</summary>
/// <param name="first">The first seed.</param>
public sealed class SimulationBatch(ulong first)
{
    private SimulationReport? _last;
    private int _seeds, _failed, _exitCode;
    private long _operations, _acknowledged, _lost, _resurrected, _diverged, _hintsLeft, _destroyed;
    private int _siblings;
    private double _virtualSeconds, _wallSeconds;
    private ulong _hash;

    /// <summary>The highest exit code of all runs.</summary>
    public int ExitCode => _exitCode;

    /// <summary>Runs that were not clean.</summary>
    public int Failed => _failed;

    /// <summary>Adds a run.</summary>
    public void Add(SimulationReport report)
    {
        _last = report;
        _seeds++;
        if (report.ExitCode != SimulationReport.Clean) _failed++;
        _exitCode = Math.Max(_exitCode, report.ExitCode);
        _operations += report.Environment.Operations;
        _acknowledged += report.Acknowledged;
        _lost += report.Verdict.Lost;
        _resurrected += report.Verdict.Resurrected;
        _diverged += report.Verdict.Diverged;
        _hintsLeft += report.HintsLeft;
        _destroyed += report.Destroyed;
        _siblings = Math.Max(_siblings, report.SiblingsMax);
        _virtualSeconds += report.VirtualTime.TotalSeconds;
        _wallSeconds += report.WallTime.TotalSeconds;
        _hash = StableHash.Of(report.Hash + _hash.ToString("x16", CultureInfo.InvariantCulture));
    }

    /// <summary>The totals as one line of JSON; the hash stands for all runs in their order.</summary>
    public string ToJson() => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["seed"] = first,
        ["seeds"] = _seeds,
        ["failed"] = _failed,
        ["profile"] = _last?.Environment.Profile.Name ?? "",
        ["nodes"] = _last?.Environment.Nodes ?? 0,
        ["ops"] = _operations,
        ["acked"] = _acknowledged,
        ["lost"] = _lost,
        ["resurrected"] = _resurrected,
        ["diverged"] = _diverged,
        ["siblings_max"] = _siblings,
        ["hints_left"] = _hintsLeft,
        ["destroyed"] = _destroyed,
        ["virtual_seconds"] = Math.Round(_virtualSeconds, 3),
        ["wall_seconds"] = Math.Round(_wallSeconds, 3),
        ["hash"] = _hash.ToString("x16", CultureInfo.InvariantCulture),
    });
}
