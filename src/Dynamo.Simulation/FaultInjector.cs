using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>Makes things go wrong, as the environment says, until it is told to stop and everything heals.</summary>
internal sealed class FaultInjector
{
    private const long Second = 1_000_000;
    private readonly Simulator _simulator;
    private readonly Prng _random;
    private readonly Administrators _administrators;
    private bool _stopped;

    public FaultInjector(Simulator simulator)
    {
        _simulator = simulator;
        _random = new Prng(simulator.Environment.Seed ^ 0xFA117);
        _administrators = new Administrators(simulator);
    }

    /// <summary>Begins: every kind of fault comes up again and again, each in its own rhythm.</summary>
    public void Start()
    {
        foreach (var (kind, every) in _simulator.Environment.Faults) PlanNext(kind, (long)every.TotalMicroseconds);
    }

    /// <summary>Whether every change of the membership that was begun is committed and what it asks for is done.</summary>
    public bool ChangesAreOver => _administrators.AreDone;

    /// <summary>Ends all faults: the network heals, processes start, disks work and clocks run on as they stand.</summary>
    public void HealAll()
    {
        _stopped = true;
        Tell("", "everything heals");
        _simulator.Network.Heal();
        _simulator.Healed = true;
        foreach (var node in _simulator.Nodes)
        {
            node.PausedUntil = 0;
            node.DiskFailsUntil = 0;
            node.Disk.Lies = false;
            node.Disk.Flush();
            _simulator.Start(node);
        }
    }

    private void PlanNext(FaultKind kind, long every) => _simulator.After(Around(every), () =>
    {
        if (_stopped) return;
        Strike(kind);
        PlanNext(kind, every);
    });

    // Half to one and a half times a duration.
    private long Around(long duration) => (duration / 2) + (long)(_random.Next() % (ulong)duration);

