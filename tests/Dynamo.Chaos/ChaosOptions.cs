using Dynamo.Chaos.Faults;

namespace Dynamo.Chaos;

/// <summary>What a run is told.</summary>
internal sealed record ChaosOptions
{
    /// <summary>How long clients are at work, in minutes: 0.5 to 240.</summary>
    public required double Minutes { get; init; }

    /// <summary>Nodes, 3 to 9.</summary>
    public required int Nodes { get; init; }

    /// <summary>What faults and load are drawn from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The kinds of faults that may happen.</summary>
    public required IReadOnlyList<FaultChoice> Faults { get; init; }

    /// <summary>Where histories, logs and the report are kept.</summary>
    public required string Histories { get; init; }

    /// <summary>The program of a node, a DLL.</summary>
    public required string NodeProgram { get; init; }

    /// <summary>The program that drives load through the client library, a DLL; null for none.</summary>
    public required string? ClientProgram { get; init; }

    /// <summary>Whether the report is JSON.</summary>
    public required bool Json { get; init; }
}
