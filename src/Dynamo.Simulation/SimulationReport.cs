using System.Text.Json;

namespace Dynamo.Simulation;

/// <summary>What a run came to.</summary>
public sealed record SimulationReport
{
    /// <summary>Exit codes of <c>dynamo simulate</c>.</summary>
    public const int Clean = 0, Crashed = 127, NotAlive = 128, Wrong = 129;

    /// <summary>What the run was made of.</summary>
    public required SimulationEnvironment Environment { get; init; }

    /// <summary>What a machine or the simulator threw; null when nothing was.</summary>
    public string? Crash { get; init; }

    /// <summary>One sentence when something that must end did not, after all had healed; else null.</summary>
    public string? NotLive { get; init; }

    /// <summary>What the checkers found.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Puts and deletes that were acknowledged.</summary>
    public int Acknowledged { get; init; }

    /// <summary>The largest number of versions that any record ever had.</summary>
    public int SiblingsMax { get; init; }

    /// <summary>Hints on all disks at the end.</summary>
    public int HintsLeft { get; init; }

    /// <summary>Hints that were ever durable.</summary>
    public int Hints { get; init; }

    /// <summary>Versions of which faults destroyed every durable copy: no protocol can keep them.</summary>
    public int Destroyed { get; init; }

    /// <summary>How much time passed in the run.</summary>
    public TimeSpan VirtualTime { get; init; }

    /// <summary>How much time the run took.</summary>
    public TimeSpan WallTime { get; init; }

    /// <summary>Events carried out.</summary>
    public long Events { get; init; }

    /// <summary>The trace's hash: the same for the same seed, in every process.</summary>
    public required string Hash { get; init; }

    /// <summary>Writes that last-write-wins lost, in <c>jepsen-set</c>; null elsewhere. Losing them is what it is.</summary>
    public int? LostToLastWriteWins { get; init; }

    /// <summary>Writes that were acknowledged in the half of <c>jepsen-set</c> with last-write-wins; null elsewhere.</summary>
    public int? AcknowledgedByLastWriteWins { get; init; }

    /// <summary>What clients felt of the storm, in <c>hint-storm</c>; null elsewhere.</summary>
    public StormMeasure? Storm { get; init; }

    /// <summary>0 clean, 129 wrong, 128 not live, 127 crashed.</summary>
    public int ExitCode => Crash is not null ? Crashed
        : NotLive is not null ? NotAlive
        : Verdict.IsClean ? Clean
        : Wrong;

    /// <summary>Everything that is wrong, a sentence each.</summary>
    public IEnumerable<string> Findings
    {
        get
        {
            if (Crash is not null) yield return $"crash: {Crash}";
            if (NotLive is not null) yield return $"not live: {NotLive}";
            foreach (var finding in Verdict.Findings) yield return $"{finding.Checker}: {finding.Sentence}";
        }
    }

    /// <summary>The report as one line of JSON.</summary>
    public string ToJson()
    {
        var fields = new Dictionary<string, object>
        {
            ["seed"] = Environment.Seed,
            ["profile"] = Environment.Profile.Name,
            ["nodes"] = Environment.Nodes,
            ["ops"] = Environment.Operations,
            ["acked"] = Acknowledged,
            ["lost"] = Verdict.Lost,
            ["resurrected"] = Verdict.Resurrected,
            ["diverged"] = Verdict.Diverged,
            ["siblings_max"] = SiblingsMax,
            ["hints_left"] = HintsLeft,
            ["destroyed"] = Destroyed,
            ["virtual_seconds"] = Math.Round(VirtualTime.TotalSeconds, 3),
            ["wall_seconds"] = Math.Round(WallTime.TotalSeconds, 3),
            ["hash"] = Hash,
        };
        if (LostToLastWriteWins is { } lost) fields["lost_to_last_write_wins"] = lost;
        if (Storm is { } storm)
        {
            AddWindow(fields, "calm", storm.Calm);
            AddWindow(fields, "storm", storm.Storm);
            fields["hints_delivered"] = storm.Delivered;
            fields["delivery_seconds"] = Math.Round(storm.Took.TotalSeconds, 3);
        }

        return JsonSerializer.Serialize(fields);
    }

    private static void AddWindow(Dictionary<string, object> fields, string name, LatencyWindow window)
    {
        fields[$"{name}_requests"] = window.Answered;
        fields[$"{name}_p50_ms"] = window.Percentile(0.5).TotalMilliseconds;
        fields[$"{name}_p99_ms"] = window.Percentile(0.99).TotalMilliseconds;
        fields[$"{name}_p999_ms"] = window.Percentile(0.999).TotalMilliseconds;
    }
}
