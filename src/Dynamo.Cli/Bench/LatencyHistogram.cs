using System.Numerics;

namespace Dynamo.Cli.Bench;

/// <summary>Counts durations in buckets whose width grows with them, so that percentiles err by less than one in 128.</summary>
/// <remarks>
/// <code>
///   microseconds   0 1 2 ... 255 | 256 258 ... 510 | 512 516 ... 1020 | 1024 1032 ...
///   bucket width        1        |        2        |        4         |      8
/// </code>
/// May be fed from any thread; percentiles are asked for when feeding has ended, or are of some moment in between.
/// </remarks>
internal sealed class LatencyHistogram
{
    // 128 buckets to a power of two; below 256 every microsecond has one.
    private const int HalfBits = 7;
    private const int Half = 1 << HalfBits;

    /// <summary>The longest duration told apart, about 19 hours; longer ones count as it.</summary>
    public const long MaxMicroseconds = (1L << 36) - 1;

    private readonly long[] _buckets = new long[IndexOf(MaxMicroseconds) + 1];
    private long _count, _max, _sum;

    /// <summary>Durations counted.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The longest, exact; zero when there is none.</summary>
    public TimeSpan Max => Of(Volatile.Read(ref _max));

    /// <summary>The mean; zero when there is none.</summary>
    public TimeSpan Mean => Count == 0 ? TimeSpan.Zero : Of(Volatile.Read(ref _sum) / Count);

    /// <summary>Counts one duration; a negative one counts as zero.</summary>
    public void Record(TimeSpan took)
    {
        var micros = Math.Clamp((long)took.TotalMicroseconds, 0, MaxMicroseconds);
        Interlocked.Increment(ref _buckets[IndexOf(micros)]);
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _sum, micros);
        for (var max = Volatile.Read(ref _max); micros > max;)
        {
            var seen = Interlocked.CompareExchange(ref _max, micros, max);
            if (seen == max) break;
            max = seen;
        }
    }

    /// <summary>Adds all that another has counted.</summary>
    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _buckets.Length; i++)
            if (other._buckets[i] is var n and > 0) Interlocked.Add(ref _buckets[i], n);
        Interlocked.Add(ref _count, other.Count);
        Interlocked.Add(ref _sum, Volatile.Read(ref other._sum));
        _max = Math.Max(_max, other._max);
    }

    /// <summary>The smallest bucket's top below which at least this share of the durations lies; zero when there is none.</summary>
    /// <param name="share">Above 0, up to 1: 0.999 for p99.9.</param>
    public TimeSpan Percentile(double share)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        var seen = 0L;
        for (var i = 0; i < _buckets.Length; i++)
        {
            seen += _buckets[i];
            if (seen >= rank) return Of(Math.Min(TopOf(i), _max));
        }

        return Max;
    }

    private static TimeSpan Of(long micros) => TimeSpan.FromMicroseconds(micros);

    private static int IndexOf(long micros)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)micros | 1) - HalfBits);
        return (shift * Half) + (int)(micros >> shift);
    }

    // The largest duration that falls into a bucket.
    private static long TopOf(int index)
    {
        var shift = Math.Max(0, (index >> HalfBits) - 1);
        return ((index - ((long)shift * Half) + 1) << shift) - 1;
    }
}
