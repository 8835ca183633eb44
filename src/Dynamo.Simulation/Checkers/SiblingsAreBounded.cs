namespace Dynamo.Simulation;

/// <summary>Versions do not pile up: no more than clients' puts may make, and at the end none that had been replaced.</summary>
/// <remarks>A merge may exceed the limit by what was written concurrently on the other side, so each writer may add a few.</remarks>
public sealed class SiblingsAreBounded : Checker
{
    /// <inheritdoc/>
    public override string Name => "siblings are bounded";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        foreach (var key in history.Keys)
        {
            var final = key.Merged;
            var writes = key.Operations.Count(static o => o.Kind != OperationKind.Get);
            // A delete that was handed on may have left a tombstone at each node that tried.
            var tries = key.Operations.Sum(static o => o.Kind == OperationKind.Put ? 1 + o.Forwards : 3);
            var bound = Math.Min((history.SiblingsMax + history.Writers) * 3, tries);
            if (!history.WritesFailed && final.Siblings.Length > bound)
                verdict.Add(this, $"{key.Key} has {final.Siblings.Length} versions out of {writes} writes.");
        }
    }
}
