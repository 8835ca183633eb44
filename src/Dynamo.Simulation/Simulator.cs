using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Drives the real machines of every node through virtual time, one event after the other, out of one seed.</summary>
/// <remarks>
/// It carries out effects and delivers inputs; it knows nothing of quorums, versions or hints. What goes wrong is decided by
/// <see cref="FaultInjector"/>, what is asked by a workload, and whether it was right by checkers.
/// </remarks>
internal sealed partial class Simulator
{
    private readonly EventQueue _events = new();
    private readonly List<SimulatedNode> _nodes = [];
    private readonly Dictionary<string, int> _indexByName = new(StringComparer.Ordinal);
    private readonly Effects _effects = new();
    private readonly SimulatedWire _wire = new();
    private readonly Founding _founding;
    private readonly Prng _diskRandom, _entropy, _newClocks;
    private readonly Mutant? _mutant;
    private bool _stepping;

    public Simulator(SimulationEnvironment environment, Mutant? mutant, Trace trace)
    {
        Environment = environment;
        Trace = trace;
        _mutant = mutant;
        // Each part has numbers of its own, so that one more draw here does not change everything there.
        var root = new Prng(environment.Seed);
        Network = new SimulatedNetwork(environment, new Prng(root.Next()));
        _diskRandom = new Prng(root.Next());
        _entropy = new Prng(root.Next());
        var clocks = new Prng(root.Next());
        _founding = Cluster.Founding(environment.Nodes, environment.Partitions);
        Contexts = ContextCodec.For(_founding);
        _newClocks = new Prng(environment.Seed ^ 0xC10C);
        Recorder = new Recorder(Contexts, _nodes);
        Recorder.History.IsBuffered = environment.Buffer > 0;
        foreach (var member in _founding.Members) Add(member.Node, clocks);
    }

    public SimulationEnvironment Environment { get; }

    public Trace Trace { get; }

    public SimulatedNetwork Network { get; }

    public Recorder Recorder { get; }

    public ContextCodec Contexts { get; }

    /// <summary>Virtual microseconds since the start.</summary>
    public long Now { get; private set; }

    /// <summary>Events so far.</summary>
    public long Events { get; private set; }

    /// <summary>Whether syncs and rows go bad no more.</summary>
    public bool Healed { get; set; }

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    public SimulatedNode NodeOf(NodeId name) => _nodes[_indexByName[name.Name]];

    /// <summary>Starts every node.</summary>
    public void StartAll()
    {
        foreach (var node in _nodes) Start(node);
    }

    /// <summary>Plans something, <paramref name="after"/> virtual microseconds from now.</summary>
    public void After(long after, Action action) =>
        _events.Add(Now + after, new SimulatedEvent(EventKind.Call, -1, -1, 0, action));

    /// <summary>Lets virtual time pass.</summary>
    /// <returns>Whether <paramref name="until"/> came true before <paramref name="limit"/> virtual microseconds were over.</returns>
    public bool Run(long limit, Func<bool>? until = null)
    {
        var end = Now + limit;
        while (_events.TryTake(end, out var happening, out var at))
        {
            Now = at;
            Events++;
            Happen(happening);
            if (until is not null && until()) return true;
        }

        Now = end;
        return until is not null && until();
    }

    /// <summary>Hands a request to a node; <paramref name="done"/> gets null when nobody will ever answer.</summary>
    public void Request(SimulatedNode node, ClientRequest request, Action<Outcome?> done)
    {
        if (node.Machine is null)
        {
            // A refused connection: the client may be sure that nothing happened, but it learns nothing either.
            After(1000, () => done(null));
            return;
        }

        if (node.PausedUntil > Now)
        {
            AfterUnlessGone(node, node.PausedUntil - Now, () => Request(node, request, done), done);
            return;
        }

        if (Environment.MessageTime == TimeSpan.Zero) Take(node, request, done);
        else AfterUnlessGone(node, Occupy(node) - Now, () => Take(node, request, done), done);
    }

