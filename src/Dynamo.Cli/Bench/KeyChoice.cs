namespace Dynamo.Cli.Bench;

/// <summary>Which of K keys the next operation is about. Instances belong to one thread each.</summary>
internal abstract class KeyChoice
{
    /// <summary>The names on the command line.</summary>
    public static readonly IReadOnlyList<string> Names = ["uniform", "zipfian", "latest"];

    /// <summary>A choice by name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="keys">K, at least 1.</param>
    public static KeyChoice Of(string name, long keys) => name switch
    {
        "zipfian" => new Zipfian(keys, isLatest: false),
        "latest" => new Zipfian(keys, isLatest: true),
        _ => new Uniform(keys),
    };

    /// <summary>The next key, 0..K-1.</summary>
    public abstract long Next(Random random);

    private sealed class Uniform(long keys) : KeyChoice
    {
        public override long Next(Random random) => random.NextInt64(keys);
    }

    /// <summary>
    /// The k-th most popular key is asked for in proportion to 1 / k^0.99. The popular ones lie anywhere among the keys, or,
    /// for "latest", at their end, where a store that only grows has its newest.
    /// </summary>
    /// <remarks>Source: Gray et al., Quickly Generating Billion-Record Synthetic Databases (SIGMOD 1994), as YCSB draws it.</remarks>
    private sealed class Zipfian : KeyChoice
    {
        private const double Theta = 0.99;
        private readonly long _keys;
        private readonly bool _isLatest;
        private readonly double _zeta, _eta;

        public Zipfian(long keys, bool isLatest)
        {
            (_keys, _isLatest) = (keys, isLatest);
            for (var k = 1L; k <= keys; k++) _zeta += Math.Pow(k, -Theta);
            var zeta2 = 1 + Math.Pow(2, -Theta);
            _eta = (1 - Math.Pow(2.0 / keys, 1 - Theta)) / (1 - (zeta2 / _zeta));
        }

        public override long Next(Random random)
        {
            var rank = Math.Min(_keys - 1, Rank(random.NextDouble()));
            if (_isLatest) return _keys - 1 - rank;
            // A prime above any number of keys spreads the popular ones, and no two ranks fall together.
            return (rank + 1) * 2_654_435_761 % _keys;
        }

        private long Rank(double u)
        {
            var uz = u * _zeta;
            if (uz < 1) return 0;
            if (uz < 1 + Math.Pow(0.5, Theta)) return 1;
            return (long)(_keys * Math.Pow((_eta * u) - _eta + 1, 1 / (1 - Theta)));
        }
    }
}
