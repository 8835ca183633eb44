namespace Dynamo.Simulation;

/// <summary>What a durable hint knew its owner comes to know, before the hint goes and without anybody's reading; and none is left.</summary>
/// <remarks>Delivered once in effect: a second delivery changes nothing, since no version appears that was not written.</remarks>
public sealed class HintsReachTheirOwner : Checker
{
    /// <inheritdoc/>
    public override string Name => "hints reach their owner";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        foreach (var hint in history.Hints)
        {
            if (hint.WasRemovedTooEarly && !hint.WasDestroyed)
                verdict.Add(this, $"{hint} was removed before its owner had it.");
            else if (hint.WasMissed)
                verdict.Add(this, $"{hint} is gone and its owner does not know it.");
        }

        if (history.HintsLeft > 0) verdict.Add(this, $"{history.HintsLeft} hints are left at the end.");
    }
}