    private void AfterUnlessGone(SimulatedNode node, long after, Action action, Action<Outcome?> done)
    {
        var run = node.Run;
        After(after, () =>
        {
            if (node.Run == run) action();
            else done(null);
        });
    }

    private void Take(SimulatedNode node, ClientRequest request, Action<Outcome?> done)
    {
        var times = _mutant?.Repeats(request) == true ? 2 : 1;
        for (var i = 0; i < times; i++)
            Step(node, (machine, now, effects) => node.Clients[machine.Request(request, now, effects).Value] = done);
    }

    /// <summary>Sets a bucket's properties at a node.</summary>
    public void SetProperties(SimulatedNode node, string bucket, BucketProperties properties) =>
        Step(node, (machine, now, effects) => machine.SetProperties(bucket, properties, now, effects));

    /// <summary>Starts a node's process over what its disk holds.</summary>
    public void Start(SimulatedNode node)
    {
        if (node.Machine is not null || node.IsGone) return;
        node.Machine = new DynamoNode(
            node.Name, _founding, Contexts, node.Disk, Environment.Settings, _entropy.Next(), node.Restoring);
        if (Trace.Tells && Now > 0) Trace.Tell(Now, node.Name.Name, "starts");
        Step(node, static (machine, now, effects) => machine.Start(now, effects));
    }

    /// <summary>Ends a node's process at once. What was not synced is lost, but for what happened to reach the disk.</summary>
    public void Kill(SimulatedNode node, bool torn = false, bool wipe = false)
    {
        if (node.Machine is null) return;
        if (wipe || node.Machine.Restore is { IsOver: true }) node.Restoring = null;
        node.Machine = null;
        node.Run++;
        node.WakeAt = node.PausedUntil = node.FreeAt = 0;
        var (survivors, lost) = node.Disk.Crash(_diskRandom, torn);
        foreach (var write in survivors) Recorder.Durable(node.Name, write.Changes, Now);
        if (wipe) lost.AddRange(node.Disk.Wipe());
        Recorder.Destroyed(node.Name, lost, Disks);
        Action<Outcome?>[] waiting = [.. node.Clients.Values];
        node.Clients.Clear();
        // Clients hear of it a little later, so that nobody acts within a step of the machines.
        foreach (var client in waiting) After(1000, () => client(null));
    }

    /// <summary>Ends a node's process in order: all that waits becomes durable, and the seal with it.</summary>
    /// <returns>Whether that went well; a process that stands still or whose disk fails goes on.</returns>
    public bool Stop(SimulatedNode node)
    {
        if (node.Machine is null || node.PausedUntil > Now || node.DiskFailsUntil > Now || node.Disk.Lies) return false;
        Step(node, static (machine, now, effects) => machine.Stop(now, effects));
        node.Disk.BeginSync();
        foreach (var (write, result) in node.Disk.EndSync(fails: false))
            if (result.Ok) Recorder.Durable(node.Name, write.Changes, Now);
        Kill(node);
        return true;
    }

    /// <summary>Ends a node for good, and its disk with it, whether its process runs or not.</summary>
    public void Bury(SimulatedNode node)
    {
        node.IsGone = true;
        if (node.Machine is not null) Kill(node, wipe: true);
        else Recorder.Destroyed(node.Name, node.Disk.Wipe(), Disks);
    }

    /// <summary>Damages one row of a disk at rest.</summary>
    public void FlipBit(SimulatedNode node)
    {
        if (node.Disk.FlipBit(_diskRandom) is { } lost) Recorder.Destroyed(node.Name, [lost], Disks);
    }

    /// <summary>Makes a node's deadlines be looked at again, after its clock was set.</summary>
    public void Wake(SimulatedNode node) => Step(node, static (machine, now, effects) => machine.OnTime(now, effects));

    private static SimulatedClock DrawClock(SimulationEnvironment environment, Prng random)
    {
        var error = (long)environment.ClockError.TotalMicroseconds;
        var offset = error == 0 ? 0 : (long)(random.Next() % (ulong)(2 * error)) - error;
        var drift = environment.ClockDrift == 0 ? 0 : random.Below(2 * environment.ClockDrift) - environment.ClockDrift;
        return new SimulatedClock(offset, drift);
    }

