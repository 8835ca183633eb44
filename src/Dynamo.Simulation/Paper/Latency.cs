using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>One-way latencies as Bailis et al. fitted them: mostly a Pareto distribution, and an exponential one for the rest.</summary>
/// <remarks>Source: Bailis et al., Probabilistically Bounded Staleness for Practical Partial Quorums (VLDB 2012), table 3.</remarks>
/// <param name="Body">The share of messages that the Pareto distribution stands for.</param>
/// <param name="Scale">The least of it, in milliseconds.</param>
/// <param name="Shape">Its exponent.</param>
/// <param name="Rate">The rate of the exponential distribution, per millisecond.</param>
internal sealed record Latency(double Body, double Scale, double Shape, double Rate)
{
    /// <summary>Draws one, in microseconds.</summary>
    public long Draw(Prng random)
    {
        var isBody = random.Chance(Body);
        return (long)(1000 * (isBody ? Scale * Math.Pow(Draws.Unit(random), -1 / Shape) : Draws.Exponential(random, 1 / Rate)));
    }
}

/// <summary>Where reads and writes are raced: how long each of the four ways takes, and a sync.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Write">The record on its way to a replica (W).</param>
/// <param name="Other">Acknowledgement, question and answer (A, R, S).</param>
/// <param name="SyncMilliseconds">How long a sync takes on average; 0 where it is in <paramref name="Write"/> already.</param>
/// <param name="Published">Milliseconds until a read is 99.9 % consistent as published; null where nothing is.</param>
internal sealed record StalenessScene(string Name, Latency Write, Latency Other, double SyncMilliseconds, double? Published)
{
    private static readonly Latency Ssd = new(0.9122, 0.235, 10, 1.66);

    /// <summary>The published environments, and one with syncs that are told apart from the way there.</summary>
    public static IReadOnlyList<StalenessScene> All { get; } =
    [
        new("LNKD-SSD", Ssd, Ssd, 0, 1.85),
        new("LNKD-DISK", new Latency(0.38, 1.05, 1.51, 0.183), Ssd, 0, 45.5),
        new("YMMR", new Latency(0.939, 3, 3.35, 0.0028), new Latency(0.982, 1.5, 3.8, 0.0217), 0, 1364),
        new("SYNC", Ssd, Ssd, 2, null),
    ];
}
