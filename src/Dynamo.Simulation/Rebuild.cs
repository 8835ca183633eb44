using System.Diagnostics;
using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>One node of five loses its disk, and no client asks for anything: its replicas are restored by exchanges alone.</summary>
/// <remarks>Source: DeCandia et al., Dynamo (SOSP 2007), section 4.7.</remarks>
internal sealed class Rebuild
{
    private const long Second = 1_000_000;
    private readonly Simulator _simulator;
    private readonly List<Key> _keys;
    private int _acknowledged;

    private Rebuild(SimulationEnvironment environment, Mutant? mutant, Trace trace)
    {
        _simulator = new Simulator(environment, mutant, trace);
        _keys = [.. Enumerable.Range(0, environment.Operations).Select(static i => Key.Of("carts", $"customer-{i}"))];
    }

    public static SimulationReport Run(SimulationEnvironment drawn, Mutant? mutant, TextWriter? story)
    {
        var clock = Stopwatch.StartNew();
        var environment = drawn with
        {
            Nodes = 5, Keys = drawn.Operations, Partitions = 64, Troubles = Trouble.Wipe, Faults = [],
            Settings = drawn.Settings with { SyncKeysPerSecond = NodeSettings.Standard.SyncKeysPerSecond },
        };
        if (story is not null)
            foreach (var line in environment.Describe()) story.WriteLine(line);
        var trace = new Trace(story);
        var run = new Rebuild(environment, mutant, trace);
        var verdict = new Verdict();
        var missing = run.Live(out var notLive);
        if (missing > 0)
        {
            verdict.Diverged = missing;
            verdict.Add(new ReplicasConverge(), $"{missing} records have not come back to the node that lost its disk.");
        }

        return new SimulationReport
        {
            Environment = environment,
            NotLive = notLive,
            Verdict = verdict,
            Acknowledged = run._acknowledged,
            VirtualTime = TimeSpan.FromMicroseconds(run._simulator.Now),
            WallTime = clock.Elapsed,
            Events = run._simulator.Events,
            Hash = trace.Hash,
        };
    }

    // How many records are missing at the end on the node that lost its disk.
    private int Live(out string? notLive)
    {
        _simulator.StartAll();
        _simulator.Run(5 * Second);
        foreach (var key in _keys) _simulator.After(1 + (key.GetHashCode() & 0xFFFFF), () => Put(key));
        notLive = _simulator.Run(600 * Second, () => _acknowledged == _keys.Count) ? null : "Not every put was acknowledged.";
        // The third replica of each put, and whatever was kept for it.
        _simulator.Run(30 * Second);
        var victim = _simulator.Nodes[2];
        var held = Held(victim);
        _simulator.Kill(victim, wipe: true);
        _simulator.After(3 * Second, () => _simulator.Start(victim));
        _simulator.Run(600 * Second, () => victim.Machine is not null && _simulator.Events % 1000 == 0 && Missing(victim, held) == 0);
        return Missing(victim, held);
    }

    private void Put(Key key)
    {
        var value = new Value { Body = key.Name.ToArray(), ContentType = "text/plain" };
        var node = _simulator.Nodes[(int)((uint)key.GetHashCode() % 5)];
        _simulator.Request(node, new PutRequest(key, default, value, PutOptions.None), outcome =>
        {
            if (outcome is Stored) _acknowledged++;
        });
    }

    private List<(PartitionId Partition, Key Key, Record Record)> Held(SimulatedNode node)
    {
        var held = new List<(PartitionId, Key, Record)>();
        foreach (var key in _keys)
        {
            var partition = _simulator.Ring.PartitionOf(key);
            if (node.Disk.Durable.Record(partition, key) is { } stored) held.Add((partition, key, stored.Record));
        }

        return held;
    }

    private static int Missing(SimulatedNode node, List<(PartitionId Partition, Key Key, Record Record)> held) =>
        held.Count(row => node.Disk.Durable.Record(row.Partition, row.Key)?.Record.HasSameVersions(row.Record) != true);
}
