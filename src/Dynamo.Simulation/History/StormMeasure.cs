namespace Dynamo.Simulation;

/// <summary>What clients felt of a hint storm: the same load without it and under it.</summary>
public sealed class StormMeasure
{
    /// <summary>The foreground alone.</summary>
    public LatencyWindow Calm { get; } = new();

    /// <summary>The foreground while hints were delivered.</summary>
    public LatencyWindow Storm { get; } = new();

    /// <summary>Hints delivered meanwhile.</summary>
    public int Delivered { get; set; }

    /// <summary>How long their delivery took, from the owner's return on.</summary>
    public TimeSpan Took { get; set; }

    /// <summary>The p99.9 that the storm may have: a tenth above the calm one's, or a millisecond if that is more.</summary>
    public TimeSpan Allowed
    {
        get
        {
            var calm = Calm.Percentile(0.999);
            return calm + TimeSpan.FromTicks(Math.Max(calm.Ticks / 10, TimeSpan.TicksPerMillisecond));
        }
    }

    /// <summary>The figures in words, a line each.</summary>
    public IEnumerable<string> Describe()
    {
        yield return $"calm:  {Calm}";
        yield return $"storm: {Storm}; p99.9 may be {Allowed.TotalMilliseconds:F2} ms";
        yield return $"{Delivered} hints were delivered in {Took.TotalSeconds:F2} s";
    }
}
