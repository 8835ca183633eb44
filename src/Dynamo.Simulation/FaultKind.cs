namespace Dynamo.Simulation;

/// <summary>One thing that goes wrong at a moment, for a while.</summary>
public enum FaultKind
{
    /// <summary>The nodes fall into two groups that do not hear each other.</summary>
    Partition,

    /// <summary>Some links go dead in one direction.</summary>
    OneWayCut,

    /// <summary>A process dies; what was not synced is lost, but for what happened to reach the disk.</summary>
    Crash,

    /// <summary>A process ends in order, with all that waits for its disk, and its store is sealed.</summary>
    Stop,

    /// <summary>All processes die at one moment.</summary>
    PowerLoss,

    /// <summary>A process dies while writing: a row is neither old nor new, and its checksum fails.</summary>
    TornCrash,

    /// <summary>A process dies and its disk is replaced by an empty one.</summary>
    Wipe,

    /// <summary>A backup is taken of a node; or a process dies, its disk is replaced, and the node is restored from its backup.</summary>
    Restore,

    /// <summary>A row at rest is damaged.</summary>
    BitFlip,

    /// <summary>Syncs fail for a while.</summary>
    FailingDisk,

    /// <summary>Syncs report success for a while and leave everything in a cache that a crash empties.</summary>
    LyingDisk,

    /// <summary>A clock is set forward.</summary>
    ClockJump,

    /// <summary>A process stands still: nothing reaches it, and then everything at once.</summary>
    Pause,

    /// <summary>A new node with an empty disk joins.</summary>
    Join,

    /// <summary>A member leaves, and its process ends when it has left.</summary>
    Leave,

    /// <summary>A process dies with its disk and never comes back; its node is removed.</summary>
    Remove,

    /// <summary>A process dies with its disk and never comes back; a new node takes its place.</summary>
    Replace,

    /// <summary>A member gets another weight.</summary>
    Weigh,
}
