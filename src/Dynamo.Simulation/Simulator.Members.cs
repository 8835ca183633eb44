using Dynamo.Core;

namespace Dynamo.Simulation;

/// <content>Who belongs to the cluster: nodes come, and go for good.</content>
internal sealed partial class Simulator
{
    /// <summary>Every node that is not gone for good, members or not.</summary>
    public IEnumerable<SimulatedNode> Present => _nodes.Where(static node => !node.IsGone);

    /// <summary>The ring of the longest history that a process has: the final one when everything has settled.</summary>
    public Ring Ring => Foremost is { } node ? node.Membership.History.Fold().Current.Ring : Cluster.RingOf(_founding);

    /// <summary>The members by that ring.</summary>
    public IEnumerable<SimulatedNode> Members
    {
        get
        {
            var ring = Ring;
            return Present.Where(node => ring.IndexOf(node.Name) >= 0);
        }
    }

    /// <summary>Nodes that a client would ask: not those that say of themselves that they are no member.</summary>
    public IReadOnlyList<SimulatedNode> Askable => _nodes.Count == Environment.Nodes && Foremost is null ? _nodes
        : [.. Present.Where(static node => node.Machine is null || node.Machine.Ring.IndexOf(node.Name) >= 0)];

    /// <summary>Nodes in the ring that the node with the longest history reads by, up or not: those that will serve when they are up.</summary>
    public IEnumerable<SimulatedNode> Serving
    {
        get
        {
            var ring = Foremost?.Ring ?? Cluster.RingOf(_founding);
            return Present.Where(node => ring.IndexOf(node.Name) >= 0);
        }
    }

    /// <summary>Whether all members work by one ring, the same everywhere, and nothing is left to be fetched or compared.</summary>
    public bool HasOneRing
    {
        get
        {
            if (Foremost is not { } foremost) return true;
            var ring = foremost.Membership.History.Fold().Current;
            return ring.Ring.Members.All(member => NodeOf(member.Node).Machine is { TransfersLeft: 0 } machine
                && machine.Membership.State is { Next: null } state && state.Settled.Digest == ring.Digest);
        }
    }

    /// <summary>The members that hold a row of a key and are no owners of it.</summary>
    public IEnumerable<SimulatedNode> StraysOf(Key key)
    {
        var ring = Ring;
        var partition = ring.PartitionOf(key);
        var owners = ring.PreferenceList(partition, BucketProperties.Standard.NVal);
        return Members.Where(node => !owners.Contains(node.Name) && node.Disk.Durable.Record(partition, key) is not null);
    }

    /// <summary>What members still lack for one ring, for whoever looks at a run that does not end.</summary>
    public string DescribeRings() => string.Join("; ", Present.Select(static node => node.Machine is { } machine
        ? $"{node.Name} ring {machine.Membership.State.Settled.Number}"
            + (machine.Membership.State is { Next: { } next } state
                ? $" to {next.Number}{(state.MayTransfer ? " transferring" : "")}{(state.ReadsNext ? " switched" : "")}" : "")
            + (machine.Membership.State.Leaving is { IsEmpty: false } leaving ? $" without {string.Join(", ", leaving)}" : "")
            + $" of {machine.Membership.History.Commits.Length} commits, {machine.TransfersLeft} transfers"
        : $"{node.Name} down"))
        + (Foremost is { } foremost ? $"; committed: {string.Join(", ", foremost.Membership.History.Commits)}" : "");

    /// <summary>A new node with an empty disk; it is started, and no member before somebody makes it one.</summary>
    public SimulatedNode AddNode()
    {
        var node = Add(new NodeId($"n{_nodes.Count + 1}"), _newClocks);
        Start(node);
        return node;
    }

    /// <summary>
    /// Stages a change at a node and commits it there, as an administrator would.
    /// </summary>
    /// <returns>Why not; "" when it is on its way.</returns>
    public string Change(SimulatedNode at, Func<Instant, MembershipChange> change, bool force)
    {
        var error = "It is down.";
        Step(at, (machine, now, effects) =>
        {
            machine.Staged.Clear();
            var wanted = change(now);
            error = machine.Stage(wanted, force);
            if (error.Length == 0) error = machine.Commit(machine.Plan(), now, effects);
            if (error.Length == 0) Recorder.History.ChangesCommitted.Add(wanted);
        });
        return error;
    }

    private DynamoNode? Foremost
    {
        get
        {
            DynamoNode? foremost = null;
            foreach (var node in _nodes)
                if (node is { IsGone: false, Machine: { Membership.History.Commits.Length: > 0 } machine }
                    && !(foremost?.Membership.History.Commits.Length >= machine.Membership.History.Commits.Length)) foremost = machine;
            return foremost;
        }
    }

    // Whoever has left hands over what it holds before it goes.
    private IReadOnlyList<StoreImage> Disks => [.. Present.Select(static node => node.Disk.Durable)];

    private SimulatedNode Add(NodeId name, Prng clocks)
    {
        var node = new SimulatedNode(_nodes.Count, name, new SimulatedDisk(_mutant) { BufferWrites = Environment.Buffer }, DrawClock(Environment, clocks));
        if ((Environment.Troubles & Trouble.Disk) != 0)
            node.Disk.ReadFails = () => node.DiskFailsUntil > Now && node.Machine is not null && _diskRandom.Chance(0.1);
        _nodes.Add(node);
        _indexByName.Add(name.Name, node.Index);
        return node;
    }
}
