using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>The history of the membership at the end holds what administrators have committed, each change once, and nothing else.</summary>
/// <remarks>
/// A change may be missing that was committed at a node which died for good before it had told anybody. Whether every change that
/// is there has come to its end shows in the rings, and a run in which it has not is no run that ends.
/// </remarks>
public sealed class ChangesCountOnce : Checker
{
    /// <inheritdoc/>
    public override string Name => "changes count once";

    /// <inheritdoc/>
    public override void Check(RunHistory history, Verdict verdict)
    {
        var committed = new List<MembershipChange>(history.ChangesCommitted);
        foreach (var change in history.ChangesAtTheEnd)
            if (!committed.Remove(change))
                verdict.Add(this, history.ChangesCommitted.Contains(change)
                    ? $"\"{change}\" counts more often than it was committed."
                    : $"\"{change}\" counts, and nobody has committed it.");
    }
}
