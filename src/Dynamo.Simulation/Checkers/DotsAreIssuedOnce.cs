namespace Dynamo.Simulation;

/// <summary>A dot stands for one version, everywhere and for ever; and one put makes no more versions than it was tried times.</summary>
public sealed class DotsAreIssuedOnce : Checker
{
    /// <inheritdoc/>
    public override string Name => "dots are issued once";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        foreach (var key in history.AllKeys)
        {
            foreach (var (first, second) in key.Disputes)
                verdict.Add(this, $"{first.Dot} of {key.Key} stands for value {Operation.IdOf(first.Value)} "
                    + $"and for value {Operation.IdOf(second.Value)}.");
            // A disk that failed may hold what it said it does not, so that a second try elsewhere doubles it.
            if (history.WritesFailed) continue;
            var versions = key.Versions.Where(static v => v.Put > 0).ToLookup(static v => v.Put);
            foreach (var put in key.Operations.Where(static o => o.Kind == OperationKind.Put))
                if (versions[put.Id].Count() > 1 + put.Forwards)
                    verdict.Add(this, $"{put} was handed on {put.Forwards} times and was written {versions[put.Id].Count()} times.");
        }
    }
}
