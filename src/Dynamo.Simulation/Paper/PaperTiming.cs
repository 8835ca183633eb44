using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>How long things take in a <see cref="PaperWorld"/>, in virtual microseconds.</summary>
internal sealed record PaperTiming
{
    /// <summary>How long a message is under way; null stands for a client's request and for its answer.</summary>
    public required Func<Message?, long> Link { get; init; }

    /// <summary>How long a sync takes that carries so many rows; one carries all writes that wait for it.</summary>
    public required Func<int, long> Sync { get; init; }

    /// <summary>How long a node works on a message, one after the other.</summary>
    public long Work { get; init; }
}
