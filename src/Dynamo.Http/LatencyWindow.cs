using System.Diagnostics;

namespace Dynamo.Http;

/// <summary>How long requests of one kind took in the last minute, in microseconds, for Riak's <c>node_get_fsm_time</c> and the like.</summary>
/// <remarks>
/// <code>
///   slots of five seconds   | 0 | 1 | ... | 12 |     the current one is written, all of the last minute are summed
///   buckets of a slot       4 a doubling: a percentile is told at most 19 % too high
/// </code>
/// </remarks>
internal sealed class LatencyWindow(TimeProvider time)
{
    private const int Slots = 13, BucketsPerDoubling = 4, Buckets = 32 * BucketsPerDoubling;
    private static readonly long SlotTicks = TimeSpan.FromSeconds(5).Ticks;

    private readonly Lock _lock = new();
    private readonly int[][] _counts = [.. Enumerable.Range(0, Slots).Select(static _ => new int[Buckets])];
    private readonly long[] _slotOf = new long[Slots];

    /// <summary>Measures a request until it is answered.</summary>
    public async Task Measure(Func<Task> request)
    {
        var begun = time.GetTimestamp();
        await request();
        Add(time.GetElapsedTime(begun));
    }

    /// <summary>Adds one duration.</summary>
    public void Add(TimeSpan took)
    {
        var bucket = BucketOf(took.TotalMicroseconds);
        lock (_lock) Current()[bucket]++;
    }

    /// <summary>How many there were in the last minute, and what that many of a hundred did not exceed, in microseconds.</summary>
    /// <param name="percents">The shares asked for, 1..100.</param>
    public (long Count, long[] Microseconds) Percentiles(params ReadOnlySpan<int> percents)
    {
        var sums = new long[Buckets];
        lock (_lock)
        {
            var oldest = Slot() - Slots + 1;
            for (var s = 0; s < Slots; s++)
                if (_slotOf[s] >= oldest)
                    for (var b = 0; b < Buckets; b++) sums[b] += _counts[s][b];
        }

        var total = sums.Sum();
        var values = new long[percents.Length];
        for (var i = 0; i < percents.Length; i++) values[i] = Percentile(sums, total, percents[i]);
        return (total, values);
    }

    private static long Percentile(long[] sums, long total, int percent)
    {
        if (total == 0) return 0;
        var (rank, seen) = ((total * percent + 99) / 100, 0L);
        for (var b = 0; b < Buckets; b++)
            if ((seen += sums[b]) >= rank) return (long)Math.Ceiling(Math.Pow(2, (b + 1.0) / BucketsPerDoubling));
        throw new UnreachableException();
    }

    private static int BucketOf(double microseconds) => microseconds <= 1 ? 0
        : Math.Min(Buckets - 1, (int)(Math.Log2(microseconds) * BucketsPerDoubling));

    private long Slot() => time.GetUtcNow().Ticks / SlotTicks;

    private int[] Current()
    {
        var slot = Slot();
        var at = (int)(slot % Slots);
        if (_slotOf[at] == slot) return _counts[at];
        Array.Clear(_counts[at]);
        _slotOf[at] = slot;
        return _counts[at];
    }
}
