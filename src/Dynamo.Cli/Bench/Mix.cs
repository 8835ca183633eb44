namespace Dynamo.Cli.Bench;

/// <summary>What one operation of a workload does.</summary>
internal enum Step
{
    /// <summary>Reads a key.</summary>
    Get,

    /// <summary>Writes a key.</summary>
    Put,

    /// <summary>Reads a key, then writes it with the context read: one operation, whose latency is that of both.</summary>
    ReadThenPut,
}

/// <summary>How many of a workload's operations are of which kind.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Gets">The share of gets, 0..1; the rest are <paramref name="Other"/>.</param>
/// <param name="Other">What the rest do.</param>
/// <param name="Sentence">What it is.</param>
/// <remarks>A, B, C and F are the workloads of YCSB (Cooper et al., SoCC 2010).</remarks>
internal sealed record Mix(string Name, double Gets, Step Other, string Sentence)
{
    /// <summary>All there are.</summary>
    public static readonly IReadOnlyList<Mix> All =
    [
        new("a", 0.5, Step.Put, "half gets, half puts"),
        new("b", 0.95, Step.Put, "95 % gets, 5 % puts"),
        new("c", 1, Step.Get, "gets, after a load"),
        new("f", 0.5, Step.ReadThenPut, "half gets, half get-then-put with the context read"),
        new("get", 1, Step.Get, "gets only"),
        new("put", 0, Step.Put, "puts only"),
    ];

    /// <summary>The mix of a name; null when there is none.</summary>
    public static Mix? Find(string name) =>
        All.FirstOrDefault(mix => string.Equals(mix.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What the next operation does.</summary>
    public Step Next(Random random) => random.NextDouble() < Gets ? Step.Get : Other;
}
