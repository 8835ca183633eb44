using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Nobody ever sees a value that nobody has put under that key before, nor a deletion where nobody deletes.</summary>
public sealed class NoPhantoms : Checker
{
    /// <inheritdoc/>
    public override string Name => "no phantoms";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        foreach (var key in history.Keys)
        {
            var puts = key.Operations.Where(static o => o.Kind == OperationKind.Put).ToDictionary(static o => o.Id);
            var deletes = key.Operations.Exists(static o => o.Kind is OperationKind.Delete or OperationKind.BlindDelete);
            foreach (var version in key.Versions)
                if (!IsKnown(version.Sibling, version.FirstSeen))
                    verdict.Add(this, $"{version} of {key.Key} appeared and nobody had written it.");
            foreach (var operation in key.Operations)
                foreach (var sibling in operation.Shown)
                    if (!IsKnown(sibling, operation.Ended ?? long.MaxValue))
                        verdict.Add(this, $"{operation} was shown {sibling}, which nobody had written.");

            bool IsKnown(Sibling sibling, long seen) => sibling.IsTombstone
                ? deletes
                : puts.TryGetValue(Operation.IdOf(sibling.Value), out var put) && put.Began <= seen;
        }
    }
}
