using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>A context covers what its reader was shown, and nothing that is still to be seen.</summary>
/// <remarks>
/// A get's context covers the versions shown; of the others only tombstones, which readers do not see, and versions
/// replaced by something that it covers as well. A put's own context covers the context given, its own version and no more.
/// A delete without a context covers what its coordinator read, and its own tombstone is what replaces that. Where nodes have buffers
/// the tombstone may be lost before any disk has it, and then nobody can tell.
/// </remarks>
public sealed class ContextsCoverWhatWasRead : Checker
{
    /// <inheritdoc/>
    public override string Name => "contexts cover what was read";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        foreach (var key in history.Keys)
        {
            var model = new CausalModel(key);
            foreach (var operation in key.Operations)
            {
                if (operation.Returned is not { } returned) continue;
                List<VersionSeen> covered = [.. key.Versions.Where(version => returned.Covers(version.Dot))];
                CheckShown(operation, returned, verdict);
                if (operation.Kind == OperationKind.BlindDelete && key.IsBuffered && model.Own(operation).Count == 0) continue;
                if (operation.Kind == OperationKind.Get || operation.ReturnsBody)
                    CheckRead(operation, covered, model, key.LastWriteWins, verdict);
                else if (operation.Kind != OperationKind.BlindDelete)
                    CheckWritten(operation, covered, model, verdict);
            }
        }
    }

    private void CheckShown(Operation operation, VersionVector returned, Verdict verdict)
    {
        foreach (var sibling in operation.Shown)
            if (!returned.Covers(sibling.Dot))
                verdict.Add(this, $"{operation} was shown {sibling.Dot}, which its context {returned} does not cover.");
    }

    private void CheckRead(
        Operation operation, List<VersionSeen> covered, CausalModel model, bool lastWriteWins, Verdict verdict)
    {
        foreach (var version in covered)
        {
            if (version.Sibling.IsTombstone || operation.Shown.Any(sibling => sibling.Dot == version.Dot)) continue;
            if (covered.Exists(later => model.MayReplace(later, version))) continue;
            // There the reader sees the latest alone, and its context covers all the others.
            if (lastWriteWins && !operation.Shown.IsEmpty) continue;
            verdict.Add(this, $"{operation} was not shown {version}, which its context covers and nothing there replaces.");
        }
    }

    private void CheckWritten(Operation operation, List<VersionSeen> covered, CausalModel model, Verdict verdict)
    {
        var own = model.Own(operation);
        foreach (var version in covered)
        {
            if (own.Contains(version) || operation.Given.Covers(version.Dot)) continue;
            verdict.Add(this, $"{operation} returned a context that covers {version}, which was not given to it.");
        }
    }
}