    private void Happen(in SimulatedEvent happening)
    {
        if (happening.Kind == EventKind.Call)
        {
            Trace.Fold(Now, EventKind.Call, -1, 0);
            ((Action)happening.Payload!)();
            return;
        }

        var node = _nodes[happening.Node];
        if (node.Machine is null || (happening.Kind != EventKind.Deliver && happening.Run != node.Run)) return;
        if (node.PausedUntil > Now)
        {
            _events.Add(node.PausedUntil, happening);
            return;
        }

        switch (happening.Kind)
        {
            case EventKind.Deliver:
                Deliver(node, happening);
                break;
            case EventKind.Handle:
                Hear(node, happening.From, (byte[])happening.Payload!);
                break;
            case EventKind.Wake:
                if (node.WakeAt == Now) node.WakeAt = 0;
                Trace.Fold(Now, EventKind.Wake, node.Index, 0);
                Wake(node);
                break;
            case EventKind.Synced:
                EndSync(node);
                break;
            case EventKind.ReportedEarly:
                var id = (WriteId)happening.Payload!;
                Step(node, (machine, now, effects) => machine.OnWritten(id, WriteResult.Durable, now, effects));
                break;
        }
    }

    private void Deliver(SimulatedNode node, in SimulatedEvent arrival)
    {
        // A cut takes what was under way, too.
        if (Network.IsCut(arrival.From, node.Index)) return;
        if (Environment.MessageTime == TimeSpan.Zero) Hear(node, arrival.From, (byte[])arrival.Payload!);
        else _events.Add(Occupy(node), arrival with { Kind = EventKind.Handle, Run = node.Run });
    }

    // When a node is done with what reaches it now: it works on one thing at a time, in the order of arrival.
    private long Occupy(SimulatedNode node)
    {
        var work = (long)Environment.MessageTime.TotalMicroseconds * Network.Slowness(node.Index);
        return node.FreeAt = Math.Max(node.FreeAt, Now) + work;
    }

    private void Hear(SimulatedNode node, int from, byte[] bytes)
    {
        var message = SimulatedWire.Decode(bytes);
        Trace.Fold(Now, EventKind.Deliver, (node.Index << 16) + from, Trace.Digest(message));
        if (Trace.Tells && Story.Of(message) is { } said) Trace.Tell(Now, node.Name.Name, $"hears {_nodes[from].Name}: {said}");
        Step(node, _nodes[from].Name, message);
    }

    private void Step(SimulatedNode node, NodeId from, Message message)
    {
        var machine = Begin(node);
        try
        {
            machine.OnMessage(from, message, node.Clock.At(Now), _effects);
        }
        catch (StoreFailedException fault)
        {
            Unreadable(node, fault);
        }

        Finish(node, machine);
    }

    // What cannot be read fails the step: the input is as good as lost, and what was said before it stands.
    private void Unreadable(SimulatedNode node, StoreFailedException fault)
    {
        if (Trace.Tells) Trace.Tell(Now, node.Name.Name, $"fails a step: {fault.Message}");
    }

    private void Step(SimulatedNode node, Action<DynamoNode, Instant, Effects> input)
    {
        if (node.Machine is null) return;
        var machine = Begin(node);
        try
        {
            input(machine, node.Clock.At(Now), _effects);
        }
        catch (StoreFailedException fault)
        {
            Unreadable(node, fault);
        }

        Finish(node, machine);
    }

    private DynamoNode Begin(SimulatedNode node)
    {
        Invariant.Holds(!_stepping, "One input at a time.");
        _stepping = true;
        return node.Machine!;
    }

    private void Finish(SimulatedNode node, DynamoNode machine)
    {
        machine.CheckInvariants();
        node.Rings = (machine.Ring, machine.Membership.State.Other);
        var effects = _effects.List;
        for (var i = 0; i < effects.Count; i++) CarryOut(node, effects[i]);
        _effects.Clear();
        _stepping = false;
        PlanWake(node, machine);
    }
}
