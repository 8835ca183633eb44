using Dynamo.Core;

namespace Dynamo.Chaos.Faults;

/// <summary>Something that goes wrong for a while, and heals.</summary>
internal abstract class Fault
{
    /// <summary>Every kind, by the name it has on the command line.</summary>
    public static readonly IReadOnlyList<FaultChoice> All =
    [
        new("kill", "one node is killed (SIGKILL) and started again", (fleet, random) => new KillFault(Some(fleet, random, 1))),
        new("kill-all", "all nodes are killed at once and started again", (fleet, _) => new KillFault([.. Enumerable.Range(0, fleet.Count)])),
        new("stop", "one node stands still (SIGSTOP) and goes on (SIGCONT)", (fleet, random) => new StopFault(Some(fleet, random, 1))),
        new("restart", "one node is stopped in order (SIGTERM) and started again", (fleet, random) => new RestartFault(Some(fleet, random, 1)[0])),
        new("partition", "two nodes are cut from the others", (fleet, random) => new CutFault(Some(fleet, random, 2), bothWays: true), Network: true),
        new("one-way", "one node hears the others and is not heard", (fleet, random) => new CutFault(Some(fleet, random, 1), bothWays: false), Network: true),
        new("loss", "one packet in ten to or from two nodes is lost", (fleet, random) => new SlowFault(Some(fleet, random, 2), 0.1, 0, 0), Network: true),
        new("delay", "packets to or from two nodes take 40 to 80 ms", (fleet, random) => new SlowFault(Some(fleet, random, 2), 0, 40, 40), Network: true),
        new("full-disk", "one node's disk is full", (fleet, random) => new FullDiskFault(Some(fleet, random, 1)[0]), Disk: true),
    ];

    /// <summary>What happens, for the report.</summary>
    public abstract string Description { get; }

    /// <summary>The nodes of which nothing can be asked while it lasts; requests sent to them count for nothing.</summary>
    public abstract IReadOnlyList<int> Silenced { get; }

    /// <summary>What was found wrong besides what clients saw.</summary>
    public virtual IReadOnlyList<string> Findings => [];

    /// <summary>Lets it begin.</summary>
    public abstract Task Begin(Fleet fleet, CancellationToken cancel);

    /// <summary>Heals it.</summary>
    public abstract Task End(Fleet fleet, CancellationToken cancel);

    /// <summary>Different nodes, in order.</summary>
    private static int[] Some(Fleet fleet, Prng random, int count)
    {
        var nodes = new SortedSet<int>();
        while (nodes.Count < Math.Min(count, fleet.Count)) nodes.Add(random.Below(fleet.Count));
        return [.. nodes];
    }

    protected static string Names(IEnumerable<int> nodes) => string.Join(", ", nodes.Select(Beds.Bed.NameOf));
}

/// <summary>A kind of fault.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sentence">What it does.</param>
/// <param name="Draw">Makes one, with its nodes drawn.</param>
/// <param name="Network">Whether it needs a network that can be broken.</param>
/// <param name="Disk">Whether it needs disks that can be filled.</param>
internal sealed record FaultChoice(
    string Name, string Sentence, Func<Fleet, Prng, Fault> Draw, bool Network = false, bool Disk = false);
