namespace Dynamo.Core;

/// <summary>Whether a count can still be met.</summary>
public enum QuorumState
{
    /// <summary>It is.</summary>
    Met,

    /// <summary>Not yet, but it may be.</summary>
    Pending,

    /// <summary>It cannot be any more.</summary>
    Impossible,
}

/// <summary>One count of a quorum: how many are needed, are there, and may still come.</summary>
/// <param name="Kind">Which count.</param>
/// <param name="Needed">How many are asked for, 0 or more.</param>
/// <param name="Got">How many have answered as wanted.</param>
/// <param name="Possible">How many more may.</param>
public readonly record struct Tally(QuorumKind Kind, int Needed, int Got, int Possible)
{
    /// <summary>Met, still pending, or impossible.</summary>
    public QuorumState State =>
        Got >= Needed ? QuorumState.Met
        : Got + Possible >= Needed ? QuorumState.Pending
        : QuorumState.Impossible;
}
