using System.Collections.Immutable;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>An acknowledged increment is counted once, one that may have taken effect once or not at all, any other never.</summary>
/// <remarks>
/// The increments of a key are +1 or -1 times 1, 8, 64, ... in the order in which they began, so that a value tells of each
/// how often it is in it. What readers saw on the way need not have everything yet, but nothing twice.
/// Excused are counters of which faults destroyed the last copy of some entry, and increments that asked for no durable copy where
/// nodes have buffers.
/// </remarks>
public sealed class CountersCountOnce : Checker
{
    /// <inheritdoc/>
    public override string Name => "counters count once";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        foreach (var key in history.AllKeys)
        {
            if (!key.IsCounter || key.Versions.Any(static version => version.WasDestroyed)) continue;
            ImmutableArray<Operation> increments = [.. key.Operations.Where(static o => o.Kind == OperationKind.Increment)];
            if (key.AtTheEnd.Count > 0)
                Check($"{key.Key} at the end", key.Merged.Siblings, increments, isTheEnd: true, verdict, history.IsBuffered);
            foreach (var operation in key.Operations)
                if (!operation.Shown.IsEmpty)
                    Check($"{key.Key} shown to {operation}", operation.Shown, increments, isTheEnd: false, verdict);
        }
    }

    private void Check(
        string where, ImmutableArray<Sibling> siblings, ImmutableArray<Operation> increments, bool isTheEnd, Verdict verdict,
        bool isBuffered = false)
    {
        var value = Counter.ValueOf(siblings) ?? 0;
        var rest = value;
        foreach (var increment in increments)
        {
            // A digit from 0 to 7, or from -7 to 0 where the increment takes away.
            var down = increment.Delta < 0;
            var times = (int)(((down ? -rest : rest) % 8 + 8) % 8);
            rest = (rest - (down ? -times : times)) / 8;
            var least = isTheEnd && increment.Outcome is Stored && !(isBuffered && increment.Needed == 0) ? 1 : 0;
            var most = CannotTakeEffect(increment.Outcome) ? 0 : 1;
            if (times >= least && times <= most) continue;
            if (times < least) verdict.Lost++;
            verdict.Add(this, $"{where}: {increment} of {increment.Delta}, which ended with "
                + $"\"{increment.Outcome?.Sentence ?? "no answer"}\", is counted {times} times in {value}.");
        }

        if (rest != 0) verdict.Add(this, $"{where}: {value} is no sum of increments.");
    }

    private static bool CannotTakeEffect(Outcome? outcome) => outcome switch
    {
        null or Stored => false,
        Unavailable unavailable => !unavailable.MayTakeEffect,
        TimedOut late => !late.MayTakeEffect,
        _ => true,
    };
}
