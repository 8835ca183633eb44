namespace Dynamo.Simulation;

/// <summary>What a durable hint knew its owner comes to know, before the hint goes and without anybody's reading; and none is left.</summary>
/// <remarks>
/// Delivered once in effect: a second delivery changes nothing, since no version appears that was not written.
/// Of a hint for a node that is no member at the end, of one that went to others because its owner was none yet as its holder knew, and of
/// one that a node which left gave to others, the present owners must know what it knew: every version that it covers is there, or was replaced, reaped or destroyed.
/// </remarks>
public sealed class HintsReachTheirOwner : Checker
{
    /// <inheritdoc/>
    public override string Name => "hints reach their owner";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        var models = new Dictionary<KeyHistory, CausalModel>();
        foreach (var hint in history.Hints)
        {
            var rehomed = hint.WasRehomed || (!history.MembersAtTheEnd.IsEmpty && !history.MembersAtTheEnd.Contains(hint.Owner));
            if (hint.WasRemovedTooEarly && !hint.WasDestroyed)
                verdict.Add(this, $"{hint} was removed before its owner had it.");
            else if (hint.WasMissed && rehomed)
                CheckRehomed(hint, history.Of(hint.Key), models, verdict);
            else if (hint.WasMissed)
                verdict.Add(this, $"{hint} is gone and its owner does not know it.");
        }

        if (history.HintsLeft > 0) verdict.Add(this, $"{history.HintsLeft} hints are left at the end.");
    }

    // Increments are counted by a checker of their own.
    private void CheckRehomed(HintStay hint, KeyHistory key, Dictionary<KeyHistory, CausalModel> models, Verdict verdict)
    {
        if (key.IsCounter) return;
        if (!models.TryGetValue(key, out var model)) models.Add(key, model = new CausalModel(key));
        foreach (var version in key.Versions)
            if (hint.Clock.Covers(version.Dot) && !model.Survives(version))
                verdict.Add(this, $"{hint} went to others, and the owners do not know {version}.");
    }
}
