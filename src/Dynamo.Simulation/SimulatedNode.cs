using Dynamo.Core;

namespace Dynamo.Simulation;

/// <summary>One node of a run: a disk and a clock that stay, and a process that comes and goes.</summary>
internal sealed class SimulatedNode(int index, NodeId name, SimulatedDisk disk, SimulatedClock clock)
{
    public int Index { get; } = index;

    public NodeId Name { get; } = name;

    public SimulatedDisk Disk { get; } = disk;

    public SimulatedClock Clock { get; } = clock;

    /// <summary>The machines; null while the process is down.</summary>
    public DynamoNode? Machine { get; set; }

    /// <summary>Which process it is: what was meant for an earlier one does not reach this one.</summary>
    public int Run { get; set; }

    /// <summary>When the next wake-up is planned; 0 for none.</summary>
    public long WakeAt { get; set; }

    /// <summary>Whether it is gone for good: dead and never to come back, or stopped after it had left.</summary>
    public bool IsGone { get; set; }

    /// <summary>The rings that its process works by, or did when it last took a step; the disk outlives it.</summary>
    public (Ring? Ring, Ring? Other) Rings { get; set; }

    /// <summary>Whether a key is its own by one of them.</summary>
    public bool Owns(Key key) => Owns(Rings.Ring, key) || Owns(Rings.Other, key);

    /// <summary>The latest backup of it; null when none was taken.</summary>
    public SimulatedDisk? Backup { get; set; }

    /// <summary>The backup that it is being restored from; null when it is not.</summary>
    public SimulatedDisk? Restoring { get; set; }

    /// <summary>Until when the process stands still.</summary>
    public long PausedUntil { get; set; }

    /// <summary>When the process will have worked through all that has arrived, where work takes time.</summary>
    public long FreeAt { get; set; }

    /// <summary>Until when syncs fail.</summary>
    public long DiskFailsUntil { get; set; }

    /// <summary>Who waits for an answer.</summary>
    public SortedDictionary<ulong, Action<Outcome?>> Clients { get; } = [];

    private bool Owns(Ring? ring, Key key) =>
        ring?.PreferenceList(ring.PartitionOf(key), BucketProperties.Standard.NVal).Contains(Name) == true;
}
