using System.Collections.Immutable;

namespace Dynamo.Simulation;

/// <summary>A kind of trouble, drawn in its details from the seed.</summary>
[Flags]
public enum Trouble
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Messages are lost, doubled and late.</summary>
    Loss = 1 << 0,

    /// <summary>The network falls apart into groups that do not hear each other.</summary>
    Partition = 1 << 1,

    /// <summary>Links fail in one direction.</summary>
    Asymmetric = 1 << 2,

    /// <summary>Processes die, one or all at once, and what was not synced is gone; they start again.</summary>
    Crash = 1 << 3,

    /// <summary>Writes fail, writes are torn by a crash, bits flip.</summary>
    Disk = 1 << 4,

    /// <summary>A sync reports what a crash then takes away.</summary>
    DiskLies = 1 << 5,

    /// <summary>A node comes back with an empty disk.</summary>
    Wipe = 1 << 6,

    /// <summary>Clocks stand wrong, drift and jump.</summary>
    Clock = 1 << 7,

    /// <summary>Nodes and disks are slow, and stand still for seconds.</summary>
    Slow = 1 << 8,

    /// <summary>Some messages come, once or twice, when everybody has long forgotten them.</summary>
    Late = 1 << 9,

    /// <summary>Nodes join, leave, die for good and are replaced, and get other weights.</summary>
    Churn = 1 << 10,

    /// <summary>A node comes back with an empty disk and a backup of earlier.</summary>
    Restore = 1 << 11,
}

/// <summary>A named set of troubles that runs are made with.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Sentence">What it is for.</param>
/// <param name="Troubles">What happens in it.</param>
/// <param name="Draws">Whether each run draws its own troubles out of those.</param>
public sealed record FaultProfile(string Name, string Sentence, Trouble Troubles, bool Draws = false)
{
    /// <summary>The profile in which puts cut clocks as the paper has it.</summary>
    public const string TruncatePaper = "truncate-paper";

    /// <summary>The profile in which one set grows under a partition, after Jepsen's test of Riak.</summary>
    public const string JepsenSet = "jepsen-set";

    /// <summary>The profile in which a node loses its disk and exchanges alone restore it.</summary>
    public const string Rebuild = "rebuild";

    /// <summary>The profile in which a node loses its disk and reading alone restores it.</summary>
    public const string ReadRepair = "read-repair";

    /// <summary>The profile that measures what clients feel of the delivery of many hints.</summary>
    public const string HintStorm = "hint-storm";

    /// <summary>The profile in which the membership changes.</summary>
    public const string Churn = "churn";

    /// <summary>The profile in which nodes are restored from backups.</summary>
    public const string Restore = "restore";

    /// <summary>The profile in which every store is a buffer, and what is not durable is lost with it.</summary>
    public const string Buffered = "buffered";

    /// <summary>Every profile, in the order in which they are worth trying.</summary>
    public static readonly ImmutableArray<FaultProfile> All =
    [
        new("calm", "nothing goes wrong", Trouble.None),
        new("lossy", "messages are lost, doubled, late and out of order", Trouble.Loss),
        new("late", "some messages come twice, or when everybody has long forgotten them", Trouble.Late),
        new("partition", "the network falls apart into groups and heals", Trouble.Partition),
        new("asymmetric", "links fail in one direction", Trouble.Asymmetric),
        new("crash", "processes die, one or all at once, losing what was not synced", Trouble.Crash),
        new("disk", "writes fail, are torn by crashes, and bits flip", Trouble.Disk | Trouble.Crash),
        new("disk-lies", "a sync reports what a crash then takes away", Trouble.DiskLies | Trouble.Crash),
        new("wipe", "nodes come back with an empty disk", Trouble.Wipe),
        new(Restore, "disks are replaced, all but one node's, and the nodes restored from backups", Trouble.Restore),
        new("clock", "clocks stand wrong, drift and jump", Trouble.Clock | Trouble.Crash),
        new("slow", "nodes and disks are slow and stand still for seconds", Trouble.Slow),
        new(Churn, "nodes join, leave, die for good and are replaced, among a mixture of other troubles",
            Trouble.Churn | Trouble.Loss | Trouble.Partition | Trouble.Asymmetric | Trouble.Crash | Trouble.Disk | Trouble.Wipe
                | Trouble.Clock | Trouble.Slow | Trouble.Late, Draws: true),
        new(Buffered, "stores are buffers that answer before they are durable, among a mixture of other troubles",
            Trouble.Loss | Trouble.Partition | Trouble.Asymmetric | Trouble.Crash | Trouble.Disk | Trouble.Wipe
                | Trouble.Clock | Trouble.Slow | Trouble.Late | Trouble.Churn, Draws: true),
        new("swarm", "each run draws its own mixture of all but lying disks",
            Trouble.Loss | Trouble.Partition | Trouble.Asymmetric | Trouble.Crash | Trouble.Disk | Trouble.Wipe
                | Trouble.Clock | Trouble.Slow | Trouble.Late | Trouble.Churn, Draws: true),
        new(TruncatePaper, "puts cut clocks as in the paper: what was replaced or deleted may return, and is counted",
            Trouble.Loss | Trouble.Partition | Trouble.Crash | Trouble.Wipe),
        new(JepsenSet, "one set grows while {n1,n2} and {n3,n4,n5} are cut apart, as siblings and with last-write-wins",
            Trouble.None),
        new(Rebuild, "one node of five loses its disk and gets it all back without a client's help", Trouble.None),
        new(ReadRepair, "one node of five loses its disk, and every key that is read comes back to it", Trouble.None),
        new(HintStorm, "a node comes back to thousands of hints, and clients must not feel it", Trouble.None),
    ];

    /// <summary>The profile of a name; null when there is none.</summary>
    public static FaultProfile? Find(string name) => All.FirstOrDefault(profile => profile.Name == name);
}
