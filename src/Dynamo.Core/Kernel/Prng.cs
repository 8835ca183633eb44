using System.Numerics;

namespace Dynamo.Core;

/// <summary>A small deterministic random number generator (xoshiro256**, seeded by SplitMix64).</summary>
/// <remarks>Not for secrets. The same seed gives the same numbers on every machine and runtime version.</remarks>
public sealed class Prng
{
    private ulong _a, _b, _c, _d;

    /// <summary>A generator for <paramref name="seed"/>; every seed, 0 included, is good.</summary>
    public Prng(ulong seed)
    {
        _a = SplitMix(ref seed);
        _b = SplitMix(ref seed);
        _c = SplitMix(ref seed);
        _d = SplitMix(ref seed);
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong Next()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A number in 0..<paramref name="exclusiveMax"/>-1; the maximum must be positive.</summary>
    public int Below(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMax);
        return (int)Math.BigMul(Next(), (ulong)exclusiveMax, out _);
    }

    /// <summary>True with probability <paramref name="probability"/>, 0..1.</summary>
    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    private static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
