namespace Dynamo.Simulation;

/// <summary>What an acknowledged write or delete has replaced does not come back.</summary>
/// <remarks>
/// Excused is a replacement that faults destroyed: with the last copy of it goes the knowledge of what it replaced. So it is
/// with one that was in buffers alone.
/// </remarks>
public sealed class NothingIsResurrected : Checker
{
    /// <inheritdoc/>
    public override string Name => "nothing is resurrected";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        foreach (var key in history.Keys)
        {
            var model = new CausalModel(key);
            var present = key.Versions.Where(model.IsPresent).ToList();
            foreach (var write in key.Operations)
            {
                if (!write.IsAcknowledgedWrite || model.Own(write) is not [{ WasDestroyed: false } own]) continue;
                if (history.IsBuffered && !own.WasDurable) continue;
                foreach (var version in present)
                {
                    if (version == own || !model.Replaces(write, version)) continue;
                    verdict.Resurrected++;
                    verdict.Add(this, $"{version} of {key.Key} is there, though {write} had replaced it.");
                }
            }
        }
    }
}
