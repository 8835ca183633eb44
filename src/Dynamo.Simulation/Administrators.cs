using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Change the membership while everything else goes on: each time another node is told, whatever the others know.</summary>
/// <remarks>
/// They make no mistakes that no cluster survives: five members at least before one goes, nothing but the removal of who is
/// dead, and the process of a node that leaves runs until a member says that it has handed over everything.
/// </remarks>
internal sealed class Administrators(Simulator simulator)
{
    private const long Second = 1_000_000;
    private const int FewestMembers = 4;
    private const int FewestServing = 2;
    private readonly Prng _random = new(simulator.Environment.Seed ^ 0xAD319);
    private readonly SortedSet<NodeId> _going = [];
    private int _open;

    /// <summary>Whether every node that was to go is gone, and nobody dead is a member.</summary>
    public bool AreDone => _open == 0;

    /// <summary>Asks for a change of a kind; sometimes nothing comes of it.</summary>
    public void Change(FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.Join when AddNode() is { } joiner:
                var member = new RingMember(joiner.Name, 1 + _random.Below(3));
                Commit(AnyMember(), origin => new MembershipChange.Join(member, origin), force: false);
                break;
            case FaultKind.Leave when Victim() is { } leaver:
                if (!Commit(AnyMember(), origin => new MembershipChange.Leave(leaver.Name, origin), force: false)) break;
                _going.Add(leaver.Name);
                _open++;
                WaitUntilLeft(leaver);
                break;
            case FaultKind.Remove when Victim() is { } dead:
                Bury(dead);
                SeeToRemoval(dead, null);
                break;
            case FaultKind.Replace when Victim() is { } dead && AddNode() is { } successor:
                Bury(dead);
                SeeToRemoval(dead, successor);
                break;
            case FaultKind.Weigh when Known() is { Count: > 0 } known:
                var node = known[_random.Below(known.Count)];
                var weight = 1 + _random.Below(4);
                Commit(AnyMember(), origin => new MembershipChange.Weigh(node, weight, origin), force: false);
                break;
        }
    }

    private SimulatedNode? AddNode() =>
        simulator.Nodes.Count < simulator.Environment.Nodes + simulator.Environment.Newcomers ? simulator.AddNode() : null;

    // Who is a member in the eyes of every process, and not about to go.
    private List<NodeId> Known()
    {
        IEnumerable<NodeId>? known = null;
        foreach (var node in simulator.Members)
        {
            if (node.Machine is not { } machine) continue;
            var members = machine.Membership.History.Fold().Current.Ring.Members.Select(static member => member.Node);
            known = known is null ? members : known.Intersect(members);
        }

        return [.. (known ?? []).Where(node => !_going.Contains(node))];
    }

    private SimulatedNode? Victim()
    {
        var known = Known();
        if (known.Count <= FewestMembers) return null;
        var victim = simulator.NodeOf(known[_random.Below(known.Count)]);
        // Nobody could ask for anything any more if all went that serve already, while those that join wait for them.
        var serving = simulator.Serving.Count(node => node != victim && !_going.Contains(node.Name));
        return serving < FewestServing ? null : victim;
    }

    private SimulatedNode? AnyMember()
    {
        var askable = simulator.Askable;
        return askable.Count == 0 ? null : askable[_random.Below(askable.Count)];
    }

    private bool Commit(SimulatedNode? at, Func<ChangeOrigin, MembershipChange> change, bool force)
    {
        if (at?.Machine is null || at.PausedUntil > simulator.Now) return false;
        var said = "";
        var error = simulator.Change(at, now => Say(change(new ChangeOrigin(at.Name, "simulated", now))), force);
        if (simulator.Trace.Tells)
            simulator.Trace.Tell(simulator.Now, at.Name.Name, error.Length == 0 ? $"commits: {said}" : $"refuses: {error}");
        return error.Length == 0;

        MembershipChange Say(MembershipChange change)
        {
            said = change.ToString();
            return change;
        }
    }

    private void Bury(SimulatedNode dead)
    {
        if (simulator.Trace.Tells) simulator.Trace.Tell(simulator.Now, dead.Name.Name, "dies for good, and its disk with it");
        _going.Add(dead.Name);
        _open++;
        simulator.Bury(dead);
    }

    // Somebody notices after a while, and asks until some node that he asks does it.
    private void SeeToRemoval(SimulatedNode dead, SimulatedNode? successor) => simulator.After(Around(3 * Second), () =>
    {
        var at = AnyMember();
        if (at is not null && IsMember(at, dead.Name))
            Commit(
                at,
                origin => successor is null
                    ? new MembershipChange.Remove(dead.Name, origin)
                    : new MembershipChange.Replace(dead.Name, successor.Name, origin),
                force: true);
        List<SimulatedNode> up = [.. simulator.Askable.Where(static node => node.Machine is not null)];
        // Until a ring without it is settled the commit may die with those who have heard of it.
        if (up.Exists(node => node.Machine!.Membership.HasDeparted(dead.Name))) _open--;
        else SeeToRemoval(dead, successor);
    });

    private void WaitUntilLeft(SimulatedNode leaver) => simulator.After(Around(Second), () =>
    {
        if (!simulator.Members.Any(node => node.Machine?.Membership.HasDeparted(leaver.Name) == true))
        {
            // The commit may have died with the only node that had heard of it.
            List<SimulatedNode> up = [.. simulator.Askable.Where(static node => node.Machine is not null)];
            if (up.Count > 0 && up.TrueForAll(node => IsMember(node, leaver.Name)))
                Commit(AnyMember(), origin => new MembershipChange.Leave(leaver.Name, origin), force: false);
            WaitUntilLeft(leaver);
            return;
        }

        if (simulator.Trace.Tells) simulator.Trace.Tell(simulator.Now, leaver.Name.Name, "has left, and is stopped");
        simulator.Kill(leaver);
        leaver.IsGone = true;
        _open--;
    });

    private static bool IsMember(SimulatedNode at, NodeId node) =>
        at.Machine?.Membership.History.Fold().Current.Ring.IndexOf(node) >= 0;


    private long Around(long duration) => (duration / 2) + (long)(_random.Next() % (ulong)duration);
}