    private void Strike(FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.Partition:
                Partition();
                break;
            case FaultKind.OneWayCut:
                CutOneWay();
                break;
            case FaultKind.Crash:
                Crash(AnyNode(), torn: false, wipe: false);
                break;
            case FaultKind.Stop:
                var stopping = AnyNode();
                if (stopping.Machine is null || !_simulator.Stop(stopping)) break;
                Tell(stopping.Name.Name, "stops in order");
                _simulator.After(Around(Second), () => _simulator.Start(stopping));
                break;
            case FaultKind.TornCrash:
                Crash(AnyNode(), torn: true, wipe: false);
                break;
            case FaultKind.Wipe:
                Crash(AnyNode(), torn: false, wipe: true);
                break;
            case FaultKind.Restore:
                // One keeps its disk: when all others have lost theirs, nobody remembers what was reaped (ARCHITECTURE, backups).
                if (AnyNode() is { Index: > 0 } lost) Restore(lost);
                break;
            case FaultKind.PowerLoss:
                Tell("", "the power fails everywhere");
                foreach (var node in _simulator.Nodes) Crash(node, torn: false, wipe: false);
                break;
            case FaultKind.BitFlip:
                var flipped = AnyNode();
                Tell(flipped.Name.Name, "a bit flips on its disk");
                _simulator.FlipBit(flipped);
                break;
            case FaultKind.FailingDisk:
                var failing = AnyNode();
                failing.DiskFailsUntil = _simulator.Now + Around(2 * Second);
                Tell(failing.Name.Name, "its disk fails half of the time");
                break;
            case FaultKind.LyingDisk:
                Lie(AnyNode());
                break;
            case FaultKind.ClockJump:
                var jumping = AnyNode();
                var by = _random.Below(1 << _random.Below(31));
                jumping.Clock.Jump(by);
                Tell(jumping.Name.Name, $"its clock jumps by {by / 1e6:F3} s");
                if (jumping.PausedUntil <= _simulator.Now) _simulator.Wake(jumping);
                break;
            case FaultKind.Pause:
                var paused = AnyNode();
                paused.PausedUntil = _simulator.Now + Around(3 * Second);
                Tell(paused.Name.Name, "stands still");
                break;
            default:
                _administrators.Change(kind);
                break;
        }
    }

    private SimulatedNode AnyNode() => _simulator.Nodes[_random.Below(_simulator.Nodes.Count)];

    private void Partition()
    {
        var count = _simulator.Nodes.Count;
        var side = new bool[count];
        for (var i = 0; i < count; i++) side[i] = _random.Chance(0.5);
        var links = new List<(int From, int To)>();
        for (var from = 0; from < count; from++)
            for (var to = 0; to < count; to++)
                if (side[from] != side[to]) links.Add((from, to));
        CutFor(links, Around(4 * Second), () =>
            $"the network falls apart: {{{Names(side, true)}}} and {{{Names(side, false)}}}");
    }

    private void CutOneWay()
    {
        var count = _simulator.Nodes.Count;
        var links = new List<(int From, int To)>();
        if (_random.Chance(0.5))
        {
            // One node is deaf, or mute.
            var node = _random.Below(count);
            var deaf = _random.Chance(0.5);
            for (var other = 0; other < count; other++)
                if (other != node) links.Add(deaf ? (other, node) : (node, other));
            CutFor(links, Around(4 * Second), () => $"{_simulator.Nodes[node].Name} is {(deaf ? "deaf" : "mute")}");
            return;
        }

        for (var from = 0; from < count; from++)
            for (var to = 0; to < count; to++)
                if (from != to && _random.Chance(0.2)) links.Add((from, to));
        CutFor(links, Around(4 * Second), () => $"{links.Count} links go dead in one direction");
    }

    private void CutFor(List<(int From, int To)> links, long duration, Func<string> what)
    {
        if (_simulator.Trace.Tells) Tell("", what());
        foreach (var (from, to) in links) _simulator.Network.Cut(from, to);
        _simulator.After(duration, () =>
        {
            if (_stopped) return;
            foreach (var (from, to) in links) _simulator.Network.Join(from, to);
            if (_simulator.Trace.Tells) Tell("", $"over: {what()}");
        });
    }

    private void Crash(SimulatedNode node, bool torn, bool wipe)
    {
        if (node.Machine is null) return;
        Tell(node.Name.Name, wipe ? "dies, and its disk is replaced" : torn ? "dies while writing" : "dies");
        _simulator.Kill(node, torn, wipe);
        // The process that comes back may find its clock set, backwards too.
        if (_simulator.Environment.ClockError > TimeSpan.Zero) node.Clock.Jump(_random.Below(2_000_000) - 1_000_000);
        _simulator.After(_random.Chance(0.5) ? Around(Second / 2) : Around(5 * Second), () => _simulator.Start(node));
    }

    private void Restore(SimulatedNode node)
    {
        if (node.Machine?.View is not { } view) return;
        if (node.Backup is not { } backup || _random.Chance(0.5))
        {
            Tell(node.Name.Name, "is backed up");
            node.Backup = node.Disk.Copy(_simulator.Environment.Partitions, BackupMark.Of(view, node.Machine.Founding, default));
            return;
        }

        Tell(node.Name.Name, "is to be restored from its backup");
        Crash(node, torn: false, wipe: true);
        node.Restoring = backup;
    }

    private void Lie(SimulatedNode node)
    {
        node.Disk.Lies = true;
        Tell(node.Name.Name, "its disk begins to lie");
        _simulator.After(Around(3 * Second), () =>
        {
            if (!node.Disk.Lies) return;
            node.Disk.Lies = false;
            node.Disk.Flush();
        });
    }

    private string Names(bool[] side, bool which) =>
        string.Join(", ", _simulator.Nodes.Where(node => node.Index < side.Length && side[node.Index] == which).Select(static node => node.Name));

    private void Tell(string who, string what)
    {
        if (_simulator.Trace.Tells) _simulator.Trace.Tell(_simulator.Now, who, what);
    }
}
