namespace Dynamo.Simulation;

/// <summary>An acknowledged put or delete was durable at as many nodes as it asked for when its client was told, fallbacks included.</summary>
public sealed class AcknowledgedWritesAreDurable : Checker
{
    /// <inheritdoc/>
    public override string Name => "acknowledged writes are durable";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        foreach (var write in history.Operations)
            if (write is { IsAcknowledgedWrite: true, Kind: not OperationKind.Increment } && write.DurableAt < write.Needed)
                verdict.Add(this, $"{write} asked for {write.Needed} nodes and was durable at {write.DurableAt} when it was acknowledged.");
    }
}
