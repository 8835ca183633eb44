using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>When everything has healed all owners of a key hold the same record, and gets show exactly it.</summary>
/// <remarks>A damaged row that no other owner ever had the like of cannot be repaired by anybody: it counts as nothing.</remarks>
public sealed class ReplicasConverge : Checker
{
    /// <inheritdoc/>
    public override string Name => "replicas converge";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        foreach (var key in history.AllKeys)
        {
            if (key.AtTheEnd.Count == 0) continue;
            var merged = key.Merged;
            if (key.AtTheEnd.Exists(replica => !(replica.Record?.Equals(merged) ?? merged.Clock.IsEmpty)))
            {
                verdict.Diverged++;
                verdict.Add(this, $"{key.Key}: {string.Join(" | ", key.AtTheEnd.Select(static r => $"{r.Owner} {Describe(r.Record)}"))}");
                continue;
            }

            // With nothing but damage left a node rather says that it cannot answer than that there is nothing.
            if (!key.AtTheEnd.Exists(static replica => replica.Record is null)) CheckLastRead(key, merged, verdict);
        }
    }

    private void CheckLastRead(KeyHistory key, Record record, Verdict verdict)
    {
        if (key.Operations.FindLast(static o => o is { AtTheEnd: true, Kind: OperationKind.Get }) is not { } read) return;
        var visible = record.Visible(key.LastWriteWins);
        if (read.Outcome is not (Found or NotFound))
            verdict.Add(this, $"{key.Key} cannot be read when everything has healed: {read.Outcome?.Sentence ?? "no answer"}");
        else if (!read.Shown.SequenceEqual(visible))
            verdict.Add(this, $"{read} was shown {read.Shown.Length} versions where {visible.Length} are.");
    }

    private static string Describe(Record? record) => record is null ? "damaged" : Story.Of(record);
}
