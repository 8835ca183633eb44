using Dynamo.Cli.Bench;

namespace Dynamo.Actors.Benchmarks.Load;

/// <summary>One place for an operation under way; it is used again for the next.</summary>
internal sealed class Operation(ulong number)
{
    /// <summary>By which an answer finds it; the same as long as the place is used.</summary>
    public ulong Number { get; } = number;

    /// <summary>The key it is about.</summary>
    public long Key { get; set; }

    /// <summary>What the whole operation is.</summary>
    public Step Step { get; set; }

    /// <summary>Whether what is asked of the cluster now is a put.</summary>
    public bool IsPut { get; set; }

    /// <summary>Stopwatch time at which it began or, in an open loop, should have begun.</summary>
    public long Began { get; set; }

    /// <summary>What the get of a <see cref="Step.ReadThenPut"/> returned, for its put.</summary>
    public ReadOnlyMemory<byte> Context { get; set; }
}
