using System.Collections.Immutable;

namespace Dynamo.Core;

/// <summary>How often a quantity fell between which bounds, as Prometheus and OpenTelemetry count it.</summary>
/// <remarks>
/// <code>
///   bounds        1      2      3             everything above
///   counts    |&lt;= 1 | &lt;= 2 | &lt;= 3 |            rest       |      one more than bounds
/// </code>
/// Recording costs a search among the bounds and allocates nothing. Not thread-safe.
/// </remarks>
public sealed class Histogram
{
    private readonly ImmutableArray<double> _bounds;
    private readonly long[] _counts;
    private double _sum;

    /// <summary>An empty histogram.</summary>
    /// <param name="bounds">Upper bounds of the buckets, each included in its bucket; rising.</param>
    public Histogram(ImmutableArray<double> bounds)
    {
        for (var i = 1; i < bounds.Length; i++)
            if (bounds[i] <= bounds[i - 1]) throw new ArgumentException("The bounds of a histogram must rise.", nameof(bounds));
        _bounds = bounds;
        _counts = new long[bounds.Length + 1];
    }

    /// <summary>Seconds from 100 microseconds to 30 s, log-linear: five bounds a decade, so a quantile read off them is within its bucket: a third, and at both ends up to threefold.</summary>
    public static readonly ImmutableArray<double> Seconds =
    [
        0.0001, 0.0002, 0.0003, 0.0005, 0.0007, 0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.02, 0.03, 0.05, 0.07,
        0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 3, 5, 10, 30,
    ];

    /// <summary>Bytes from 64 to 16 MiB, each bound four times the one before.</summary>
    public static readonly ImmutableArray<double> Bytes =
        [64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216];

    /// <summary>Small numbers: siblings of a key, writes in a batch.</summary>
    public static readonly ImmutableArray<double> Numbers = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000];

    /// <summary>Counts one value, 0 or more.</summary>
    public void Record(double value)
    {
        var at = _bounds.AsSpan().BinarySearch(value);
        _counts[at < 0 ? ~at : at]++;
        _sum += value;
    }

    /// <summary>What was counted so far.</summary>
    public HistogramSnapshot Snapshot() => new(_bounds, [.. _counts], _sum);
}

/// <summary>A histogram at one moment.</summary>
/// <param name="Bounds">Upper bounds of the buckets, rising.</param>
/// <param name="Counts">Values in each bucket, one more than bounds: the last counts what is above them all.</param>
/// <param name="Sum">All values added up.</param>
public sealed record HistogramSnapshot(ImmutableArray<double> Bounds, ImmutableArray<long> Counts, double Sum)
{
    /// <summary>How many values there are.</summary>
    public long Count
    {
        get
        {
            var count = 0L;
            foreach (var bucket in Counts) count += bucket;
            return count;
        }
    }

    /// <summary>Their mean; 0 when there are none.</summary>
    public double Mean => Count is > 0 and var count ? Sum / count : 0;

    /// <summary>Nothing counted yet, between the same bounds.</summary>
    public static HistogramSnapshot Empty(ImmutableArray<double> bounds) => new(bounds, [.. new long[bounds.Length + 1]], 0);

    /// <summary>
    /// The value below which a share of all lies, read off the buckets as Prometheus does: in proportion inside its bucket, and the
    /// highest bound when it lies above it; 0 when there is nothing.
    /// </summary>
    /// <param name="share">0..1; 1 gives the upper bound of the highest bucket that holds anything.</param>
    public double Quantile(double share)
    {
        var rank = share * Count;
        var below = 0L;
        for (var i = 0; i < Counts.Length; i++)
        {
            if (Counts[i] == 0 || below + Counts[i] < rank)
            {
                below += Counts[i];
                continue;
            }

            if (i == Bounds.Length) return Bounds[^1];
            var from = i == 0 ? 0 : Bounds[i - 1];
            return from + ((Bounds[i] - from) * Math.Max(0, rank - below) / Counts[i]);
        }

        return 0;
    }

    /// <summary>What was added since an earlier moment; all of it when that was of an earlier run, which had counted more.</summary>
    public HistogramSnapshot Since(HistogramSnapshot? earlier)
    {
        if (earlier is null || earlier.Counts.Length != Counts.Length || earlier.Count > Count) return this;
        return new HistogramSnapshot(Bounds, [.. Counts.Zip(earlier.Counts, static (a, b) => Math.Max(0, a - b))], Math.Max(0, Sum - earlier.Sum));
    }

    /// <summary>Both together; they must have the same bounds.</summary>
    public HistogramSnapshot Plus(HistogramSnapshot other) =>
        new(Bounds, [.. Counts.Zip(other.Counts, static (a, b) => a + b)], Sum + other.Sum);
}
