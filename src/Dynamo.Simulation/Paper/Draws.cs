using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Numbers that experiments draw besides those that <see cref="Prng"/> gives.</summary>
internal static class Draws
{
    /// <summary>A number above 0, up to 1, all equally likely.</summary>
    public static double Unit(Prng random) => ((random.Next() >> 11) + 1) * (1.0 / (1UL << 53));

    /// <summary>The time until something happens that happens every <paramref name="mean"/> on average, whatever has happened before.</summary>
    public static double Exponential(Prng random, double mean) => -mean * Math.Log(Unit(random));
}
