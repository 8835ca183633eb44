namespace Dynamo.Simulation;

/// <summary>
/// An acknowledged write is there at the end, or somebody who had read it has replaced it; so is every version that a client was shown.
/// </summary>
/// <remarks>
/// Excused is what faults destroyed: the last durable copy of it, on a wiped disk or in a damaged row. Where nodes have buffers, so is
/// what never was durable, unless its client asked for a durable copy.
/// In buckets that resolve by time a later version counts as a replacement, which is what such buckets lose; it may come while the
/// version that it replaces is on its way to the disks, where that is then never seen.
/// </remarks>
public sealed class AcknowledgedWritesSurvive : Checker
{
    /// <inheritdoc/>
    public override string Name => "acknowledged writes survive";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        foreach (var key in history.Keys)
        {
            var model = new CausalModel(key);
            foreach (var write in key.Operations)
            {
                if (!write.IsAcknowledgedWrite) continue;
                var own = model.Own(write);
                if (own.Any(model.Survives)) continue;
                if (own.Count == 0 && key.LastWriteWins && write.DurableAt > 0) continue;
                if (history.IsBuffered && write.Needed == 0 && !own.Any(static version => version.WasDurable)) continue;
                verdict.Lost++;
                verdict.Add(this, own.Count == 0
                    ? $"{write} was acknowledged and never durable."
                    : $"{write}, {own[0]}, was acknowledged and is neither there nor replaced.");
            }

            foreach (var version in key.Versions)
            {
                if (!version.WasShown || model.Survives(version) || (history.IsBuffered && !version.WasDurable)) continue;
                verdict.Lost++;
                verdict.Add(this, $"{version} of {key.Key} was shown to a client and is neither there nor replaced.");
            }
        }
    }
}
