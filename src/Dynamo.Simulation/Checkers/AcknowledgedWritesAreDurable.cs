namespace Dynamo.Simulation;

/// <summary>An acknowledged put was durable at as many nodes as it asked for when its client was told, fallbacks included.</summary>
public sealed class AcknowledgedWritesAreDurable : Checker
{
    /// <inheritdoc/>
    public override string Name => "acknowledged writes are durable";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        foreach (var put in history.Operations)
            if (put is { IsAcknowledgedWrite: true, Kind: OperationKind.Put } && put.DurableAt < put.Needed)
                verdict.Add(this, $"{put} asked for {put.Needed} nodes and was durable at {put.DurableAt} when it was acknowledged.");
    }
}
