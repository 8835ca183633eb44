namespace Dynamo.Simulation;

/// <summary>When everything has healed a member that is no owner of a key holds no row of it: who lost a partition has dropped it.</summary>
public sealed class NobodyElseHoldsRows : Checker
{
    /// <inheritdoc/>
    public override string Name => "nobody else holds rows";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        foreach (var key in history.AllKeys)
            foreach (var node in key.StraysAtTheEnd)
                verdict.Add(this, $"{node} still holds {key.Key} and is no owner.");
    }
}
