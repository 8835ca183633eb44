namespace Dynamo.Simulation;

/// <summary>How long the requests took that clients began within one stretch of a run.</summary>
public sealed class LatencyWindow
{
    private readonly List<long> _taken = [];
    private bool _sorted;

    /// <summary>Requests that were answered.</summary>
    public int Answered => _taken.Count;

    /// <summary>Requests that were refused, failed, or were never answered.</summary>
    public int Failed { get; set; }

    /// <summary>Notes a request that was answered.</summary>
    /// <param name="microseconds">How long its client waited.</param>
    public void Add(long microseconds)
    {
        _taken.Add(microseconds);
        _sorted = false;
    }

    /// <summary>The time within which a share of the requests was answered; zero when there were none.</summary>
    /// <param name="share">Above 0, at most 1: 0.999 for p99.9. The smallest time that is long enough, by nearest rank.</param>
    public TimeSpan Percentile(double share)
    {
        if (_taken.Count == 0) return TimeSpan.Zero;
        if (!_sorted) _taken.Sort();
        _sorted = true;
        return TimeSpan.FromMicroseconds(_taken[Math.Max(0, (int)Math.Ceiling(share * _taken.Count) - 1)]);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"p50 {Percentile(0.5).TotalMilliseconds:F2} ms, p99 {Percentile(0.99).TotalMilliseconds:F2} ms, "
        + $"p99.9 {Percentile(0.999).TotalMilliseconds:F2} ms of {Answered} requests, {Failed} failed";
}
