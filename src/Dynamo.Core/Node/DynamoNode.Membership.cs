using System.Collections.Immutable;

namespace Dynamo.Core;

// What changes of the membership mean for the machines.
public sealed partial class DynamoNode
{
    /// <summary>The membership as this node knows it.</summary>
    public Membership Membership => _membership;

    /// <summary>Changes of the membership that were asked for here and not committed yet.</summary>
    public StagedChanges Staged => _membership.Staged;

    /// <summary>Exchanges that a change of the membership still needs here.</summary>
    public int TransfersLeft => _sync.TransfersLeft;

    /// <summary>Stages a change of the membership; the sentence is "" when it is staged.</summary>
    /// <param name="change">The change.</param>
    /// <param name="force">Whether a node that is reachable may be removed.</param>
    public string Stage(MembershipChange change, bool force) => _membership.Stage(change, View, force);

    /// <summary>What committing the staged changes would do.</summary>
    public MembershipPlan Plan() => _membership.Plan(View);

    /// <summary>Commits what a plan shows; the sentence is "" when it is on its way.</summary>
    public string Commit(MembershipPlan plan, Instant now, Effects effects)
    {
        _scratch.Clear();
        var error = _membership.Commit(plan, _scratch);
        Drain(OnMembershipWritten, now, effects);
        _ringsChanged = true;
        AfterInput(now, effects);
        return error;
    }

    private void OnMembership(Instant now, Effects effects)
    {
        OnPeers();
        RefreshView(now, effects);
    }

    private void OnPeers()
    {
        _peers = [.. _membership.Peers];
        _detector.OnMembers(_peers);
        _gossip.OnMembers(_peers);
    }

    private void OnMembershipWritten(WriteId id, WriteResult result, Instant now, Effects effects) =>
        _ringsChanged |= _membership.OnWritten(id, result, effects);
}
