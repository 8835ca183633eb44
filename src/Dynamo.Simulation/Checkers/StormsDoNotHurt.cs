namespace Dynamo.Simulation;

/// <summary>While hints are delivered clients are answered as ever: nothing fails, and p99.9 is hardly longer.</summary>
/// <remarks>
/// Judged at p99.9, as the paper does: an average would hide the few requests that wait behind a burst of hints.
/// Source: DeCandia et al., Dynamo (SOSP 2007), sections 2.2 and 6.5.
/// </remarks>
public sealed class StormsDoNotHurt : Checker
{
    /// <inheritdoc/>
    public override string Name => "storms do not hurt";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        if (history.Storm is not { } measure) return;
        if (measure.Calm.Answered == 0 || measure.Storm.Answered == 0 || measure.Delivered == 0)
            verdict.Add(this, "Nothing was measured.");
        if (measure.Storm.Failed > measure.Calm.Failed)
            verdict.Add(this, $"{measure.Storm.Failed} requests failed in the storm, {measure.Calm.Failed} without it.");
        var p999 = measure.Storm.Percentile(0.999);
        if (p999 > measure.Allowed)
            verdict.Add(this, $"p99.9 was {p999.TotalMilliseconds:F2} ms in the storm and "
                + $"{measure.Calm.Percentile(0.999).TotalMilliseconds:F2} ms without it; "
                + $"{measure.Allowed.TotalMilliseconds:F2} ms would do.");
    }
}
