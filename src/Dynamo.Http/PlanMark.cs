using Dynamo.Core;

namespace Dynamo.Http;

/// <summary>Tells plans apart: by the history they are made on and by the changes they would commit.</summary>
/// <remarks>
/// The history's digest alone is not enough for an administrator: what somebody else has staged meanwhile changes the plan as
/// well, and he would commit what he has not seen.
/// </remarks>
public static class PlanMark
{
    /// <summary>The mark of a plan, the same in every process.</summary>
    public static ulong Of(MembershipPlan plan)
    {
        var writer = new WireWriter();
        foreach (var change in plan.Changes) change.Write(writer);
        return StableHash.Of(writer.Written, plan.BasedOn);
    }

    /// <summary>Whether a plan is the one that was looked at: "" or one sentence. Null looks at none.</summary>
    public static string Check(MembershipPlan plan, ulong? lookedAt) => lookedAt is null || lookedAt == Of(plan)
        ? ""
        : "The membership or what is staged has changed since this plan was made; look at a new plan before committing.";
}
